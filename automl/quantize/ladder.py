"""The precision ladder: every rung of a candidate, and by how much each loses against float32 on out-of-fold rows."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import share_of
from automl.data.units import Draws
from automl.finalize.candidate import Candidate, FoldModel
from automl.inference.blend import BLEND, blend, voices_of
from automl.inference.forms import Form, Model
from automl.metrics import Metric, decided

SCHEMES = ("linear", "network", "boosted_trees", "forest")
REPLICATES = 200
LEAST_REPLICATES = 20
JUDGED_ROWS = 50_000  # out-of-fold rows that rungs are compared on


def rungs(candidate: Candidate, schemes: Mapping[str, str | None], precisions: Sequence[str]) -> list[Candidate]:
    """Return the candidate at float32, the reference, and at each precision it can be stored at, widest first.

    `schemes` says per family how its models are stored; None: at float32 only, also inside a blend.
    """
    wanted = ["float32", *[p for p in ("float16", "int8") if p in precisions]]
    families = [voice.family for voice in voices_of(candidate.model)] if candidate.model.kind == BLEND else [candidate.family]
    if all(schemes.get(family) is None for family in families):
        return [candidate]
    out = []
    for precision in wanted:
        model, words = _stored(candidate.model, candidate.family, schemes, precision)
        folds = tuple(replace(f, model=_stored(f.model, candidate.family, schemes, precision)[0]) for f in candidate.folds)
        out.append(candidate.at(precision, words, model, folds))
    return out


def _stored(model: Form, family: str, schemes: Mapping[str, str | None], precision: str) -> tuple[Form, str]:
    """Return a model at a precision, and how it is stored, in words."""
    if model.kind == BLEND:
        found = [(voice, *_stored(voice.model, voice.family, schemes, precision)) for voice in voices_of(model)]
        words = {f"{voice.family}: {said}": None for voice, _, said in found}
        return blend([replace(voice, model=form) for voice, form, _ in found]), "; ".join(words)
    scheme = schemes.get(family)
    if scheme is None:
        return model, "float32, as trained"
    stored: tuple[Form, str] = import_module(f"automl.quantize.{scheme}").store(model, precision)
    return stored


def out_of_fold(candidate: Candidate) -> NDArray[np.float32]:
    """Return (n_judged, n_outputs) predictions of the fold models on the rows each did not see, folds in order; calibrated.

    A row that several folds scored stands there several times, one that none scored not at all.
    """
    return np.asarray(candidate.decision.calibrate(np.concatenate([Model(f.model).predict(f.x) for f in candidate.folds])))


def judge(candidates: list[Candidate], metric: Metric, positive: int, seed: int, seconds: float = 10.0) -> list[Candidate]:
    """Fill in `drop` and `drop_upper` of each rung: the loss of the metric against the first, and the upper end of its
    paired 95 % bootstrap interval (percentile method, Efron and Tibshirani 1993, chapter 13; same resamples for all; units
    of rows are drawn whole, with all their predictions).

    As many replicates as fit into `seconds`, at least 20; of many rows about JUDGED_ROWS, which tell such differences apart
    well enough. A metric of labels judges those that the candidate's decision gives. Without the models of all folds nothing can
    be judged: drops stay None, and only float32 may be chosen.
    """
    if not candidates[0].whole:
        return candidates
    metric = decided(metric, candidates[0].decision)
    picks = _picks(candidates[0].folds, seed)
    few = [_thinned(c, picks) for c in candidates]
    y = np.concatenate([f.y for f in few[0].folds])
    reference = out_of_fold(few[0]).astype(np.float64)
    judged = [replace(candidates[0], drop=0.0, drop_upper=0.0)]
    rng = np.random.default_rng(seed)
    began = time.monotonic()
    reference_score = metric.score(y, reference, positive)
    cost = max(time.monotonic() - began, 1e-5) * len(candidates)  # of one replicate over all rungs
    n_replicates = max(LEAST_REPLICATES, min(REPLICATES, int(seconds / cost)))
    units = [f.unit for f in few[0].folds]
    draws = Draws(len(y), None if any(u is None for u in units) else np.concatenate(units))
    resamples = [draws.rows(rng) for _ in range(n_replicates)] if len(candidates) > 1 else []
    reference_scores = [metric.score(y[rows], reference[rows], positive) for rows in resamples]
    for candidate, thin in zip(candidates[1:], few[1:], strict=True):
        output = out_of_fold(thin).astype(np.float64)
        drop = metric.loss_of(reference_score, metric.score(y, output, positive))
        drops = [
            metric.loss_of(base, metric.score(y[rows], output[rows], positive))
            for rows, base in zip(resamples, reference_scores, strict=True) if base == base
        ]  # fmt: skip
        upper = float(np.quantile(drops, 0.975)) if drops else drop
        judged.append(replace(candidate, drop=float(drop), drop_upper=max(upper, float(drop))))
    return judged


def _picks(folds: Sequence[FoldModel], seed: int) -> list[NDArray[np.int64]]:
    """Return per fold the positions of the rows that are judged: all, or of many about the same share of each fold."""
    share = JUDGED_ROWS / max(1, sum(len(f.y) for f in folds))
    return [share_of(f.y, share, seed, f.unit) for f in folds]


def _thinned(candidate: Candidate, picks: Sequence[NDArray[np.int64]]) -> Candidate:
    """Return the candidate with some rows of its folds."""
    folds = tuple(
        f if len(p) == len(f.y) else replace(f, x=f.x[p], y=f.y[p], unit=None if f.unit is None else f.unit[p])
        for f, p in zip(candidate.folds, picks, strict=True)
    )
    return replace(candidate, folds=folds)


def passes(candidate: Candidate, max_drop: float) -> bool:
    """Return whether a rung may be chosen: its judged loss, at the upper end, is within what is allowed."""
    return candidate.precision == "float32" or (candidate.drop_upper is not None and candidate.drop_upper <= max_drop)


def bytes_of(form: Form) -> int:
    """Return the bytes of a form's file."""
    from automl.inference.storage import to_bytes

    return len(to_bytes(form))
