"""The Plan: what will be done, with nothing left to default, and one sentence per decision."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.errors import EnvironmentFault, MissingPackageError, NoModelError, SpecError, did_you_mean
from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.check import SpaceError, check_models
from automl.families.space import Space
from automl.features.recipe import Recipe, resolve_recipe
from automl.hardware import Hardware
from automl.inference.table import Field
from automl.metrics import METRICS, Metric
from automl.spec.model import Spec
from automl.spec.units import human_seconds
from automl.vocabulary import Decision, Device

ROUGH = 3.0  # a guess of seconds may be off by this factor either way
WORKER_MB = 300  # a worker with its libraries
NEVER = 10**9  # trials without a gain, where no number of them ends the search


@dataclass(frozen=True)
class CandidateFamily:
    """A family that competes: where its record lives, within which options, and on which device.

    `seconds` is the rough range of one trial over all folds, None where the family gives no guess; `memory_mb` of its worker.
    """

    family: str
    locator: str
    space: Space
    device: str
    seconds: tuple[float, float] | None = None
    memory_mb: int = 0


@dataclass(frozen=True)
class Plan:
    """Every value of a run, resolved.

    `pooled`: trials are scored on the predictions of all folds at once. `growth` is how many rows the fit on all training
    rows has for each row of the largest fold. `clocked`: time limits the run, so that measured times may steer it; without a
    limit nothing is chosen by the clock. `fit_rows` is the most rows that a fit of the search learns from, None: all.
    `class_weights` has a weight per class, empty: all rows weigh the same. `costs[true][predicted]` is for the metric `cost`.
    `monotone` says per column whether the positive class may only become likelier (1) or less likely (-1) as it rises.
    """

    task: str
    metric: str
    greater_is_better: bool
    also_report: tuple[str, ...]
    positive: int
    n_outputs: int
    seed: int
    fields: tuple[Field, ...]
    candidates: tuple[CandidateFamily, ...]
    n_rows: int
    n_folds: int
    pooled: bool
    growth: float
    seconds: float | None
    max_trials: int | None
    stop_after_no_gain: int
    workers: int
    threads_per_trial: int
    cores: int
    memory_mb_per_worker: int
    precisions: tuple[str, ...]
    max_drop: float
    prefer: str
    decisions: tuple[Decision, ...]
    recipe: Recipe = field(default_factory=Recipe)
    sampler: str = "tpe"
    pruner: str = "none"
    objectives: tuple[str, ...] = ("score",)
    start_from: str | None = None
    clocked: bool = True
    fit_rows: int | None = None
    class_weights: tuple[float, ...] = ()
    costs: tuple[tuple[float, ...], ...] = ()
    monotone: Mapping[str, int] = field(default_factory=dict)

    def candidate(self, family: str) -> CandidateFamily:
        """Return a candidate by name."""
        return next(c for c in self.candidates if c.family == family)

    def context(self, candidate: CandidateFamily, threads: int, rounds: int | None = None) -> dict[str, Any]:
        """Return the fields of the Context that a job of this candidate gets."""
        return {
            "task": self.task, "n_rows": self.n_rows, "n_columns": len(self.fields), "n_outputs": self.n_outputs, "device": candidate.device,
            "threads": threads, "seed": self.seed, "rounds": rounds, "text": any(f.kind == "text" for f in self.fields),
        }  # fmt: skip

    def kept(self) -> dict[str, Any]:
        """Return, as JSON values, what scores depend on and time or the machine decided: a later start of the run takes it over."""
        return {"fit_rows": self.fit_rows}

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        out = {k: v for k, v in asdict(self).items() if k not in ("candidates", "fields", "decisions")}
        out["candidates"] = [
            {"family": c.family, "device": c.device, "seconds": c.seconds, "memory_mb": c.memory_mb, "space": asdict(c.space)["dimensions"]}
            for c in self.candidates
        ]
        out["columns"] = [asdict(f) for f in self.fields]
        out["decisions"] = [{"key": d.key, "value": str(d.value), "because": d.because} for d in self.decisions]
        return out


def make_plan(
    spec: Spec, dataset: Dataset, split: Split, changes: Mapping[str, Mapping[str, Any]], hardware: Hardware, kept: Mapping[str, Any] | None = None
) -> Plan:  # fmt: skip
    """Resolve every `auto`; `changes` are the options of single columns' features that findings ask for.

    `kept` is what `Plan.kept` gave at an earlier start of the same run; those values are taken over.

    Raises SpecError when the families or their options do not fit, EnvironmentFault when a device that was required is not there.
    """
    decisions = list(split.decisions)

    def decide(key: str, value: Any, because: str) -> Any:
        decisions.append(Decision(key, value, because))
        return value

    fields = dataset.fields
    if not fields:
        raise NoModelError("no column is left to learn from", "data.columns", "every input column is constant, an id, or left out")
    _check_pairs(spec, dataset)
    recipe, about = resolve_recipe(spec.features, fields, changes)
    decisions += about
    fields = tuple(f for f in fields if f.name not in recipe.left_out())
    if not fields:
        raise SpecError("no column is left to learn from", "features.text.encode", "all input columns are texts, and `none` leaves them out")
    n_outputs = len(dataset.classes)
    metric = _metric(spec, n_outputs, decide)
    device, because = _device(spec, hardware)
    decide("constraints.gpu", device, because)
    task = str(spec.task.type)
    context = Context(task, len(split.train), len(fields), n_outputs, device, text=any(f.kind == "text" for f in fields))
    candidates = _candidates(spec, task, context, len(split.folds), decide)
    cores = hardware.cores if spec.constraints.cpus == "all" else min(int(spec.constraints.cpus), hardware.cores)
    workers = decide("runtime.workers", cores, f"{cores} cores: one single-threaded trial on each is faster than one trial on all")
    memory = decide("runtime.memory_mb_per_worker", int(hardware.memory_mb * 0.8 / workers), f"80 % of {hardware.memory_mb} MB, shared by the workers")
    patience = spec.search.stop_after_no_gain
    why = "asked for" if "stop_after_no_gain" in spec.search.model_fields_set else "more trials would only fit the noise between folds"
    decide("search.stop_after_no_gain", patience, why)
    seconds = spec.constraints.time
    decide(
        "constraints.time", "none" if seconds is None else human_seconds(seconds), "asked for" if "time" in spec.constraints.model_fields_set else "the default"
    )
    return Plan(
        task=task, metric=metric.name, greater_is_better=metric.greater_is_better, also_report=_also(spec, metric.name, n_outputs),
        positive=dataset.positive, n_outputs=n_outputs, seed=spec.seed, fields=fields, candidates=candidates, n_rows=len(split.train),
        n_folds=len(split.folds), pooled=split.pooled, growth=split.growth, seconds=seconds, max_trials=spec.constraints.trials,
        stop_after_no_gain=patience if isinstance(patience, int) else NEVER, workers=workers, threads_per_trial=1, cores=cores,
        memory_mb_per_worker=memory, precisions=tuple(dict.fromkeys(spec.quantize.precisions)), max_drop=spec.quantize.max_drop,
        prefer=spec.quantize.prefer, decisions=tuple(decisions), recipe=replace(recipe, seed=spec.seed), clocked=seconds is not None,
        fit_rows=kept["fit_rows"] if kept is not None else None,
    )  # fmt: skip


def _check_pairs(spec: Spec, dataset: Dataset) -> None:
    """Raise SpecError for a pair that names a column the data do not have."""
    known = [role.key for role in dataset.roles] or list(dataset.table.columns)
    for i, pair in enumerate(spec.features.interactions if isinstance(spec.features.interactions, list) else []):
        for k, name in enumerate(pair):
            if name not in known:
                near = did_you_mean(name, known)
                label = f"did you mean `{near}`?" if near else "name a column of the data"
                raise _spec_error(spec, ("features", "interactions", i, k), f"column `{name}` is not in the data", label)


def _metric(spec: Spec, n_outputs: int, decide: Callable[[str, Any, str], Any]) -> Metric:
    asked = spec.goal.metric
    if asked != "auto":
        name = decide("task.metric", asked, "asked for")
    elif n_outputs == 2:
        name = decide("task.metric", "roc_auc", "two classes: how well they are ranked apart, whatever the threshold")
    else:
        name = decide("task.metric", "log_loss", f"{n_outputs} classes: the probabilities themselves are judged")
    metric = METRICS.get(str(spec.task.type), name)
    for wanted in (metric, *(METRICS.get(str(spec.task.type), m) for m in spec.goal.also_report)):
        if wanted.two_classes_only and n_outputs > 2:
            path = ("task", "metric" if wanted is metric else "also_report")
            raise _spec_error(spec, path, f"`{wanted.name}` is for two classes, and the target has {n_outputs}", "f1_macro, log_loss or roc_auc judge more")
    return metric


def _also(spec: Spec, metric: str, n_outputs: int) -> tuple[str, ...]:
    usual = ["roc_auc", "log_loss", "accuracy", "balanced_accuracy", "f1" if n_outputs == 2 else "f1_macro"]
    return tuple(m for m in dict.fromkeys([*spec.goal.also_report, *usual]) if m != metric)


def _device(spec: Spec, hardware: Hardware) -> tuple[str, str]:
    asked = spec.constraints.gpu
    if asked == "off":
        return Device.CPU.value, "asked for"
    if hardware.accelerators:
        return Device.CUDA.value, f"{hardware.accelerators[0].name} was seen; families that can use it do"
    if asked == "required":
        raise EnvironmentFault("no CUDA device is seen", "constraints.gpu: required", "`gpu: auto` runs on the processor where there is none")
    return Device.CPU.value, "no CUDA device is seen"


def _candidates(spec: Spec, task: str, context: Context, folds: int, decide: Callable[[str, Any, str], Any]) -> tuple[CandidateFamily, ...]:
    asked = spec.models
    try:
        spaces = check_models(task, asked.include, asked.exclude, asked.space, context)
    except SpaceError as fault:
        raise _spec_error(spec, ("models", *fault.path), fault.message, fault.label) from None
    out = []
    for name, space in spaces.items():
        family: Family = FAMILIES.get(task, name)
        absent = [package for package in family.requires if find_spec(package) is None]
        if absent:
            decide(f"models.{name}", "skipped", f"needs {', '.join(absent)}, not installed")
            continue
        device = context.device if context.device in family.devices else Device.CPU.value
        guess = family.cost(context, space.default()) * folds if family.cost is not None else None
        seconds = (guess / ROUGH, guess * ROUGH) if guess is not None else None
        cells = context.n_rows * (context.n_columns + family.needs.terms * context.text)
        memory = int(WORKER_MB + 16 * cells / 2**20)  # the matrix, the library's copy and its work space, float32
        out.append(CandidateFamily(name, FAMILIES.locator(task, name), space, device, seconds, memory))
    for name in asked.exclude:
        decide(f"models.{name}", "skipped", "excluded by the spec")
    if not out:
        raise MissingPackageError("no family that was asked for can run", "models", "install what the plan names as missing, or include others")
    decide("models", ", ".join(c.family for c in out), "all that fit the task" if spec.models.include == "all" else "asked for")
    return tuple(out)


def _spec_error(spec: Spec, path: tuple[str | int, ...], message: str, label: str) -> SpecError:
    text = spec.source.error("C401", path, message, label) if spec.source is not None else ""
    return SpecError(message, ".".join(str(p) for p in path), label, text=text)
