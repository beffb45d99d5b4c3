"""The precision ladder: every rung of a candidate, and by how much each loses against float32 on out-of-fold rows."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import share_of
from automl.data.units import Draws
from automl.finalize.candidate import Candidate, FoldModel
from automl.inference.blend import BLEND, blend, voices_of
from automl.inference.forms import Form, Model
from automl.metrics import Metric, decided
from automl.quantize.calibration import RowsOf, no_rows
from automl.quantize.schemes import learns, precisions_of, steps_of, store
from automl.search.race import log_loss

REPLICATES = 200
LEAST_REPLICATES = 20
LOG_LOSS_SHARE = 0.01  # of the log loss at float32, that it may rise by
LOG_LOSS_NATS = 0.001
JUDGED_ROWS = 50_000  # out-of-fold rows that rungs are compared on


def rungs(
    candidate: Candidate, schemes: Mapping[str, str | None], precisions: Sequence[str], step: int = 0, rows_of: RowsOf = no_rows, seconds: float = 0.0
) -> list[Candidate]:  # fmt: skip
    """Return the candidate at float32, the reference, and at each precision it can be stored at, widest first.

    `schemes` says per family whether its models are stored in fewer bits; None: at float32 only, also inside a blend. `step` is the
    way at 8 bits (see `schemes.store`), which may look at the rows that `rows_of` gives; the one after the last of them fine-tunes networks,
    all together within `seconds` of wall clock. A rung at which no model is stored otherwise
    than at the one before it is left out.
    """
    family = candidate.family
    can = {p for name, model in _models(candidate) if schemes.get(name) is not None for p in precisions_of(model)}
    learning = learning_of(candidate, schemes) * (1 + len(candidate.folds))
    each = seconds / learning if learning and step >= ways_of(candidate, schemes) else 0.0
    out = []
    for precision in ("float32", *(p for p in ("float16", "int8") if p in precisions and p in can)):
        model, words = _stored(candidate.model, family, 0, schemes, precision, step, None, rows_of, each)
        folds = tuple(replace(f, model=_stored(f.model, family, 0, schemes, precision, step, f.fold, rows_of, each)[0]) for f in candidate.folds)
        out.append(replace(candidate.at(precision, words, model, folds), step=step if precision == "int8" else 0))
    return [candidate] if not can else out


def ways_of(candidate: Candidate, schemes: Mapping[str, str | None]) -> int:
    """Return how many ways there are to store the candidate at 8 bits."""
    return max([steps_of(model) for name, model in _models(candidate) if schemes.get(name) is not None], default=1)


def learning_of(candidate: Candidate, schemes: Mapping[str, str | None]) -> int:
    """Return how many of the models that answer can be fine-tuned at 8 bits."""
    return sum(schemes.get(name) is not None and learns(model) for name, model in _models(candidate))


def _models(candidate: Candidate) -> list[tuple[str, Form]]:
    """Return the models that answer, each with its family."""
    model = candidate.model
    return [(v.family, v.model) for v in voices_of(model)] if model.kind == BLEND else [(candidate.family, model)]


def _stored(
    model: Form, family: str, view: int, schemes: Mapping[str, str | None], precision: str, step: int, fold: int | None, rows_of: RowsOf, seconds: float
) -> tuple[Form, str]:  # fmt: skip
    """Return a model at a precision, and how it is stored, in words."""
    if model.kind == BLEND:
        found = [(voice, *_stored(voice.model, voice.family, voice.view, schemes, precision, step, fold, rows_of, seconds)) for voice in voices_of(model)]
        words = {f"{voice.family}: {said}": None for voice, _, said in found}
        return blend([replace(voice, model=form) for voice, form, _ in found]), "; ".join(words)
    if schemes.get(family) is None:
        return model, "float32, as trained"
    return store(model, precision, step, rows_of(view, fold), seconds) if step and precision == "int8" else store(model, precision, step)


def out_of_fold(candidate: Candidate) -> NDArray[np.float32]:
    """Return (n_judged, n_outputs) predictions of the fold models on the rows each did not see, folds in order; calibrated.

    A row that several folds scored stands there several times, one that none scored not at all.
    """
    return np.asarray(candidate.decision.calibrate(np.concatenate([Model(f.model).predict(f.x) for f in candidate.folds])))


@dataclass(frozen=True)
class Reference:
    """What rungs are judged against: the answers of the first one to rows it did not see, and resamples of these, the same for all.

    `score` is its own, `scores` those of the resamples; `losses` (n_judged,) are the log losses of the rows, `weight` (n_judged,) how much
    each counts, None where all count alike.
    """

    picks: list[NDArray[np.int64]]
    y: NDArray[np.int64]
    resamples: list[NDArray[np.int64]]
    score: float
    scores: list[float]
    losses: NDArray[np.float64]
    weight: Any = None


def judge(
    candidates: list[Candidate], metric: Metric, positive: int, seed: int, seconds: float = 10.0, reference: Reference | None = None
) -> list[Candidate]:  # fmt: skip
    """Fill in `drop`, `drop_upper` and `log_loss_drop` of each rung: the loss of the metric against the first, the upper end of its
    paired 95 % bootstrap interval, and by how much the log loss rose at the lower end of its own (percentile method, Efron and
    Tibshirani 1993, chapter 13; same resamples for all; units of rows are drawn whole, with all their predictions).

    As many replicates as fit into `seconds`, at least 20; of many rows about JUDGED_ROWS, which tell such differences apart
    well enough. A metric of labels judges those that the candidate's decision gives. Without the models of all folds nothing can
    be judged: drops stay None, and only float32 may be chosen. `reference` is that of an earlier call for the same candidate.
    """
    if not candidates[0].whole:
        return candidates
    found = reference or reference_of(candidates[0], metric, positive, seed, seconds / len(candidates))
    first = replace(candidates[0], drop=0.0, drop_upper=0.0, log_loss_drop=0.0, log_loss_reference=_mean(found.losses, found.weight))
    return [first, *(_judged(c, metric, positive, found) for c in candidates[1:])]


def reference_of(candidate: Candidate, metric: Metric, positive: int, seed: int, seconds: float) -> Reference:
    """Return what the rungs of a whole candidate are judged against.

    With 200 resamples, or as many as one rung is judged by in `seconds`, at least 20.
    """
    picks = _picks(candidate.folds, seed)
    few = _thinned(candidate, picks)
    y = np.concatenate([f.y for f in few.folds])
    output = out_of_fold(few).astype(np.float64)
    own = [f.weight for f in few.folds]
    weight = None if any(w is None for w in own) else np.concatenate(own)
    metric = decided(metric, candidate.decision)
    began = time.monotonic()
    score = float(metric.weighed(y, output, positive, weight))
    cost = max(time.monotonic() - began, 1e-5)
    n_replicates = max(LEAST_REPLICATES, min(REPLICATES, int(seconds / cost)))
    units = [f.unit for f in few.folds]
    draws = Draws(len(y), None if any(u is None for u in units) else np.concatenate(units))
    rng = np.random.default_rng(seed)
    resamples = [draws.rows(rng) for _ in range(n_replicates)]
    scores = [float(metric.weighed(y[r], output[r], positive, _of(weight, r))) for r in resamples]
    return Reference(picks, y, resamples, score, scores, log_loss(y, output, positive), weight)


def _judged(candidate: Candidate, metric: Metric, positive: int, reference: Reference) -> Candidate:
    metric = decided(metric, candidate.decision)
    output, y, weight = out_of_fold(_thinned(candidate, reference.picks)).astype(np.float64), reference.y, reference.weight
    drop = float(metric.loss_of(reference.score, metric.weighed(y, output, positive, weight)))
    pairs = zip(reference.resamples, reference.scores, strict=True)
    drops = [float(metric.loss_of(base, metric.weighed(y[rows], output[rows], positive, _of(weight, rows)))) for rows, base in pairs if base == base]
    upper = max(float(np.quantile(drops, 0.975)), drop) if drops else drop
    rise = log_loss(y, output, positive) - reference.losses
    lower = float(np.quantile([_mean(rise[rows], _of(weight, rows)) for rows in reference.resamples], 0.025))
    return replace(candidate, drop=drop, drop_upper=upper, log_loss_drop=lower, log_loss_reference=_mean(reference.losses, weight))


def _of(weight: Any, rows: NDArray[np.int64]) -> Any:
    return None if weight is None else weight[rows]


def _mean(values: NDArray[np.float64], weight: Any) -> float:
    return float(values.mean() if weight is None else np.average(values, weights=weight))


def _picks(folds: Sequence[FoldModel], seed: int) -> list[NDArray[np.int64]]:
    """Return per fold the positions of the rows that are judged: all, or of many about the same share of each fold."""
    share = JUDGED_ROWS / max(1, sum(len(f.y) for f in folds))
    return [share_of(f.y, share, seed, f.unit) for f in folds]


def _thinned(candidate: Candidate, picks: Sequence[NDArray[np.int64]]) -> Candidate:
    """Return the candidate with some rows of its folds."""

    def some(own: Any, rows: NDArray[np.int64]) -> Any:
        return None if own is None else own[rows]

    folds = tuple(
        f if len(p) == len(f.y) else replace(f, x=f.x[p], y=f.y[p], unit=some(f.unit, p), weight=some(f.weight, p))
        for f, p in zip(candidate.folds, picks, strict=True)
    )
    return replace(candidate, folds=folds)


def passes(candidate: Candidate, max_drop: float) -> bool:
    """Return whether a rung may be chosen: its judged loss, at the upper end, is within what is allowed, and its log loss holds."""
    return candidate.precision == "float32" or (candidate.drop_upper is not None and candidate.drop_upper <= max_drop and log_loss_holds(candidate, max_drop))


def log_loss_holds(candidate: Candidate, max_drop: float) -> bool:
    """Return whether the log loss is not clearly worse than at float32, whatever the metric: labels and ranks hide broken probabilities.

    Clearly: the lower end of its interval is above a hundredth of the log loss (or `max_drop`, where that is more), and above
    what nobody would notice, a thousandth of a nat.
    """
    if candidate.log_loss_drop is None or candidate.log_loss_reference is None:
        return True
    return candidate.log_loss_drop <= max(LOG_LOSS_NATS, max(LOG_LOSS_SHARE, max_drop) * candidate.log_loss_reference)


def words_of(candidate: Candidate) -> str:
    """Return how a rung is stored, and which ways were tried before that one. The artifact says only the first: it is no larger for what failed."""
    return f"{candidate.scheme} (tried before: {candidate.tried})" if candidate.tried else candidate.scheme


def bytes_of(form: Form) -> int:
    """Return the bytes of a form's file."""
    from automl.inference.storage import to_bytes

    return len(to_bytes(form))
