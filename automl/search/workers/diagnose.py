"""A diagnosis inside a worker: the winner's options learned from labels that mean nothing, and from fewer rows than there are."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import sample, share_of
from automl.data.units import Units, dense, parts
from automl.families.base import Context, Family
from automl.features.monotone import signs
from automl.inference.forms import Model
from automl.inference.storage import read_form
from automl.registry import resolve
from automl.search.objectives import OBJECTIVES
from automl.search.paired import Score, paired
from automl.search.store import Rows, Store
from automl.search.workers.fitting import fit, moment
from automl.search.workers.job import Send, Told
from automl.search.workers.trial import TRAIN_ROWS

SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
LEAST_ROWS = 20  # to learn from, and to score on
SHUFFLES = 200  # of the scored rows' labels, that say what chance gives
ATTEMPTS = 10  # permutations until the rows to learn from have more than one class


START_SECONDS = 0.7  # beside its fits: its process, its files, the shuffles and resamples
SAFETY = 1.3  # a fit alone on the machine may still be slower than the one that was measured


def predicted_seconds(fold_seconds: Sequence[float], kept: bool, permuted: bool = True) -> float:
    """Return what a diagnosis should take: a fit per share of the rows, the whole being there when it was kept, and one on permuted labels."""
    fits = sum(SHARES) - (1 if kept else 0) + (1 if permuted else 0)
    return START_SECONDS + SAFETY * fits * (sum(fold_seconds) / len(fold_seconds) if fold_seconds else 0.0)


@dataclass(frozen=True)
class _Bench:
    """What every fit of a diagnosis shares."""

    job: dict[str, Any]
    store: Store
    family: Family
    score: Score
    learn: Rows
    scored: Rows
    deadline: float

    @property
    def late(self) -> bool:
        """Return whether a fit that ended now may have been cut by its deadline."""
        return time.monotonic() >= self.deadline


def run_diagnose(job: dict[str, Any], send: Send, told: Told) -> None:
    """Tell what a fit on permuted labels scores, then what fits on growing shares of the rows do; each as soon as it is known."""
    store = Store.open(Path(job["store"]))
    objective = OBJECTIVES.get(job["context"]["task"], job["context"]["task"])

    def score(y: Rows, output: NDArray[np.float64], weight: NDArray[np.float64] | None = None) -> float:
        return objective.score(job["metric"], y, output, job["positive"], job["costs"], weight)

    learn, scored = _rows(store, job)
    family: Family = resolve(job["family"])  # type: ignore[assignment]
    bench = _Bench(job, store, family, score, learn, scored, moment(job["deadline"]))
    if job["permuted"]:
        send({"kind": "permuted", **_permuted(bench)})
    _curve(bench, send)


def _rows(store: Store, job: dict[str, Any]) -> tuple[Rows, Rows]:
    """Return the rows to learn from and to score on: those of a fold; where a fold is a row or few, a fifth of the training rows."""
    if job["fold"] is not None:
        return store.rows(job["fold"])
    units = Units.make(store.y[store.train], store.unit_of(store.train))
    held = parts(units, 5, np.random.default_rng(job["context"]["seed"]))[units.of] == 0
    return store.train[~held], store.train[held]


def _fitted(bench: _Bench, y: Rows, learn: Rows) -> tuple[Model, Any, Any]:
    """Return a model of some rows with codes `y` (n_rows,), and the matrices of its rows and of the scored ones; features are its own."""
    store = replace(bench.store, y=y, folds=((learn, bench.scored),))
    features, x, x_score = store.fresh(bench.family.needs_of(bench.job["params"]), 0)
    seed = bench.job["context"]["seed"] + (bench.job["fold"] or 0)
    context = replace(Context(**bench.job["context"]), seed=seed, monotone=signs(features, bench.job.get("monotone") or {}))
    about = store.unit_of(learn), store.time_of(learn), store.weight_of(learn)
    estimator = fit(bench.family, bench.job, bench.job["params"], context, x, y[learn], bench.deadline, *about)
    return Model(bench.family.export(estimator, context)), x, x_score


def permuted_labels(store: Store, rows: Rows, rng: np.random.Generator) -> Rows:
    """Return (n_rows,) codes in which the labels of `rows` have changed places, whole units at a time.

    A unit gets the labels of another, in any order, repeated or cut where that one is smaller or larger: so what rows of a unit
    have in common they still have, and pairs of one case and one control change places within themselves.
    """
    unit = dense(store.unit_of(rows))
    order = np.lexsort((rng.random(len(rows)), unit))
    size = np.bincount(unit)
    start = np.cumsum(size) - size
    within = np.arange(len(rows)) - np.repeat(start, size)
    source = rng.permutation(len(size))[unit[order]]
    y = store.y.copy()
    y[rows[order]] = store.y[rows[order]][start[source] + within % size[source]]
    return y


def _permuted(bench: _Bench) -> dict[str, object]:
    """Return what a model of permuted labels scores on rows whose labels were permuted with them, and what chance gives.

    The permutation test of Ojala and Garriga (2010, test 1) with one permutation: nothing can be learned, so a score beyond
    chance says that labels of the scored rows reached the fit. Chance is the same predictions held against the scored labels
    shuffled again, so that it is right for every metric, also for those on which a constant answer scores worse than guessing.
    """
    store, learn, scored = bench.store, bench.learn, bench.scored
    rng = np.random.default_rng(bench.job["context"]["seed"])
    every = np.unique(np.concatenate([learn, scored]))
    for _ in range(ATTEMPTS):
        y = permuted_labels(store, every, rng)
        if len(np.unique(y[learn])) > 1 and len(np.unique(y[scored])) > 1:
            break
    else:
        return {"why_not": "the groups of rows are too few to permute their labels"}
    model, _, x_score = _fitted(bench, y, learn)
    if bench.late:
        return {"why_not": "the fit on permuted labels did not end in time"}
    output = model.predict(x_score).astype(np.float64)
    shuffled = replace(store, y=y)
    weight = store.weight_of(scored)
    chance = np.array([bench.score(permuted_labels(shuffled, scored, rng)[scored], output, weight) for _ in range(SHUFFLES)])
    low, high = np.quantile(chance, (0.025, 0.975))
    return {
        "score": bench.score(y[scored], output, weight), "chance": float(chance.mean()), "deviation": float(chance.std(ddof=1)),
        "low": float(low), "high": float(high),
        "worst": float(chance.min()), "best": float(chance.max()), "n_scored": len(scored), "n_learned": len(learn),
        "n_units": len(np.unique(store.unit_of(scored))), "shuffles": SHUFFLES,
    }  # fmt: skip


def _curve(bench: _Bench, send: Send) -> None:
    """Send a point per share of the rows, smallest first, and what more rows brought."""
    store, seed = bench.store, bench.job["context"]["seed"]
    y = store.y
    outputs: dict[float, Any] = {}
    before = 0
    for share in SHARES:
        learn = bench.learn[share_of(y[bench.learn], share, seed, store.unit_of(bench.learn), store.time_of(bench.learn))]
        if len(learn) < LEAST_ROWS or len(learn) <= before or len(np.unique(y[learn])) < len(np.unique(y[bench.learn])):
            continue
        before = len(learn)
        model, x, x_score = _whole(bench) if share == 1 else _fitted(bench, y, learn)
        if bench.late:
            send({"kind": "late"})
            return
        some = sample(np.arange(len(learn)), TRAIN_ROWS, seed)
        outputs[share] = model.predict(x_score).astype(np.float64)
        value = bench.score(y[bench.scored], outputs[share], store.weight_of(bench.scored))
        train = bench.score(y[learn[some]], model.predict(x[some]).astype(np.float64), store.weight_of(learn[some]))
        send({
            "kind": "point", "share": share, "rows": len(learn), "score": _finite(value), "train": _finite(train),
            "train_rows": len(some), "n_scored": len(bench.scored),
        })  # fmt: skip
    if {0.5, 1.0} <= outputs.keys():
        send({"kind": "growth", **_growth(bench, outputs)})


def _growth(bench: _Bench, outputs: dict[float, Any]) -> dict[str, object]:
    """Return what the whole gained on half of the rows and on a quarter, and the interval of the whole, by shared resamples of the scored rows."""
    shares = [share for share in (1.0, 0.5, 0.25) if share in outputs]
    scored = bench.scored
    y, units, weights = [bench.store.y[scored]], [bench.store.unit_of(scored)], [bench.store.weight_of(scored)]
    found = paired(bench.score, y, units, [[outputs[s]] for s in shares], bench.job["context"]["seed"], weights=weights)
    assert found is not None, "without a limit it always ends"
    own = found.draws[:, 0][np.isfinite(found.draws[:, 0])]
    out: dict[str, object] = {"whole": np.quantile(own, (0.025, 0.975)).tolist() if len(own) else [None, None]}
    for place, name in enumerate(("half", "quarter")[: len(shares) - 1], 1):
        gain, low, high = found.difference(0, place)
        out[name] = {"difference": _finite(gain), "interval": [_finite(low), _finite(high)]}
    return out


def _whole(bench: _Bench) -> tuple[Model, Any, Any]:
    """Return the model of all learning rows: the one that the search made, where it was kept."""
    path = bench.job["model"]
    if path is None or bench.job["fold"] is None:
        return _fitted(bench, bench.store.y, bench.learn)
    _, x, x_score = bench.store.features(bench.family.needs_of(bench.job["params"]), bench.job["fold"])
    return Model(read_form(Path(path))), x, x_score


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
