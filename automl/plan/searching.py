"""What a search will do, resolved: its sampler, its pruner, its objectives, and the configurations it begins with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from automl.errors import MissingPackageError
from automl.families.base import Context
from automl.families.space import Space
from automl.plan.portfolio import resolve_portfolio
from automl.plan.start import StartPoint, start_points
from automl.spec.model import Spec

RACED = ("log_loss", "brier_score", "accuracy", "roc_auc")  # metrics that rows can be compared by, one by one
LEAST_WILCOXON = 5  # folds: with fewer, no p-value below 0.1 can come before the last one (the least of n folds is 2 to the minus n)

Decide = Callable[[str, Any, str], Any]


@dataclass(frozen=True)
class Searching:
    """The values of the plan that `search` of a spec decides."""

    sampler: str
    pruner: str
    objectives: tuple[str, ...]
    start_from: str | None = None
    start_points: tuple[StartPoint, ...] = field(default=())
    portfolio: tuple[StartPoint, ...] = field(default=())


def resolve_search(
    spec: Spec, spaces: Mapping[str, Space], context: Context, decide: Decide, *, metric: str, n_folds: int, pooled: bool, clocked: bool,
    kept: tuple[StartPoint, ...] | None = None, portfolio: tuple[StartPoint, ...] | None = None,
) -> Searching:  # fmt: skip
    """Resolve the section `search`; `kept` and `portfolio` are the points that an earlier start of this run read from `start_from` and from the portfolio.

    Raises SpecError where the earlier run or the portfolio cannot be read, MissingPackageError for a sampler that cannot run.
    """
    asked = spec.search
    sampler = "tpe" if asked.sampler == "auto" else asked.sampler
    if sampler == "gp" and find_spec("torch") is None:
        raise MissingPackageError("the sampler gp needs torch, which is not installed", "search.sampler", "install torch, or leave this key out")
    decide("search.sampler", sampler, "asked for" if asked.sampler != "auto" else "it learns from few trials where good options lie, under a choice too")
    objectives = tuple(asked.objectives)
    if len(objectives) > 1:
        decide("search.objectives", ", ".join(objectives), "asked for: of all trials that no other beats in each of these, the best score ships")
    if "latency" in objectives and not clocked:
        decide("search.objectives", "not repeatable", "latency is measured by the clock, and steers what is tried next")
    pruner = _pruner(asked.pruner, decide, metric, objectives, context.n_outputs, n_folds, pooled)
    points: tuple[StartPoint, ...] = ()
    if asked.start_from is not None:
        points = start_points(spec, spaces) if kept is None else kept
        families = len({point.family for point in points})
        what = f"{len(points)} configurations of {families} families" if points else "nothing"
        decide("search.start_from", what, "the best of the earlier run, tried first" if points else "the earlier run has no complete trial of these families")
    if portfolio is None:
        portfolio = resolve_portfolio(spec, context.task, spaces, context, decide)
    else:
        decide("search.portfolio", f"{len(portfolio)} configurations", "as an earlier start of this run decided")
    return Searching(sampler, pruner, objectives, asked.start_from, points, portfolio)


def _pruner(asked: str, decide: Decide, metric: str, objectives: tuple[str, ...], n_outputs: int, n_folds: int, pooled: bool) -> str:
    """Return the pruner; what cannot work here becomes `none`, with the reason."""
    wanted = "race" if asked == "auto" else asked
    why = ""
    if wanted == "none":
        return str(decide("search.pruner", "none", "asked for"))
    if n_folds < 2:
        why = "there is one fold, so that no trial can end between two"
    elif len(objectives) > 1:
        why = "a trial with a lower score may still be the smaller or the faster one"
    elif wanted == "race" and (metric not in RACED or (metric == "roc_auc" and n_outputs > 2)):
        why = f"{metric} cannot be compared row by row" if metric not in RACED else f"roc_auc of {n_outputs} classes cannot be compared row by row"
    elif wanted in ("median", "wilcoxon") and pooled:
        why = "folds have no score of their own here"
    elif wanted == "wilcoxon" and n_folds < LEAST_WILCOXON:
        why = f"its test can tell nothing before the last of {n_folds} folds; it needs {LEAST_WILCOXON}"
    if why:
        return str(decide("search.pruner", "none", why if asked == "auto" else f"{asked} was asked for, but {why}"))
    reason = f"{n_folds} folds: a trial that is clearly worse than the best of its family on the same rows ends early"
    return str(decide("search.pruner", wanted, "asked for" if asked != "auto" else reason))
