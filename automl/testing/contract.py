"""The contract of a model family: what a plug-in author runs, and what every family here is held to.

from automl.testing.contract import CHECKS
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_family(check): check(FAMILY)
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Context, Family, FitData, Progress
from automl.features.fit import fit_features
from automl.inference.features import Features
from automl.inference.forms import Form, Model
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Column, Field, Table

FIELDS = (Field("number", "number"), Field("word", "category"), Field("text", "text"), Field("day", "date"))


def sample(n_rows: int = 300, n_classes: int = 2, seed: int = 0) -> tuple[Table, NDArray[np.int64]]:
    """Return a table with every kind of column and missing cells, and codes (n_rows,) that can be learned from it."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % n_classes
    number = y + rng.normal(0, 0.5, n_rows)
    number[rng.random(n_rows) < 0.1] = np.nan
    words = ("red", "green", "blue", "grey")
    codes = np.where(rng.random(n_rows) < 0.6, y % 4, rng.integers(-1, 4, n_rows)).astype(np.int32)
    texts = tuple(f"a note on class {'abcd'[c]}{'abcd'[c]} number {i % 7}" for i, c in enumerate(y))
    day = 1.7e9 + 86400.0 * rng.integers(0, 700, n_rows)
    columns = {
        "number": Column("number", number), "word": Column("coded", codes, words),
        "text": Column("coded", np.arange(n_rows, dtype=np.int32), texts), "day": Column("date", day),
    }  # fmt: skip
    return Table(columns, n_rows), y.astype(np.int64)


def fitted(family: Family, n_classes: int = 2, seed: int = 0, progress: Progress | None = None, n_rows: int = 300) -> tuple[Any, Form, Features, Any, Context]:
    """Return (estimator, form, features, matrix, context) of a default fit on the sample."""
    table, y = sample(n_rows, n_classes, seed)
    context = Context("classification", n_rows, len(FIELDS), n_classes, seed=seed, text=True)
    features = Features(fit_features(table, FIELDS, y, family.needs))
    x = features.transform(table)
    data = FitData(x, y)
    if family.rounds is not None or family.calibrates:
        data = FitData(x[: n_rows - 50], y[: n_rows - 50], x[n_rows - 50 :], y[n_rows - 50 :])
    estimator = family.fit(family.build(family.space(context).default(), context), data, progress or Progress())
    return estimator, family.export(estimator, context), features, x, context


def learns_two_and_more_classes(family: Family) -> None:
    """A default fit beats guessing by far on separable classes; probabilities are finite and sum to one."""
    for n_classes in (2, 4):
        _, form, features, _, _ = fitted(family, n_classes)
        table, y = sample(200, n_classes, seed=7)
        proba = Model(form).predict(features.transform(table))
        assert proba.shape == (200, n_classes), f"{family.name}: shape {proba.shape}"
        assert np.isfinite(proba).all() and np.allclose(proba.sum(axis=1), 1, atol=1e-4)
        assert (proba.argmax(axis=1) == y).mean() > 0.8, f"{family.name} does not learn {n_classes} classes"


def form_agrees_with_library(family: Family) -> None:
    """The form predicts what the library predicts, missing values included."""
    for n_classes in (2, 4):
        estimator, form, _, x, _ = fitted(family, n_classes)
        difference = np.abs(Model(form).predict(x) - family.predict(estimator, x)).max()
        assert difference < 1e-5, f"{family.name}: form and library differ by {difference:g}"


def form_survives_the_disk(family: Family) -> None:
    """Written and read again, a form predicts the same to the last bit."""
    _, form, _, x, _ = fitted(family)
    again = from_bytes(to_bytes(form), "form")
    assert np.array_equal(Model(form).predict(x), Model(again).predict(x))


def same_seed_same_answer(family: Family) -> None:
    """Two fits with one seed agree."""
    first, second = fitted(family, seed=3), fitted(family, seed=3)
    assert np.array_equal(Model(first[1]).predict(first[3]), Model(second[1]).predict(second[3])), family.name


def input_is_untouched(family: Family) -> None:
    """A fit and a prediction leave the matrix as it was."""
    table, y = sample()
    context = Context("classification", len(y), len(FIELDS), 2, text=True)
    x = Features(fit_features(table, FIELDS, y, family.needs)).transform(table)
    dense = x if isinstance(x, np.ndarray) else x.data
    before = dense.copy()
    estimator = family.fit(family.build(family.space(context).default(), replace(context, rounds=5 if family.rounds else None)), FitData(x, y), Progress())
    Model(family.export(estimator, context)).predict(x)
    family.predict(estimator, x)
    assert np.array_equal(before, dense, equal_nan=True), family.name


def takes_unseen_and_single_rows(family: Family) -> None:
    """One row predicts as it does among many; an unseen category and missing cells predict too."""
    _, form, features, x, _ = fitted(family)
    model = Model(form)
    many, one = model.predict(x[:5]), model.predict(x[:1])
    assert np.allclose(many[0], one[0], atol=1e-6)
    strange = {
        "number": Column("number", np.array([np.nan])), "word": Column("coded", np.array([0], np.int32), ("never seen",)),
        "text": Column("coded", np.array([-1], np.int32)), "day": Column("date", np.array([np.nan])),
    }  # fmt: skip
    assert np.isfinite(model.predict(features.transform(Table(strange, 1)))).all(), family.name


def obeys_its_deadline(family: Family) -> None:
    """A fit whose time is over from the start ends quickly and can still predict."""
    began = time.monotonic()
    _, form, _, x, _ = fitted(family, progress=Progress(deadline=began), n_rows=2000)
    assert time.monotonic() - began < 10, f"{family.name} went on for {time.monotonic() - began:.1f} s"
    assert np.isfinite(Model(form).predict(x)).all()


def stops_where_it_was_told(family: Family) -> None:
    """A fit with a known length has exactly that length: a refit repeats what was judged."""
    if family.rounds is None:
        return
    table, y = sample()
    context = Context("classification", len(y), len(FIELDS), 2, rounds=7, text=True)
    x = Features(fit_features(table, FIELDS, y, family.needs)).transform(table)
    estimator = family.fit(family.build(family.space(context).default(), context), FitData(x, y), Progress())
    assert family.rounds(estimator) == 7, family.name


def a_class_may_be_absent(family: Family) -> None:
    """A fold without a class still gives a column for it, next to zero."""
    table, y = sample(300, 4)
    keep = np.flatnonzero(y != 2)
    context = Context("classification", len(keep), len(FIELDS), 4, rounds=20 if family.rounds else None, text=True)
    x = Features(fit_features(table.take(keep), FIELDS, y[keep], family.needs)).transform(table.take(keep))
    estimator = family.fit(family.build(family.space(context).default(), context), FitData(x, y[keep]), Progress())
    proba = Model(family.export(estimator, context)).predict(x)
    assert proba.shape[1] == 4 and proba[:, 2].mean() < 0.2, family.name


def a_class_may_be_alone(family: Family) -> None:
    """Rows of one class, or a single row of the other, break nothing; every probability is finite."""
    table, y = sample(60)
    for rows in (np.flatnonzero(y == 1), np.append(np.flatnonzero(y == 1), 0)):
        context = Context("classification", len(rows), len(FIELDS), 2, rounds=5 if family.rounds else None, text=True)
        x = Features(fit_features(table.take(rows), FIELDS, y[rows], family.needs)).transform(table.take(rows))
        estimator = family.fit(family.build(family.space(context).default(), context), FitData(x, y[rows]), Progress())
        proba = Model(family.export(estimator, context)).predict(x)
        assert proba.shape == (len(rows), 2) and np.isfinite(proba).all() and proba[:, 1].mean() > 0.5, family.name
        assert np.abs(proba - family.predict(estimator, x)).max() < 1e-5, f"{family.name}: form and library differ"


def bears_dead_and_twin_columns(family: Family) -> None:
    """Columns that are constant in the rows of a fit, or copies of one another, change no probability into nonsense."""
    rng = np.random.default_rng(5)
    y = np.arange(120) % 3
    number = y + rng.normal(0, 0.4, 120)
    x = np.stack([number, number, -number, np.zeros(120), np.ones(120), (y == 1) * 1.0, (y == 1) * 1.0, rng.normal(size=120)], axis=1).astype(np.float32)
    context = Context("classification", 120, x.shape[1], 3, rounds=20 if family.rounds else None)
    estimator = family.fit(family.build(family.space(context).default(), context), FitData(x, y), Progress())
    asked = x.copy()
    asked[::2, 3:5] = 8.0  # what never varied may vary later
    for rows in (x, asked):
        proba = Model(family.export(estimator, context)).predict(rows)
        assert np.isfinite(proba).all() and np.abs(proba - family.predict(estimator, rows)).max() < 1e-5, family.name
    assert (Model(family.export(estimator, context)).predict(x).argmax(axis=1) == y).mean() > 0.8, family.name


def obeys_weights(family: Family) -> None:
    """Rows of one class that weigh more make the class likelier."""
    if not family.weighted:
        return
    means = []
    rng = np.random.default_rng(11)
    x = rng.normal(size=(400, 3)).astype(np.float32)
    y = (x[:, 0] + rng.normal(0, 1.5, 400) > 0).astype(np.int64)
    context = Context("classification", 300, 3, 2, rounds=20 if family.rounds else None)
    held = family.calibrates
    for heavier in (0, 1):
        weight = np.where(y == heavier, 1.6, 0.4).astype(np.float32)
        parts = (x[:300], y[:300], x[300:] if held else None, y[300:] if held else None, weight[:300], weight[300:] if held else None)
        estimator = family.fit(family.build(family.space(context).default(), context), FitData(*parts), Progress())
        means.append(float(Model(family.export(estimator, context)).predict(x)[:, 1].mean()))
    assert means[1] > means[0] + 0.1, f"{family.name}: a class that weighs four times as much is not likelier: {means}"


def weights_are_like_repeats(family: Family) -> None:
    """Rows that weigh three make their class as likely as three copies of each do; single rows may differ, as leaves count rows."""
    if not family.weighted:
        return
    rng = np.random.default_rng(12)
    x = rng.normal(size=(500, 3)).astype(np.float32)
    y = (x[:, 0] + rng.normal(0, 1.0, 500) > 0).astype(np.int64)
    times = 1 + 2 * y
    weight = (times / times.mean()).astype(np.float32)
    parts = (np.arange(400), np.arange(400, 500) if family.calibrates else np.arange(0))
    context = Context("classification", 400, 3, 2, rounds=20 if family.rounds else None)
    found = []
    for repeated in (False, True):
        a, b = (np.repeat(rows, times[rows]) if repeated else rows for rows in parts)
        held = (x[b], y[b]) if len(b) else (None, None)
        weights = (None, None) if repeated else (weight[a], weight[b] if len(b) else None)
        estimator = family.fit(family.build(family.space(context).default(), replace(context, n_rows=len(a))), FitData(x[a], y[a], *held, *weights), Progress())
        found.append(Model(family.export(estimator, context)).predict(x)[:, 1].mean())
    difference = float(abs(found[0] - found[1]))
    assert difference < 0.06, f"{family.name}: weights and copies differ by {difference:.3f} in the mean"


def keeps_what_rises(family: Family) -> None:
    """Along a column with a sign, the probability of class 1 never moves the other way, whatever the data say."""
    if not family.monotone:
        return
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3)).astype(np.float32)
    y = (np.sin(3 * x[:, 0]) + x[:, 0] + x[:, 1] + rng.normal(0, 0.5, 400) > 0).astype(np.int64)
    x[rng.random(x.shape) < 0.05] = np.nan
    grid = np.repeat(x[:40], 60, axis=0)
    grid[:, 0] = np.tile(np.linspace(-3, 3, 60, dtype=np.float32), 40)
    moved = {}
    for sign in (0, 1, -1):
        context = Context("classification", 400, 3, 2, rounds=40 if family.rounds else None, monotone=(sign, 0, 0))
        estimator = family.fit(family.build(family.space(context).default(), context), FitData(x, y), Progress())
        proba = Model(family.export(estimator, context)).predict(grid)[:, 1].reshape(40, 60)
        moved[sign] = np.diff(proba, axis=1)
    assert moved[1].min() >= -1e-6 and moved[-1].max() <= 1e-6, f"{family.name} does not keep Context.monotone"
    assert moved[1].max() > 0.01 and moved[0].min() < -0.01, f"{family.name}: without a sign the data are followed, with one they still are where they may be"


def takes_what_little_there_is(family: Family) -> None:
    """Two rows, and columns that are all equal or all missing, give finite probabilities."""
    few = np.array([[0.0, 1.0], [1.0, 1.0]], dtype=np.float32)
    constant = np.full((40, 2), 1.0, dtype=np.float32)
    missing = constant * (np.float32(np.nan) if not family.needs.scaled else np.float32(0.0))
    for x, y in ((few, np.array([0, 1])), (constant, np.arange(40) % 2), (missing, np.arange(40) % 2)):
        context = Context("classification", len(y), 2, 2, rounds=3 if family.rounds else None)
        estimator = family.fit(family.build(family.space(context).default(), context), FitData(x, y), Progress())
        form = family.export(estimator, context)
        proba = Model(form).predict(x)
        assert proba.shape == (len(y), 2) and np.isfinite(proba).all() and np.allclose(proba.sum(axis=1), 1, atol=1e-4), family.name
        assert np.abs(proba - family.predict(estimator, x)).max() < 1e-5, family.name


CHECKS: tuple[Callable[[Family], None], ...] = (
    learns_two_and_more_classes, form_agrees_with_library, form_survives_the_disk, same_seed_same_answer, input_is_untouched,
    takes_unseen_and_single_rows, obeys_its_deadline, stops_where_it_was_told, a_class_may_be_absent,
    a_class_may_be_alone, bears_dead_and_twin_columns, obeys_weights, weights_are_like_repeats,
    keeps_what_rises, takes_what_little_there_is,
)  # fmt: skip
