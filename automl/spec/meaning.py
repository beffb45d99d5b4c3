"""Keys that are right each by itself and contradict each other; every error shows both places."""

from automl.spec.costs import EXAMPLE, cost_faults
from automl.spec.diagnostics import Diagnostic, Edit
from automl.spec.environment import substituted
from automl.spec.files import in_a_file
from automl.spec.model import Classification, Spec
from automl.spec.quality import quality_fault
from automl.spec.shape import Source
from automl.spec.unlabelled import without_labels

Path = tuple[str | int, ...]

NEEDS_COLUMN = {"time": "the column that orders the rows", "group": "the column whose rows stay together"}
NO_FOLDS = {"holdout": "one part, no folds", "bootstrap": "rows are drawn, not dealt out", "leave_one_out": "as many folds as rows"}


def contradictions(spec: Spec, source: Source) -> list[Diagnostic]:
    """Return an error for every pair of keys that cannot both hold."""
    pairs = [*_roles(spec, source), *_validation(spec, source), *_features(spec, source), *_costs(spec, source), *_threshold(spec, source)]
    return [*pairs, *_winner(spec, source), *_network(spec, source), *without_labels(spec, source)]


def _error(source: Source, message: str, path: Path, label: str, other: Path, words: str, *, key: bool = False) -> Diagnostic:
    return Diagnostic("C402", message, source.span(path, key=key), label, second=(source.span(other), words))


def _roles(spec: Spec, source: Source) -> list[Diagnostic]:
    """Find columns that are asked to be two things."""
    found: list[Diagnostic] = []
    columns, target = spec.data.columns, getattr(spec.task, "target", None)
    for key, names in (("drop", columns.drop), ("id", columns.id)):
        if target in names:
            listed = ("data", "columns", key, names.index(target))
            found.append(_error(source, f"the target `{target}` is also in `data.columns.{key}`", listed, "remove it here", ("task", "target"), "the target"))
    for key in ("group", "time", "weight"):
        name = getattr(columns, key)
        path = ("data", "columns", key)
        if name is not None and name == target:
            found.append(_error(source, f"the target `{name}` is also `data.columns.{key}`", path, "name another", ("task", "target"), "the target"))
        elif name is not None and name in columns.drop:
            other = ("data", "columns", "drop", columns.drop.index(name))
            found.append(_error(source, f"`{name}` is in `drop` and is the {key} column", other, "remove it here", path, f"the {key} column"))
    for key in ("group", "time"):
        if columns.weight is not None and getattr(columns, key) == columns.weight:
            message, at = f"`{columns.weight}` is the weight and the {key} column", ("data", "columns", "weight")
            found.append(_error(source, message, at, "name another", ("data", "columns", key), f"the {key} column"))
    for position, name in enumerate(columns.id):
        if name in columns.drop:
            dropped = ("data", "columns", "drop", columns.drop.index(name))
            found.append(_error(source, f"`{name}` is in `drop` and in `id`", dropped, "remove it here", ("data", "columns", "id", position), "an id here"))
    return found


def _validation(spec: Spec, source: Source) -> list[Diagnostic]:
    """Find keys of `validation` that the strategy has no use for, or that it lacks."""
    found: list[Diagnostic] = []
    asked, at = spec.validation, ("validation", "strategy")
    if asked.strategy in NO_FOLDS and asked.folds is not None:
        message = f"`folds` has no meaning with `strategy: {asked.strategy}`"
        found.append(_error(source, message, ("validation", "folds"), "remove one of them", at, NO_FOLDS[asked.strategy], key=True))
    if asked.repeats is not None and asked.strategy not in ("repeated", "bootstrap"):
        path = ("validation", "repeats")
        found.append(_error(source, "`repeats` goes with `strategy: repeated` or `bootstrap`", path, "remove it", at, "the strategy", key=True))
    if asked.strategy in NEEDS_COLUMN and getattr(spec.data.columns, asked.strategy) is None:
        message = f"`strategy: {asked.strategy}` needs `data.columns.{asked.strategy}`, {NEEDS_COLUMN[asked.strategy]}"
        found.append(Diagnostic("C402", message, source.span(at), "name the column"))
    if spec.data.test is not None and "test" in asked.model_fields_set:
        message = "`data.test` is the test, and `validation.test` asks for another"
        found.append(_error(source, message, ("validation", "test"), "remove one of them", ("data", "test"), "the test", key=True))
    return found


def _features(spec: Spec, source: Source) -> list[Diagnostic]:
    """Find options of features that lack what they are about."""
    if spec.features.numeric.impute == "forward" and spec.data.columns.time is None:
        message = f"`impute: forward` needs `data.columns.time`, {NEEDS_COLUMN['time']}"
        return [Diagnostic("C402", message, source.span(("features", "numeric", "impute")), "name the column, or write median")]
    return []


def _costs(spec: Spec, source: Source) -> list[Diagnostic]:
    """Find costs that are none, and the metric that needs them without any."""
    at = ("task", "costs")
    task = spec.task
    if not isinstance(task, Classification):
        return []
    if task.costs is None:
        asked = ("task", "metric") if task.metric == "cost" else ("task", "also_report") if "cost" in task.also_report else None
        return [] if asked is None else [Diagnostic("C402", "the metric `cost` needs `task.costs`", source.span(asked), "say what an error costs", EXAMPLE)]
    return [Diagnostic("C402", message, source.span((*at, *path)), label) for path, message, label in cost_faults(task.costs)]


def _winner(spec: Spec, source: Source) -> list[Diagnostic]:
    """Find constraints on the winner that contradict the task: a score in the wrong direction, groups that are the classes."""
    found: list[Diagnostic] = []
    task, asked = spec.task, spec.constraints
    if not isinstance(task, Classification):
        return found
    if asked.quality is not None and task.metric != "auto":
        from automl.metrics import METRICS

        metric = METRICS.get("classification", task.metric)
        if fault := quality_fault(asked.quality, metric):
            path = ("constraints", "quality", *fault.path)
            edits = (Edit(span, fault.key),) if fault.key and (span := source.span(path, key=True)) else ()
            place = source.span(path, key=bool(fault.key))
            found.append(Diagnostic("C402", fault.message, place, fault.label, second=(source.span(("task", "metric")), "the metric"), edits=edits))
    if asked.interpretable == "require" and spec.ensemble.method == "greedy":
        message = "`interpretable: require` asks for a model that a person can follow, and `ensemble.method: greedy` for several"
        found.append(_error(source, message, ("ensemble", "method"), "remove one of them", ("constraints", "interpretable"), "one model"))
    if asked.fairness is not None and asked.fairness.column == task.target:
        message = f"`{task.target}` is the target and the column of `constraints.fairness`"
        found.append(_error(source, message, ("constraints", "fairness", "column"), "name a column of groups", ("task", "target"), "the target"))
    return found


def _threshold(spec: Spec, source: Source) -> list[Diagnostic]:
    """Find a threshold beside costs, which say another one."""
    task = spec.task
    if not isinstance(task, Classification) or task.costs is None or task.threshold == "auto":
        return []
    message = "`threshold` and `costs` both say where a row is answered positive"
    return [_error(source, message, ("task", "threshold"), "remove one of them, or write auto", ("task", "costs"), "the costs", key=True)]


def _network(spec: Spec, source: Source) -> list[Diagnostic]:
    """Find a database that is no file, where the run may not reach out."""
    sql = spec.data.sql
    if sql is None or spec.runtime.network is not False or in_a_file(substituted(sql.connection)):
        return []
    message = "`runtime.network: false` keeps the run on this machine, and `data.sql.connection` names a database server"
    return [_error(source, message, ("data", "sql", "connection"), "name a file, or write `network: true`", ("runtime", "network"), "no network")]
