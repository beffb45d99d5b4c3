"""The rungs of what a run could ship: the schemes of its families, and the rows that rounding may look at."""

from automl.families import FAMILIES
from automl.families.base import Family
from automl.finalize.candidate import Candidate
from automl.inference.blend import views_of
from automl.inference.features import Features
from automl.plan.plan import Plan
from automl.quantize.calibration import Rows, RowsOf, picked, some_of
from automl.quantize.escalate import judged_rungs
from automl.quantize.ladder import rungs, ways_of
from automl.quantize.tune import ready
from automl.search.store import Store


def schemes_of(plan: Plan, candidate: Candidate) -> tuple[dict[str, str | None], str]:
    """Return the quantization scheme of each member's family, and a sentence on those without one."""
    if candidate.trial is None:
        return {}, "A constant prediction is a few bytes; there is nothing to quantize."
    families: list[Family] = [FAMILIES.get(plan.task, name) for name in dict.fromkeys(m.family for m in candidate.members)]
    words = [f"The family {f.name} has no narrower form yet: {f.unscheduled or 'no scheme is written for it'}." for f in families if f.scheme is None]
    return {f.name: f.scheme for f in families}, " ".join([*words, "It is stored as arrays at float32."] if words else [])


def candidate_rungs(plan: Plan, candidate: Candidate, store: Store, seconds: float, tuning: float = 0.0) -> list[Candidate]:
    """Return a candidate at each precision, judged out of fold; `seconds`: what the intervals may take, `tuning`: what fine-tuning may."""
    schemes, rows = schemes_of(plan, candidate)[0], rows_learned(plan, candidate, store)
    tuning = tuning if plan.calibration_rows else 0.0
    return judged_rungs(candidate, schemes, plan.precisions, plan.measure(), plan.positive, plan.seed, plan.max_drop, seconds, rows, tuning)


def rungs_alike(plan: Plan, whole: Candidate, step: int, store: Store, tuning: float = 0.0) -> list[Candidate]:
    """Return a candidate at each precision, at 8 bits in the way `step`, for which fine-tuning may take `tuning` seconds; nothing is judged."""
    schemes = schemes_of(plan, whole)[0]
    left = ready(tuning) if step and step == ways_of(whole, schemes) else 0.0
    return rungs(whole, schemes, plan.precisions, step, rows_learned(plan, whole, store), left)


def rows_learned(plan: Plan, candidate: Candidate, store: Store) -> RowsOf:
    """Return what gives training rows as a model of the candidate takes them: by its view of a row, and the fold that it was fitted for.

    Rows of a fold are those that it learned from. For the model that ships (None) they are made by its own features, which may have been
    fitted on more rows than the store of the search holds.
    """
    needs = {f.fold: f.needs for f in candidate.folds}

    def rows_of(view: int, fold: int | None) -> Rows:
        if fold is not None:
            return some_of(store.features(needs[fold][view], fold)[1], plan.calibration_rows, plan.seed)
        rows = store.train[picked(len(store.train), plan.calibration_rows, plan.seed)]
        return Features(views_of(candidate.features)[view]).transform(store.table.take(rows))

    return rows_of
