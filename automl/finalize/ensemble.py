"""Which trials answer together, and whether that pays: weights by greedy selection, judged on folds that they were not chosen on."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import share_of
from automl.data.units import mean_of
from automl.finalize.candidate import Candidate, FoldModel, Member
from automl.finalize.folds import fold_model, out_of_fold_of
from automl.finalize.greedy import greedy
from automl.finalize.refit import made_by
from automl.finalize.refits import Refitted
from automl.inference.blend import Views, Voice, blend, views
from automl.inference.forms import Form
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.paired import paired
from automl.search.race import log_loss
from automl.search.store import Store
from automl.search.study import Study, Trial

MOST_CONSIDERED = 100  # trials, for the time that choosing takes
ROWS = 20_000  # that weights are chosen on
SHARE = 0.01  # of the time so far, that looking at who would be a member may take
NEGLIGIBLE = 0.05  # a smaller weight is not worth a model
PARTS = 5  # of the units of a single fold, each judged with weights chosen on the others


@dataclass(frozen=True)
class Choice:
    """Trials and their weights, the heaviest first; `fold_weights` has per fold the weights chosen without its rows, by number of the trial.

    `considered` are all trials it was chosen from, by number; `out_of_fold` per fold (n_valid, n_outputs) the answers with weights that
    were chosen on other rows. A single fold is judged in PARTS, and its models are compared at all precisions with the weights of all.
    `facts` are JSON values: what the ensemble gains over the best trial, on rows that its weights were not chosen on.
    """

    trials: tuple[Trial, ...]
    weights: tuple[float, ...]
    fold_weights: tuple[Mapping[int, float], ...]
    considered: Mapping[int, Trial]
    out_of_fold: tuple[Any, ...]
    facts: dict[str, Any] = field(default_factory=dict)


class Library:
    """The out-of-fold answers of the trials that may be members, on all rows that folds scored, fold after fold."""

    def __init__(self, plan: Plan, store: Store, files: RunDir, trials: Sequence[Trial]) -> None:
        found = [(t, out_of_fold_of(plan, t, store, files)) for t in trials]
        self.plan, self.store = plan, store
        self.trials = [t for t, parts in found if parts]
        self.answers = np.stack([np.concatenate(parts).astype(np.float32) for _, parts in found if parts]) if self.trials else np.zeros((0, 0, 0), np.float32)
        rows = [valid for _, valid in store.folds]
        self.y = np.concatenate([store.y[r] for r in rows])
        self.unit = np.concatenate([store.unit_of(r) for r in rows])
        self.weight = store.weight_of(np.concatenate(rows))
        self.fold = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
        self.part = self.fold if len(rows) > 1 else _parts(self.unit, plan.seed)
        self.n_parts = int(self.part.max(initial=-1)) + 1

    def weights(self, without: int | None, most: int, among: Sequence[int] | None = None) -> NDArray[np.float64]:
        """Return (n_trials,) weights, chosen on rows whose unit no row of the part `without` belongs to; `among`: positions that may have one."""
        chosen = np.arange(len(self.trials)) if among is None else np.asarray(among, dtype=np.int64)
        rows = np.arange(len(self.y))
        if without is not None:
            rows = rows[~np.isin(self.unit, self.unit[self.part == without])]
        rows = rows[share_of(self.y[rows], ROWS / max(1, len(rows)), self.plan.seed)]
        weights = np.zeros(len(self.trials))
        own = None if self.weight is None or not self.weight[rows].sum() > 0 else self.weight[rows]
        weights[chosen] = greedy(self.answers[np.ix_(chosen, rows)], self.y[rows], most, row_weight=own)
        return _trimmed(weights)

    def mixed(self, part_weights: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """Return per fold (n_valid, n_outputs) the answer to each row with the weights of its part."""
        whole = np.zeros(self.answers.shape[1:])
        for k, weights in enumerate(part_weights):
            whole[self.part == k] = np.tensordot(weights, self.answers[:, self.part == k], axes=1)
        return [whole[self.fold == k] for k in range(len(self.store.folds))]

    def parts(self, trial: int) -> list[NDArray[np.float64]]:
        """Return per fold the answers of the trial at a position."""
        return [self.answers[trial, self.fold == k].astype(np.float64) for k in range(len(self.store.folds))]


def considered(study: Study) -> list[Trial]:
    """Return the trials that may be members, best first: complete ones.

    No other limit: on twenty tables of 111 to 4,500 rows a limit by rows (AutoGluon's curve of rows to models) gave up half of what
    the ensemble gains, and one by family changed little, though each is meant to guard against chance (benchmarks/README.md).
    """
    return [t for t in study.ranked() if not t.distilled][:MOST_CONSIDERED]


class Likely:
    """Which trials would answer together if the search ended now; looks again while that costs less than SHARE of the time."""

    def __init__(self, plan: Plan, store: Store, files: RunDir) -> None:
        self.plan, self.store, self.files = plan, store, files
        self._began, self._spent, self._last = time.monotonic(), 0.0, 0.0
        self._known: list[Trial] = []

    def __call__(self, study: Study) -> Sequence[Trial]:
        """Return the members, the best trial alone where there is no ensemble yet."""
        now = time.monotonic()
        ranked = considered(study)
        if self.plan.max_members < 2 or len(ranked) < 2 or self._spent + self._last > SHARE * (now - self._began):
            return self._known or ranked[:1]
        library = Library(self.plan, self.store, self.files, ranked)
        self._known = [library.trials[i] for i in np.flatnonzero(library.weights(None, self.plan.max_members))] if library.trials else ranked[:1]
        self._last = time.monotonic() - now
        self._spent += self._last
        return self._known


def choose(
    plan: Plan, study: Study, store: Store, files: RunDir, seconds: float | None = None, among: Collection[int] | None = None
) -> Choice | None:  # fmt: skip
    """Return the ensemble, or None where the best trial alone is clearly better, by more than a standard error of its lead in log loss.

    Judged on each fold with weights chosen on the others (of a single fold on each of PARTS), so the gain is not one of the choice
    itself. Where few rows leave it open, the ensemble is taken: on fresh rows of twenty tables it was better on most and never much worse, and the best of
    many trials is best on these rows by luck, too. Log loss decides because it tells models apart on far fewer rows than a ranking or a
    count of labels does; the report shows both. `seconds`: what the interval of the gain may take; `among`: numbers of the only
    trials that may be in it, None: all.
    """
    trials, most = considered(study), plan.max_members
    if most < 2 or plan.pooled or len(trials) < 2 or study.usable()[0].number != trials[0].number:
        return None
    library = Library(plan, store, files, trials)
    allowed = [i for i, t in enumerate(library.trials) if among is None or t.number in among]
    if len(allowed) < 2 or library.n_parts < 2 or library.trials[0].number != trials[0].number:
        return None
    began = time.monotonic()
    weights = library.weights(None, most, allowed)
    if (weights > 0).sum() < 2:
        return None
    part_weights = [library.weights(k, most, allowed) for k in range(library.n_parts)]
    fold_weights = part_weights if plan.n_folds > 1 else [weights]
    chosen_in = time.monotonic() - began
    facts = _gain(library, part_weights, seconds)
    if facts["log_loss_gain"] < -facts["log_loss_error"]:
        return None
    order = [i for i in np.argsort(-weights, kind="stable") if weights[i] > 0]
    numbers = [t.number for t in library.trials]
    return Choice(
        tuple(library.trials[i] for i in order), tuple(float(weights[i]) for i in order),
        tuple({n: float(w) for n, w in zip(numbers, own, strict=True) if w > 0} for own in fold_weights),
        dict(zip(numbers, library.trials, strict=True)), tuple(library.mixed(part_weights)),
        {**facts, "considered": len(numbers), "single": trials[0].number, "seconds": round(chosen_in, 3)},
    )  # fmt: skip


def _parts(unit: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return (n_rows,) the part of each row; the rows of a unit are in the same."""
    _, place = np.unique(unit, return_inverse=True)
    order = np.random.default_rng(seed).permutation(int(place.max(initial=-1)) + 1)
    return np.asarray(order[place] % PARTS, dtype=np.int64)


def _trimmed(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.where(weights >= NEGLIGIBLE, weights, 0.0)
    return np.asarray(kept / kept.sum()) if kept.sum() > 0 else weights


def _gain(library: Library, part_weights: Sequence[NDArray[np.float64]], seconds: float | None) -> dict[str, Any]:
    """Return the scores of the ensemble and of the best trial on the same rows, and the gain with its interval, in the direction of the metric."""
    plan, metric = library.plan, library.plan.measure()
    parts = [library.fold == k for k in range(plan.n_folds)]
    y, units = [library.y[p] for p in parts], [library.unit[p] for p in parts]
    outputs = [library.mixed(part_weights), library.parts(0)]

    weights = [None if library.weight is None else library.weight[p] for p in parts]

    def score(codes: Any, output: Any, weight: Any = None) -> float:
        return metric.weighed(codes, output, plan.positive, weight)

    mixed, single = (log_loss(np.concatenate(y), np.concatenate(own), plan.positive) for own in outputs)
    counts = np.ones(len(single)) if library.weight is None else np.concatenate([library.weight[p] for p in parts])
    ahead, error = mean_of((single - mixed) * (counts / counts.mean()), np.concatenate(units))
    also = {"log_loss_gain": ahead, "log_loss_error": error}
    found = paired(score, y, units, outputs, plan.seed, seconds, weights=weights)
    if found is None:
        means = [float(np.nanmean([score(c, o, w) for c, o, w in zip(y, own, weights, strict=True)])) for own in outputs]
        return {"score": means[0], "single_score": means[1], "gain": metric.gain(*means), "interval": None, **also}
    gain, low, high = found.difference(0, 1)
    ends = [low, high] if metric.greater_is_better else [-high, -low]
    return {
        "score": float(found.points[0]), "single_score": float(found.points[1]), "gain": gain if metric.greater_is_better else -gain,
        "interval": ends if all(np.isfinite(ends)) else None, **also,
    }  # fmt: skip


def assemble(plan: Plan, choice: Choice, refitted: Mapping[int, Refitted], store: Store, files: RunDir) -> Candidate:
    """Return the candidate that answers with the fits on all training rows, `refitted` by number of the trial; all members must be there.

    It is judged by the models of the folds, each with the weights that were chosen on the other folds.
    """
    made = [refitted[t.number] for t in choice.trials]
    features, model = combined(plan, choice.trials, choice.weights, refitted)
    folds = [_fold(plan, k, own, store, files, choice.considered) for k, own in enumerate(choice.fold_weights)]
    return Candidate(
        "ensemble", "float32", "as trained", features, model, tuple(f for f in folds if f is not None),
        choice.facts["single"], _facts(made), n_folds=plan.n_folds, out_of_fold=choice.out_of_fold,
        members=tuple(Member(t.family, t.number, w) for t, w in zip(choice.trials, choice.weights, strict=True)),
    )  # fmt: skip


def combined(plan: Plan, trials: Sequence[Trial], weights: Sequence[float], refitted: Mapping[int, Refitted]) -> tuple[Form, Form]:
    """Return the features and the model of several trials that answer together, each with its weight; all must have been fitted."""
    keys = list(dict.fromkeys(plan.record(t.family).needs_of(t.params).key() for t in trials))
    forms: dict[str, Form] = {}
    voices = []
    for trial, weight in zip(trials, weights, strict=True):
        fit, key = refitted[trial.number], plan.record(trial.family).needs_of(trial.params).key()
        assert fit.features is not None, "only what was refitted is assembled"
        forms.setdefault(key, fit.features)
        voices += [Voice(trial.family, model, keys.index(key), weight / len(fit.models)) for model in fit.models]
    return views([forms[key] for key in keys]), blend(voices)


def _fold(plan: Plan, fold: int, weights: Mapping[int, float], store: Store, files: RunDir, trials: Mapping[int, Trial]) -> FoldModel | None:
    """Return the blend of a fold's models; None where one of them was not kept."""
    voices, seen, x = [], [], []
    for number, weight in weights.items():
        trial = trials[number]
        needs, model = plan.record(trial.family).needs_of(trial.params), fold_model(files, trial, fold)
        if model is None:
            return None
        if needs not in seen:
            seen.append(needs)
            x.append(store.scored(needs, fold)[1])
        voices.append(Voice(trial.family, model, seen.index(needs), weight))
    rows = store.folds[fold][1]
    return FoldModel(fold, blend(voices), Views(x), store.y[rows], store.unit_of(rows), store.weight_of(rows), tuple(seen))


def _facts(made: Sequence[Refitted]) -> dict[str, Any]:
    """Return what refits say of themselves, of all members together: bytes add up, and so does the time of a row."""
    facts = [fit.facts for fit in made]
    out: dict[str, Any] = {"made_by": made_by(made), "parity": max(f["parity"] for f in facts)}
    sizes = [f["library_bytes"] for f in facts]
    out["library_bytes"] = None if None in sizes else sum(sizes)
    for name in ("form_rows_per_second", "library_rows_per_second"):
        out[name] = 1.0 / sum(len(fit.models) / fit.facts[name] for fit in made)
    return out
