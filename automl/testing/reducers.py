"""The contract of a family of dimensionality reduction: what a plug-in author runs, and what every family here is held to.

from automl.testing.reducers import CHECKS
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_family(check): check(FAMILY)
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Context, Family, FitData, Progress
from automl.inference.forms import Form, Model
from automl.inference.reconstruct import reconstructor
from automl.inference.storage import from_bytes, to_bytes

TASK = "dimensionality_reduction"


def sample(n_rows: int = 150, n_columns: int = 12, n_classes: int = 4, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return a scaled table (n_rows, n_columns) of some groups on a bent surface, and codes (n_rows,) of the groups."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % n_classes
    hidden = rng.normal(0, 0.4, (n_rows, 3)) + 2.0 * np.random.default_rng(1).normal(size=(n_classes, 3))[y]
    x = np.tanh(hidden @ np.random.default_rng(2).normal(size=(3, n_columns))) + 0.05 * rng.normal(size=(n_rows, n_columns))
    spread = x.std(axis=0)
    return ((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)).astype(np.float32), y.astype(np.int64)


def reduced(
    family: Family, x: NDArray[np.float32], y: NDArray[np.int64], m: int = 3, seed: int = 0, progress: Progress | None = None, **options: Any
) -> tuple[Any, Form, NDArray[np.float32]]:
    """Return (estimator, form, coordinates of the rows) of a fit with defaults and `options`."""
    context = Context(TASK, len(x), x.shape[1], int(y.max(initial=0)) + 1, seed=seed)
    params = {**family.space(context).default(), "components": m, **{k: v for k, v in options.items() if k in family.space(context)}}
    estimator = family.fit(family.build(params, context), FitData(x, y), progress or Progress())
    assert family.fitted is not None, family.name
    return estimator, family.export(estimator, context), family.fitted(estimator)


def places_its_own_rows(family: Family) -> None:
    """Every row gets coordinates, as many as asked for at most, and the form says the same of these rows as the fit does."""
    x, y = sample()
    estimator, form, z = reduced(family, x, y)
    placed = Model(form).predict(x)
    assert z.shape == placed.shape and len(z) == len(x) and 1 <= z.shape[1] <= 3, family.name
    assert z.dtype == placed.dtype == np.float32 and np.isfinite(z).all(), family.name
    assert np.abs(placed - z).max() < 1e-3 * np.abs(z).max(), family.name
    assert np.abs(family.predict(estimator, x) - placed).max() < 1e-5 * np.abs(z).max(), family.name


def places_new_rows_among_their_like(family: Family) -> None:
    """Rows that were not fitted lie nearer to their own group than to others, mostly: the groups are far apart."""
    x, y = sample()
    more, of = sample(60, seed=5)
    _, form, z = reduced(family, x, y)
    placed = Model(form).predict(more)
    centres = np.stack([z[y == c].mean(axis=0) for c in range(4)])
    nearest = np.square(placed[:, None, :] - centres[None]).sum(axis=2).argmin(axis=1)
    assert (nearest == of).mean() > 0.6, (family.name, float((nearest == of).mean()))


def form_survives_the_disk(family: Family) -> None:
    """The stored form answers as the one in memory, and gives rows back as it does."""
    x, y = sample()
    _, form, _ = reduced(family, x, y)
    again = from_bytes(to_bytes(form), "model")
    z = Model(form).predict(x)
    assert (Model(again).predict(x) == z).all(), family.name
    back, back_again = reconstructor(form), reconstructor(again)
    assert (back is None) == (back_again is None), family.name
    if back is not None and back_again is not None:
        assert back(z).shape == x.shape and (back(z) == back_again(z)).all(), family.name


def same_seed_same_answer(family: Family) -> None:
    """Two fits with one seed are the same."""
    x, y = sample(80)
    first, second = (reduced(family, x, y, seed=3)[2] for _ in range(2))
    assert np.allclose(first, second, atol=1e-4 * np.abs(first).max()), family.name


def input_is_untouched(family: Family) -> None:
    """Neither the fit nor the form writes into the table it gets."""
    x, y = sample(80)
    before = x.copy()
    _, form, _ = reduced(family, x, y)
    Model(form).predict(x)
    assert (x == before).all(), family.name


def bears_odd_tables(family: Family) -> None:
    """Far more columns than rows, copies of rows, dead columns, a handful of rows: coordinates that are numbers come out."""
    wide, of = sample(24, 300)
    few, two = sample(8, 3, 2)
    copies, groups = sample(40)
    dead = copies.copy()
    dead[:, 3:] = 0.0
    for x, y in ((wide, of), (few, two), (np.repeat(copies[:10], 4, axis=0), np.repeat(groups[:10], 4)), (dead, groups)):
        _, form, z = reduced(family, x, y, m=2, steps=200, kept=20)
        placed = Model(form).predict(x[:1])
        assert np.isfinite(z).all() and np.isfinite(placed).all() and placed.shape == (1, z.shape[1]), (family.name, x.shape)


def obeys_its_deadline(family: Family) -> None:
    """A family that looks at the clock ends at once when its time is over, with what it has."""
    if family.interruptible:
        import time

        x, y = sample(400)
        began = time.process_time()
        _, _, z = reduced(family, x, y, progress=Progress(time.monotonic()), steps=20_000)
        assert np.isfinite(z).all() and time.process_time() - began < 10, family.name


CHECKS: tuple[Callable[[Family], None], ...] = (
    places_its_own_rows, places_new_rows_among_their_like, form_survives_the_disk, same_seed_same_answer, input_is_untouched,
    bears_odd_tables, obeys_its_deadline,
)  # fmt: skip
