"""Rungs of a model without labels, judged by how far their answers agree with those at float32."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.finalize.candidate import Candidate
from automl.inference.forms import Model
from automl.inference.groups import clusters_of
from automl.quantize.escalate import told
from automl.quantize.ladder import passes, rungs, ways_of

JUDGED_ROWS = 20_000  # that rungs are compared on
REPLICATES = 400

Losses = Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float64]]


def cluster_losses(reference: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """Return (n_rows,) 1 where a row is put into another cluster than at float32, else 0; both (n_rows, n_clusters) strengths."""
    found: NDArray[np.float64] = (clusters_of(reference)[0] != clusters_of(other)[0]).astype(np.float64)
    return found


def coordinate_losses(reference: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """Return (n_rows,) squared distances between coordinates (n_rows, m) and those at float32, in units of the rows' mean squared spread.

    Their mean is the share of the variance that is lost.
    """
    wide = reference.astype(np.float64)
    spread = float(((wide - wide.mean(axis=0)) ** 2).sum(axis=1).mean())
    found: NDArray[np.float64] = ((wide - other.astype(np.float64)) ** 2).sum(axis=1) / (spread if spread > 0 else 1.0)
    return found


LOSSES: dict[str, Losses] = {"clustering": cluster_losses, "dimensionality_reduction": coordinate_losses}


def agreed_rungs(
    candidate: Candidate, scheme: str | None, precisions: Sequence[str], x: NDArray[np.float32], losses: Losses, seed: int, max_drop: float
) -> list[Candidate]:  # fmt: skip
    """Return the rungs, judged; where int8 loses too much, the next way to store it is tried, until one loses little enough or none is left.

    That rung names the ways that were tried before it.
    """
    schemes = {candidate.family: scheme}
    found = judge_agreement(rungs(candidate, schemes, precisions), x, losses, seed)
    if found[-1].precision != "int8":
        return found
    tried = [found[-1]]
    for step in range(1, ways_of(candidate, schemes)):
        if passes(tried[-1], max_drop):
            break
        tried.append(judge_agreement([found[0], rungs(candidate, schemes, ["int8"], step)[-1]], x, losses, seed)[-1])
    return [*found[:-1], told(tried, max_drop)]


def judge_agreement(candidates: Sequence[Candidate], x: NDArray[np.float32], losses: Losses, seed: int) -> list[Candidate]:
    """Fill in `drop` and `drop_upper` of each rung: the mean loss of some rows x (n_rows, n_features), and the upper end of its 95 % interval.

    The interval is a percentile bootstrap over rows (Efron and Tibshirani 1993, chapter 13), of at most 20,000 rows.
    """
    rng = np.random.default_rng(seed)
    some = x if len(x) <= JUDGED_ROWS else x[np.sort(rng.choice(len(x), JUDGED_ROWS, replace=False))]
    reference = Model(candidates[0].model).predict(some)
    out = [replace(candidates[0], drop=0.0, drop_upper=0.0)]
    for candidate in candidates[1:]:
        lost = losses(reference, Model(candidate.model).predict(some))
        drop = float(lost.mean())
        out.append(replace(candidate, drop=drop, drop_upper=max(drop, _upper(lost, rng))))
    return out


def _upper(lost: NDArray[np.float64], rng: np.random.Generator) -> float:
    """Return the upper end of the interval of a mean."""
    n = len(lost)
    if not n or not lost.any():
        return 0.0
    means = [float(lost[rng.integers(0, n, n)].mean()) for _ in range(REPLICATES)]
    return float(np.quantile(means, 0.975))
