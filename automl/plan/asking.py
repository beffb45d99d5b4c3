"""The keys of a task without a label, resolved: what is asked, and the objective in words."""

from collections.abc import Callable
from typing import Any

from automl.spec.model import Spec
from automl.spec.sections.clustering import Clustering, ClusterRange
from automl.spec.sections.features import Numeric
from automl.spec.sections.reduction import DimensionalityReduction

Decide = Callable[[str, Any, str], Any]

DRAWN = "a map is drawn in two dimensions; three with `n_components: 3`"
LEVELS_OFF = "chosen where the curve of quality over dimensions levels off, beside an estimate of the intrinsic dimension"
HELD = "variance 1, values far beyond the others held in; an index can be compared within one scaling only"
SCALED = "variance 1, values far beyond the others held in; where a tail is long, its logarithm too: the one that shows groups better"
SET_APART = "groups that are set apart by an index of their own kind of structure, and that resampled rows show again"


def resolve_asked(spec: Spec, decide: Decide) -> tuple[dict[str, Any], str]:
    """Return the values of the task's own keys, and the objective in words."""
    task = spec.task
    if isinstance(task, Clustering):
        return _of_clusters(task, spec.features.numeric, decide)
    assert isinstance(task, DimensionalityReduction), "classification has a plan of its own"
    given = task.model_fields_set
    what = {
        "visualize": "a map in which neighbours stay neighbours (trustworthiness and continuity) and far stays far (rank correlation of distances)",
        "compress": "the least error of telling all columns from the new ones, on rows not learned from",
        "features": "what the label, or without one the neighbours, tell from the new columns, on rows not learned from",
    }[task.purpose]
    decide("task.purpose", task.purpose, ("asked for: " if "purpose" in given else "the default: ") + what)
    if task.n_components == "auto":
        why = DRAWN if task.purpose == "visualize" else LEVELS_OFF
        decide("task.n_components", "auto", why)
    else:
        share = isinstance(task.n_components, float)
        decide("task.n_components", f"{task.n_components:.4g} of the variance" if share else task.n_components, "asked for")
    decide("task.preserve", task.preserve, "asked for" if "preserve" in given else "neighbours say more of the structure than far rows")
    count = None if task.n_components == "auto" else task.n_components
    return {"purpose": task.purpose, "n_components": count, "preserve": task.preserve, "target": task.target, "color_by": task.color_by}, what


def _of_clusters(task: Clustering, numeric: Numeric, decide: Decide) -> tuple[dict[str, Any], str]:
    given = task.model_fields_set
    if isinstance(task.n_clusters, ClusterRange):
        count: Any = [task.n_clusters.min, task.n_clusters.max]
        decide("task.n_clusters", f"{count[0]} to {count[1]}", "asked for; chosen within")
    elif task.n_clusters == "auto":
        count = None
        decide("task.n_clusters", "auto", "chosen by how well groups are set apart and how stable they are; where nothing is found, that is said")
    else:
        count = decide("task.n_clusters", task.n_clusters, "asked for")
    noise = decide("task.noise", task.noise, "asked for" if "noise" in given else "rows far from every dense part are better in no group than in a wrong one")
    metric = None if task.metric == "auto" else task.metric
    what = SET_APART if metric is None else f"groups by {metric}"
    decide("task.metric", task.metric, "asked for" if metric else "indices are compared only within the kind of structure they fit")
    scaled = numeric.scale != "auto" or numeric.outliers != "auto"
    if not scaled:
        decide("features.numeric.scale", *(("searched", SCALED) if metric is None else ("held", HELD)))
    return {"n_clusters": count, "noise": noise == "allow", "metric": metric, "compare_with": task.compare_with, "scaled": scaled}, what
