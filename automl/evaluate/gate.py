"""The gate at the end of a run: what ships, as it is reported, against what was asked of it."""

from collections.abc import Sequence
from typing import Any

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.errors import GateFailed
from automl.evaluate.choice import Made
from automl.evaluate.constraints import as_reported, constraint_rows, gate_of
from automl.evaluate.fairness import Gap
from automl.evaluate.measure import gap_of_rows, gap_out_of_fold
from automl.plan.plan import Plan


def judge_winner(
    plan: Plan, dataset: Dataset, split: Split, made: Made | None, chosen: int, evaluation: dict[str, Any], rows: Any, codes: Any, seconds: float
) -> dict[str, Any]:  # fmt: skip
    """Return what evaluation.json says of the constraints on the winner: `constraints` (rows of the table), `gate` and `fairness`.

    The score is the reported one. Groups are compared on the rows that it is of (`rows`, and the `codes` of the classes that each
    is given), or out of fold where too few of these were kept apart. `seconds` limits the intervals.
    """
    limits = plan.limits
    if not limits.asked or made is None:
        return {"constraints": [], "gate": None, "fairness": None}
    metric, gap, where = plan.measure(), None, ""
    if limits.fair is not None:
        gap, where = _gap(plan, dataset, split, made, chosen, rows, codes, seconds)
    shipped = as_reported(made.measured[chosen], evaluation["score"], gap.value if gap is not None else None)
    tried = [made.measured[chosen], *made.tried[1:]]
    gate = gate_of(limits, shipped, tried, metric)
    table = constraint_rows(limits, shipped, metric, gap)
    return {
        "constraints": table,
        "gate": gate,
        "fairness": None if gap is None else {**gap.record(), "column": limits.fair.column if limits.fair else "", "rows": where},
    }


def _gap(plan: Plan, dataset: Dataset, split: Split, made: Made, chosen: int, rows: Any, codes: Any, seconds: float) -> tuple[Gap, str]:
    """Return the gap with its interval, and which rows it is of."""
    found = gap_of_rows(plan, dataset, rows, codes, split.unit_of(rows) if split.units is not None else None, seconds)
    if found.value is not None:
        return found, "scored"
    instead = gap_out_of_fold(plan, dataset, split, made.rungs[chosen], seconds)
    return (instead, "out_of_fold") if instead.value is not None else (found, "scored")


def gate_fault(evaluation: dict[str, Any], report: str) -> GateFailed | None:
    """Return the error for hard constraints that the winner does not keep, or None; `report` is where all of it stands."""
    gate = evaluation.get("gate")
    if not gate or gate["met"]:
        return None
    sentences: Sequence[str] = gate["sentences"]
    more = "; ".join(sentences)
    first = next(iter(gate["relaxations"]), None)
    fix = f"{first['words']} To accept that: {first['paste']}" if first else "relax what binds"
    return GateFailed(f"not met: {more}", report, fix)
