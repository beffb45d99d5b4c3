"""The rungs of a candidate, judged; where int8 loses too much, finer ways are tried, each only if the one before it failed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from automl.finalize.candidate import Candidate
from automl.metrics import Metric
from automl.quantize.calibration import RowsOf, no_rows
from automl.quantize.ladder import judge, learning_of, log_loss_holds, passes, reference_of, rungs, ways_of
from automl.quantize.tune import ready


def judged_rungs(
    candidate: Candidate, schemes: Mapping[str, str | None], precisions: Sequence[str], metric: Metric, positive: int, seed: int, max_drop: float,
    seconds: float = 10.0, rows_of: RowsOf = no_rows, tuning: float = 0.0,
) -> list[Candidate]:  # fmt: skip
    """Return the rungs of a candidate with what each loses; the one at int8 stored in the first way that loses little enough.

    Where none does, it is the way that loses least. Its words say which ways failed and by how much. All ways are judged on the
    same resamples. What a way looks at (`rows_of`) are rows that the model of that fold learned from, none that it is judged on. Last of all
    networks are fine-tuned on such rows, where there is torch and time: `tuning` seconds for all of them.
    """
    plain = rungs(candidate, schemes, precisions)
    if not candidate.whole or len(plain) == 1:
        return judge(plain, metric, positive, seed, seconds)
    reference = reference_of(candidate, metric, positive, seed, seconds / (len(plain) + 1))
    found = judge(plain, metric, positive, seed, seconds, reference)
    if found[-1].precision != "int8" or passes(found[-1], max_drop):
        return found
    tried = [found[-1]]
    ways = ways_of(candidate, schemes)
    for step in range(1, ways + 1):
        left = ready(tuning) if step == ways and learning_of(candidate, schemes) else 0.0
        if step == ways and not left:
            break
        finer = rungs(candidate, schemes, ["int8"], step, rows_of, left)
        if finer[-1].scheme == tried[-1].scheme:  # nothing learned
            break
        tried.append(judge([plain[0], finer[-1]], metric, positive, seed, seconds, reference)[-1])
        if passes(tried[-1], max_drop):
            break
    return [*found[:-1], told(tried, max_drop)]


def told(tried: Sequence[Candidate], max_drop: float) -> Candidate:
    """Return the way that is taken of those tried: the last if it passes, else the one that loses least; it names the others."""
    best = tried[-1] if passes(tried[-1], max_drop) else min(tried, key=_loss)
    failed = [c for c in tried if c is not best]
    said = "; ".join(f"{c.scheme.partition(';')[0]}: {_why(c, max_drop)}" for c in failed)
    return replace(best, tried=said)


def _loss(candidate: Candidate) -> float:
    found = candidate.drop_upper
    return math.inf if found is None or math.isnan(found) else found


def _why(candidate: Candidate, max_drop: float) -> str:
    """Return why a way was not taken."""
    if candidate.drop_upper is not None and not candidate.drop_upper <= max_drop:
        return f"may lose {candidate.drop_upper:.2g}"
    return "the log loss rises" if not log_loss_holds(candidate, max_drop) else "passes too"
