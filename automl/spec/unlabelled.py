"""What contradicts, or has no effect on, a task without a label to predict; every finding shows its place."""

from automl.spec.diagnostics import Diagnostic
from automl.spec.model import Classification, Spec
from automl.spec.sections.clustering import Clustering
from automl.spec.sections.reduction import DimensionalityReduction
from automl.spec.shape import Source

Path = tuple[str | int, ...]

NO_EFFECT: tuple[tuple[Path, str], ...] = (
    (("validation",), "every row is part of the result"),
    (("ensemble",), "one method makes the result"),
    (("explain",), "the report tells what sets the result apart without it"),
    (("search", "pruner"), "a trial has no folds to be ended between"),
    (("search", "portfolio"), "each family brings its own first configurations"),
    (("search", "objectives"), "the purpose of the task is the one objective"),
    (("search", "start_from"), "a search without a label is short, and starts anew"),
    (("search", "sampler"), "configurations are laid out by the kind of structure they look for"),
    (("search", "stop_after_no_gain"), "the search ends by itself when its plan is done"),
)
FOR_LABELS = {
    "quality": "a bound of the score is for tasks with a label: scores of different tables without one cannot be compared",
    "fairness": "rates of predicted classes are compared, and this task predicts none",
    "interpretable": "it is about models that predict a label",
}


def without_labels(spec: Spec, source: Source) -> list[Diagnostic]:
    """Return an error for what such a task cannot keep, and a warning for each section that changes nothing of it."""
    task = spec.task
    if isinstance(task, Classification):
        return []
    found: list[Diagnostic] = []
    kind = source.span(("task", "type"))
    for name, why in FOR_LABELS.items():
        if name in spec.constraints.model_fields_set and getattr(spec.constraints, name) not in (None, "no"):
            place, message = source.span(("constraints", name), key=True), f"`constraints.{name}` does not go with `{task.type}`: {why}"
            found.append(Diagnostic("C402", message, place, "remove it", second=(kind, "the task")))
    for path, why in NO_EFFECT:
        if source.node(path) is not None:
            dotted = ".".join(map(str, path))
            found.append(Diagnostic("W203", f"`{dotted}` has no effect on `{task.type}`: {why}", source.span(path, key=True), "remove it"))
    if spec.data.test is not None:
        message = f"`data.test` holds rows to score a label on, and `{task.type}` has none"
        label = "remove it; `automl predict` places new rows"
        found.append(Diagnostic("C402", message, source.span(("data", "test"), key=True), label, second=(kind, "the task")))
    if spec.data.columns.weight is not None:
        message = f"`data.columns.weight` says how much a row counts when a label is learned, and `{task.type}` has none"
        found.append(Diagnostic("C402", message, source.span(("data", "columns", "weight"), key=True), "remove it", second=(kind, "the task")))
    found += _columns(spec, task, source)
    if isinstance(task, DimensionalityReduction) and task.purpose == "visualize" and isinstance(task.n_components, float):
        message = "`purpose: visualize` draws a map of few columns, and a share of the variance says how many columns to keep"
        second = (source.span(("task", "purpose")), "the purpose")
        found.append(Diagnostic("C402", message, source.span(("task", "n_components")), "write 2 or 3, or `purpose: compress`", second=second))
    return found


def _columns(spec: Spec, task: Clustering | DimensionalityReduction, source: Source) -> list[Diagnostic]:
    """Find a label column that the spec also asks to be read as a feature."""
    found = []
    for key in ("compare_with", "color_by", "target"):
        name = getattr(task, key, None)
        if name is not None and name in spec.data.columns.types:
            path = ("data", "columns", "types", name)
            message = f"`{name}` is `task.{key}`, which is never learned from, and `data.columns.types` gives it a type"
            found.append(Diagnostic("C402", message, source.span(path), "remove one of them", second=(source.span(("task", key)), f"`{key}` here")))
    return found
