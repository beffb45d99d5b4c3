"""When no trial ended well: whether the trials failed or only had no time, and the words for it."""

from collections.abc import Sequence

from automl.errors import NoModelError
from automl.search.study import NO_TIME, Trial
from automl.vocabulary import State

MOST_LETTERS = 120  # of a cause
MOST_CAUSES = 8  # different ones that a message lists


def no_model(trials: Sequence[Trial], report: str) -> NoModelError | None:
    """Return the error for a search in which every trial failed by itself; None where one did not, none ran, or time cut one off.

    With more time, a trial that was cut off might have ended well: such a run is not in error, its model is the baseline. That
    does not hold for a family that failed by itself before.
    """
    own = [t for t in trials if not t.reference]
    hopeless = {t.family for t in own if _by_itself(t)}
    failed = [t for t in own if _by_itself(t) or (t.state == State.TIMEOUT and t.family in hopeless)]
    if not own or len(failed) < len(own):
        return None
    counts: dict[tuple[str, str, str], int] = {}
    for trial in failed:
        kind = (str(trial.state), trial.family, trial.cause if len(trial.cause) <= MOST_LETTERS else trial.cause[:MOST_LETTERS] + " ...")
        counts[kind] = counts.get(kind, 0) + 1
    rows = sorted(counts.items(), key=lambda item: -item[1])
    lines = [f"  {n:>4} {state:<8} {family}: {cause}" for (state, family, cause), n in rows[:MOST_CAUSES]]
    more = [f"  and {len(rows) - MOST_CAUSES} more causes"] if len(rows) > MOST_CAUSES else []
    what = "the one trial failed" if len(failed) == 1 else f"all {len(failed)} trials failed"
    problem = "\n".join([f"{what}; what stands there as the model is the constant baseline", *lines, *more])
    return NoModelError(problem, report, "run.log beside the report (or `runtime.log.file`) has the tracebacks; mend it, or leave it out of the spec")


def _by_itself(trial: Trial) -> bool:
    return trial.state in (State.ERROR, State.MEMORY, State.CRASHED, State.KILLED) or (trial.state == State.TIMEOUT and trial.cause != NO_TIME)
