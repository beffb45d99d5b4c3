"""The plan of a task without a label to predict: what is asked, which families compete, and how many rows the search sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from automl.data.columns import fail
from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.data.split import Split
from automl.data.structure import row_groups
from automl.errors import EnvironmentFault
from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.reducers import LABELLED, PURPOSES
from automl.features.recipe import Recipe, resolve_recipe
from automl.features.view import View, view_of
from automl.hardware import Hardware
from automl.inference.table import Field
from automl.plan.asking import resolve_asked
from automl.plan.candidates import CandidateFamily, candidate_families
from automl.plan.fault import spec_error
from automl.plan.labels import label_codes
from automl.plan.limits import Limits
from automl.plan.resources import Competitor, resources, with_costs
from automl.plan.transforms import resolve_transforms
from automl.spec.model import Spec
from automl.spec.sections.clustering import Clustering, ClusterRange
from automl.spec.sections.reduction import DimensionalityReduction
from automl.spec.units import human_bytes, human_milliseconds, human_seconds
from automl.vocabulary import Decision, Device

MOST_ROWS, ROWS_PER_SECOND = 20_000, 500  # that the search sees, in all and for each second of the budget
MOST_CELLS = 40_000_000  # of the matrix that the search sees, 160 MB
LEAST_ROWS = 2_000  # that the search sees, where there are so many

Decide = Callable[[str, Any, str], Any]


@dataclass(frozen=True)
class UnlabelledPlan:
    """Every value of a run without a label, resolved.

    `asked` are the values of the task's own keys; `search_rows` is how many rows the search sees of `n_rows`, `n_features` the
    columns of their matrix. `code` (n_rows,) are the codes of the label that methods may learn from, -1 where a row has none, None
    without one. `limits` are what the artifact must keep, `space` the options of families as the spec has them.
    """

    task: str
    asked: Mapping[str, Any]
    objective: str
    seed: int
    fields: tuple[Field, ...]
    candidates: tuple[CandidateFamily, ...]
    n_rows: int
    search_rows: int
    n_features: int
    seconds: float | None
    max_trials: int | None
    workers: int
    threads_per_trial: int
    cores: int
    memory_mb_per_worker: int
    precisions: tuple[str, ...]
    max_drop: float
    prefer: str
    decisions: tuple[Decision, ...]
    recipe: Recipe = field(default_factory=Recipe)
    limits: Limits = field(default_factory=Limits)
    code: Any = None
    space: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def record(self, family: str) -> Family:
        """Return the record of a family."""
        found: Family = FAMILIES.get(self.task, family)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values; the direction of scores is that of the objective's own, which the study says."""
        hidden = ("candidates", "fields", "decisions", "code")
        out = {k: v for k, v in vars(self).items() if k not in hidden} | {"recipe": self.recipe.asdict(), "limits": asdict(self.limits)}
        out["candidates"] = [
            {"family": c.family, "device": c.device, "seconds": c.seconds, "memory_mb": c.memory_mb, "space": c.space.record()} for c in self.candidates
        ]
        out["columns"] = [asdict(f) for f in self.fields]
        out["decisions"] = [{"key": d.key, "value": str(d.value), "because": d.because} for d in self.decisions]
        return out | {"objectives": ["score"], "n_folds": 1, "greater_is_better": True}


def make_unlabelled_plan(
    spec: Spec, dataset: Dataset, split: Split, changes: Mapping[str, Mapping[str, Any]], hardware: Hardware
) -> tuple[UnlabelledPlan, View]:  # fmt: skip
    """Resolve every `auto`, and make the matrix that the search sees; `changes` are options of columns that findings ask for.

    Raises DataError where the table cannot hold what is asked for, SpecError for families or options that do not fit,
    EnvironmentFault when a device that was required is not there.
    """
    decisions: list[Decision] = []

    def decide(key: str, value: Any, because: str) -> Any:
        decisions.append(Decision(key, value, because))
        return value

    task = str(spec.task.type)
    asked, objective = resolve_asked(spec, decide)
    recipe, fields, about = _recipe(spec, dataset, changes, decisions)
    decisions += about
    code = _code(spec, dataset, decide)
    learned = split.train if code is None else split.train[code[split.train] >= 0]
    rows = sample(learned, _search_rows(spec, len(learned), len(fields)), spec.seed)
    view = view_of(dataset.table, fields, recipe, rows)
    _check(spec, dataset, view, len(dataset.y))
    device, because = _device(spec, hardware)
    decide("constraints.gpu", device, because)
    context = Context(task, len(rows), view.x.shape[1], 1 if code is None else int(code.max()) + 1, device)
    candidates = _suited(spec, candidate_families(spec, task, context, {}, decide), decide)
    limits = resources(spec, hardware, len(rows), [Competitor.of(task, c, context) for c in candidates], decide)
    if limits.fit_rows is not None and limits.fit_rows < len(rows):
        rows = sample(rows, limits.fit_rows, spec.seed)
        view = view_of(dataset.table, fields, recipe, rows)
    candidates = tuple(with_costs(task, c, replace(context, n_rows=len(rows)), 1) for c in candidates if c.family in limits.affordable)
    _tell_rows(len(dataset.y), len(rows), decide)
    for c in candidates:
        if not FAMILIES.get(task, c.family).places:
            why = "it has no way of its own to place new rows; the report says how faithful that model is"
            decide(f"models.{c.family}", "followed by a model that places new rows", why)
    seconds = spec.constraints.time
    asked_time = "asked for" if "time" in spec.constraints.model_fields_set else "the default"
    decide("constraints.time", "none" if seconds is None else human_seconds(seconds), asked_time)
    kept = _limits(spec, decide)
    plan = UnlabelledPlan(
        task=task, asked=asked, objective=objective, seed=spec.seed, fields=fields, candidates=candidates, n_rows=len(dataset.y), search_rows=len(rows),
        n_features=view.x.shape[1], seconds=seconds, max_trials=spec.constraints.trials, workers=limits.workers, threads_per_trial=limits.threads,
        cores=limits.cores, memory_mb_per_worker=limits.memory_mb, precisions=tuple(dict.fromkeys(spec.quantize.precisions)),
        max_drop=spec.quantize.max_drop, prefer=spec.quantize.prefer, decisions=tuple(decisions), recipe=recipe,
        limits=kept, code=code, space=spec.models.space,
    )  # fmt: skip
    return plan, view


def _recipe(
    spec: Spec, dataset: Dataset, changes: Mapping[str, Mapping[str, Any]], known: Sequence[Decision]
) -> tuple[Recipe, tuple[Field, ...], list[Decision]]:  # fmt: skip
    """Return what becomes of the columns, and why, but for what is `known` already. Raises DataError where none is left."""
    fields = dataset.fields
    if not fields:
        message = "no column is left to look at: every one is constant, an id, or left out"
        raise fail(spec, "D314", ("data",), message, "there is no structure in rows that are all alike")
    recipe, about = resolve_recipe(spec.features, fields, changes)
    transforms, more = resolve_transforms(spec, dataset)
    recipe = replace(recipe, transforms=transforms, seed=spec.seed, select=None)
    fields = tuple(f for f in fields if f.name not in recipe.left_out())
    if not fields:
        raise fail(spec, "D314", ("features", "text", "encode"), "no column is left to look at: all are texts, and `none` leaves them out")
    said = {
        "features.categorical.encode": ("a column per level", "levels of less than 1 % of the rows share one; together a category weighs as a number does"),
        "features.datetime.parts": ("days", "a date is one number: whether its weekday or month matters, only a label could tell"),
        "features.datetime.cyclic": ("no", "the day stands on a line"),
        "features.text.encode": ("weights of words", "of the 300 most frequent words and pairs; together they weigh as a number does, and so do the lengths"),
    }
    told = [Decision(d.key, *said[d.key]) if d.key in said and d.value == "auto" else d for d in about if d.key != "features.select"]
    searched = {d.key for d in known}
    return recipe, fields, [*(d for d in told if d.key not in searched), *more]


def _code(spec: Spec, dataset: Dataset, decide: Decide) -> Any:
    """Return (n_rows,) codes of the label that methods may learn from, None without one. Raises DataError."""
    task = spec.task
    if not isinstance(task, DimensionalityReduction) or task.target is None:
        return None
    classes, code = label_codes(spec, dataset, task.target)
    missing = int((code < 0).sum())
    note = f"; {missing:,} rows without one are placed, not learned from" if missing else ""
    decide("task.target", task.target, f"asked for: {len(classes)} classes, seen by methods that use a label and by none other{note}")
    return code


def _suited(spec: Spec, candidates: tuple[CandidateFamily, ...], decide: Decide) -> tuple[CandidateFamily, ...]:
    """Return the families that suit the purpose of a reduction and, without a label, need none. Raises SpecError where none is left."""
    task = spec.task
    if not isinstance(task, DimensionalityReduction):
        return candidates
    out = []
    for c in candidates:
        if c.family not in PURPOSES[task.purpose] and not FAMILIES.origin(str(task.type), c.family):
            decide(f"models.{c.family}", "skipped", f"it does not serve `purpose: {task.purpose}`")
        elif c.family in LABELLED and task.target is None:
            decide(f"models.{c.family}", "skipped", "it learns from a label, and `task.target` names none")
        else:
            out.append(c)
    if not out:
        names = [f for f in PURPOSES[task.purpose] if task.target is not None or f not in LABELLED]
        message = f"no family that was asked for suits `purpose: {task.purpose}`" + ("" if task.target else " without a label")
        raise spec_error(spec, ("models",), message, "those that do: " + ", ".join(names))
    return tuple(out)


def _search_rows(spec: Spec, n_rows: int, n_columns: int) -> int:
    """Return how many rows the search sees."""
    by_time = MOST_ROWS if spec.constraints.time is None else int(ROWS_PER_SECOND * spec.constraints.time)
    return min(n_rows, max(LEAST_ROWS, min(MOST_ROWS, by_time, MOST_CELLS // max(1, n_columns))))


def _tell_rows(n_rows: int, searched: int, decide: Decide) -> None:
    if searched == n_rows:
        decide("search.rows", f"all {n_rows:,}", "they are few enough for every method")
    else:
        decide("search.rows", f"{searched:,} of {n_rows:,}", "drawn at random: the structure shows in these, and all rows are placed afterwards")


def _check(spec: Spec, dataset: Dataset, view: View, n_rows: int) -> None:
    """Raise DataError, pointing into the spec, where the table cannot hold what is asked for."""
    task = spec.task
    groups = row_groups(dataset.table)
    distinct = int(groups.max()) + 1
    if distinct < 2 or not (view.x.max(axis=0) > view.x.min(axis=0)).any():
        raise fail(spec, "D314", ("data",), f"all {n_rows:,} rows are alike in every column that is looked at", "there is no structure to find")
    if isinstance(task, Clustering) and task.n_clusters != "auto":
        least = task.n_clusters.min if isinstance(task.n_clusters, ClusterRange) else task.n_clusters
        if least > distinct:
            what = f"{n_rows:,} rows" if distinct == n_rows else f"{distinct:,} different rows"
            raise fail(spec, "D314", ("task", "n_clusters"), f"{least:,} groups are asked for, and the table has {what}", f"at most {distinct:,}")
    if isinstance(task, DimensionalityReduction) and isinstance(task.n_components, int):
        most = view.x.shape[1]
        if task.n_components > most:
            message = f"{task.n_components:,} columns are asked for, and the table gives {most:,}"
            raise fail(spec, "D314", ("task", "n_components"), message, f"at most {most:,}")


def _device(spec: Spec, hardware: Hardware) -> tuple[str, str]:
    asked = spec.constraints.gpu
    if asked == "off":
        return Device.CPU.value, "asked for"
    if hardware.accelerators:
        return Device.CUDA.value, f"{hardware.accelerators[0].name} was seen; families that can use it do"
    if asked == "required":
        raise EnvironmentFault("no CUDA device is seen", "constraints.gpu: required", "`gpu: auto` runs on the processor where there is none")
    return Device.CPU.value, "no CUDA device is seen"


def _limits(spec: Spec, decide: Decide) -> Limits:
    """Return what the artifact must keep: its size, and the time of an answer."""
    asked, soft = spec.constraints, []
    size, latency = asked.model_size, asked.latency
    if size is not None:
        decide("constraints.model_size", f"at most {human_bytes(size.max)}", "asked for; measured on the packed artifact")
        soft += [] if size.hard else ["model_size"]
    if latency is not None:
        value = f"at most {human_milliseconds(latency.max)}, {latency.percentile:g} % of the calls"
        decide("constraints.latency", value, "asked for; measured on the packed artifact, one thread")
        soft += [] if latency.hard else ["latency"]
    rows, percentile = (1, 95.0) if latency is None else (latency.rows, float(latency.percentile))
    return Limits(None if size is None else size.max, None if latency is None else latency.max, rows, percentile, soft=tuple(soft))
