"""The Plan: what will be done, with nothing left to default, and one sentence per decision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from automl.data.columns import fail
from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.errors import EnvironmentFault, NoModelError, SpecError, did_you_mean
from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.features.recipe import Recipe, resolve_recipe
from automl.hardware import Hardware
from automl.inference.table import Field
from automl.metrics import METRICS, Costs, Metric, metric_of, why_broken
from automl.plan.batching import Batching, resolve_batching
from automl.plan.candidates import CandidateFamily, candidate_families
from automl.plan.costs import CostError, resolve_costs
from automl.plan.deciding import resolve_deciding
from automl.plan.devices import resolve_devices
from automl.plan.explaining import Explaining, resolve_explain
from automl.plan.fault import spec_error
from automl.plan.limits import Limits, resolve_limits
from automl.plan.monotone import resolve_monotone
from automl.plan.resources import Competitor, resources, with_costs
from automl.plan.searching import resolve_search
from automl.plan.start import StartPoint
from automl.plan.transforms import resolve_transforms
from automl.plan.weights import class_weights
from automl.registry import resolve
from automl.spec.costs import EXAMPLE as COSTS
from automl.spec.model import Spec
from automl.spec.units import human_seconds
from automl.vocabulary import Decision, Device

MAX_MEMBERS = 8  # models that answer together
NEVER = 10**9  # trials without a gain, where no number of them ends the search


@dataclass(frozen=True)
class Plan:
    """Every value of a run, resolved.

    `pooled`: trials are scored on the predictions of all folds at once. `growth` is how many rows the fit on all training
    rows has for each row of the largest fold. `clocked`: time limits the run, so that measured times may steer it; without a
    limit nothing is chosen by the clock. `fit_rows` is the most rows that a fit of the search learns from, None: all.
    `class_weights` has a weight per class, empty: all rows weigh the same. `costs[true][predicted]` is for the metric `cost`.
    `monotone` says per column whether the positive class may only become likelier (1) or less likely (-1) as it rises.
    `start_points` are configurations to try first, out of the run `start_from`; those of `portfolio` come next, in order.
    `calibrate` (auto, none, temperature, isotonic) and `threshold` (None: chosen) say how answers are decided, out of fold (see
    finalize.decide). `max_members` is how many models may answer together, `distill` whether one model
    learns their answers (never, always, needed: where they do not keep a limit); `explain` says what is explained of the winner.
    `limits` are what the winner must keep; `batching` says of families that can which configurations train as one model.
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
    start_points: tuple[StartPoint, ...] = ()
    portfolio: tuple[StartPoint, ...] = ()
    clocked: bool = True
    fit_rows: int | None = None
    max_members: int = 1
    distill: str = "never"
    class_weights: tuple[float, ...] = ()
    costs: Costs = ()
    monotone: Mapping[str, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    explain: Explaining = field(default_factory=Explaining)
    calibrate: str = "auto"
    threshold: float | None = None
    calibration_rows: int = 2048
    batching: tuple[Batching, ...] = ()

    def measure(self, name: str = "") -> Metric:
        """Return a metric as this plan applies it, costs included; without a name the one that is optimised."""
        return metric_of(self.task, name or self.metric, self.costs)

    def candidate(self, family: str) -> CandidateFamily:
        """Return a candidate by name."""
        return next(c for c in self.candidates if c.family == family)

    def record(self, family: str) -> Family:
        """Return the record of a candidate's family."""
        found: Family = resolve(self.candidate(family).locator)  # type: ignore[assignment]
        return found

    def context(self, candidate: CandidateFamily, threads: int, rounds: int | None = None) -> dict[str, Any]:
        """Return the fields of the Context that a job of this candidate gets."""
        return {
            "task": self.task, "n_rows": self.n_rows, "n_columns": _width(self.fields, self.recipe), "n_outputs": self.n_outputs, "device": candidate.device,
            "threads": threads, "seed": self.seed, "rounds": rounds, "text": any(f.kind == "text" for f in self.fields),
            "categories": any(f.kind == "category" for f in self.fields),
        }  # fmt: skip

    def kept(self) -> dict[str, Any]:
        """Return, as JSON values, what scores or the search depend on and time, the machine or other files decided.

        A later start of the run takes it over.
        """
        given = {"start_points": self.start_points, "portfolio": self.portfolio}
        return {"fit_rows": self.fit_rows, **{name: [asdict(point) for point in points] for name, points in given.items()}}

    def terms(self) -> dict[str, Any]:
        """Return what every job is told of how rows weigh and how answers are judged."""
        return {
            "metric": self.metric, "positive": self.positive, "costs": self.costs, "pooled": self.pooled,
            "class_weights": list(self.class_weights), "monotone": self.signs(),
        }  # fmt: skip

    def signs(self) -> dict[str, int]:
        """Return `monotone` turned to the class of code 1, the one that binary models are about."""
        return {name: sign if self.positive == 1 else -sign for name, sign in self.monotone.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        out = {k: v for k, v in asdict(self).items() if k not in ("candidates", "fields", "decisions")}
        out["candidates"] = [
            {"family": c.family, "device": c.device, "seconds": c.seconds, "memory_mb": c.memory_mb, "space": c.space.record()} for c in self.candidates
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
    monotone, changes, about_order = resolve_monotone(spec, dataset, changes)
    recipe, about = resolve_recipe(spec.features, fields, changes)
    transforms, about_transforms = resolve_transforms(spec, dataset)
    recipe = replace(recipe, transforms=transforms)
    decisions += [*about, *about_order, *about_transforms]
    fields = tuple(f for f in fields if f.name not in recipe.left_out())
    if not fields:
        raise SpecError("no column is left to learn from", "features.text.encode", "all input columns are texts, and `none` leaves them out")
    n_outputs = len(dataset.classes)
    metric = _metric(spec, n_outputs, decide)
    costs = _costs(spec, dataset, decide)
    kept_by_winner = resolve_limits(spec, dataset, split, metric, decide)
    threshold = resolve_deciding(spec, dataset.classes, dataset.positive, metric, costs, decide)
    device, because = _device(spec, hardware)
    decide("constraints.gpu", device, because)
    task = str(spec.task.type)
    kinds = {f.kind for f in fields}
    context = Context(task, len(split.train), _width(fields, recipe), n_outputs, device, text="text" in kinds, categories="category" in kinds)
    weights = class_weights(spec, dataset.y[split.train], dataset.classes, decide, None if dataset.weight is None else dataset.weight[split.train])
    candidates = candidate_families(spec, task, context, monotone, decide, len(split.folds))
    resolve_devices(hardware, context.n_columns, candidates, decide)
    fold_rows = round(len(split.train) / max(split.growth, 1e-9))
    limits = resources(spec, hardware, fold_rows, [Competitor.of(task, c, context) for c in candidates], decide)
    if kept is not None and kept["fit_rows"] != limits.fit_rows:
        limits = replace(limits, fit_rows=kept["fit_rows"])
        decide("search.fit_rows", limits.fit_rows or "all", "as an earlier start of this run decided: its trials stay comparable")
    fit_rows = limits.fit_rows or fold_rows
    candidates = tuple(with_costs(task, c, replace(context, n_rows=fit_rows), len(split.folds)) for c in candidates if c.family in limits.affordable)
    batching = resolve_batching(task, candidates, replace(context, n_rows=fit_rows), len(split.folds), limits.memory_mb, decide)
    if weights and (alike := [c.family for c in candidates if not FAMILIES.get(task, c.family).weighted]):
        decide("task.balance", f"none for {', '.join(alike)}", "they take no weights: each row weighs the same")
    if dataset.weight is not None:
        _weights(spec, dataset, split, [c.family for c in candidates], decide)
    patience = spec.search.stop_after_no_gain
    why = "asked for" if "stop_after_no_gain" in spec.search.model_fields_set else "more trials would only fit the noise between folds"
    decide("search.stop_after_no_gain", patience, why)
    seconds = spec.constraints.time
    decide(
        "constraints.time", "none" if seconds is None else human_seconds(seconds), "asked for" if "time" in spec.constraints.model_fields_set else "the default"
    )
    searching = resolve_search(
        spec, {c.family: c.space for c in candidates}, context, decide, metric=metric.name, n_folds=len(split.folds), pooled=split.pooled,
        clocked=seconds is not None, kept=_points(kept, "start_points"), portfolio=_points(kept, "portfolio"),
    )  # fmt: skip
    explaining = resolve_explain(spec, decide)
    if spec.validation.refit:
        decide("validation.refit", True, "asked for; the rows of the holdout are learned after they were scored, and every score is of the model before")
    members = _members(spec, split, decide)
    distill = _distill(spec, members, kept_by_winner, decide)
    return Plan(
        task=task, metric=metric.name, greater_is_better=metric.greater_is_better, also_report=_also(spec, metric.name, n_outputs),
        positive=dataset.positive, n_outputs=n_outputs, seed=spec.seed, fields=fields, candidates=candidates, n_rows=len(split.train),
        n_folds=len(split.folds), pooled=split.pooled, growth=len(split.train) / max(1, fit_rows), seconds=seconds, max_trials=spec.constraints.trials,
        stop_after_no_gain=patience if isinstance(patience, int) else NEVER, workers=limits.workers, threads_per_trial=limits.threads, cores=limits.cores,
        memory_mb_per_worker=limits.memory_mb, fit_rows=limits.fit_rows, precisions=tuple(dict.fromkeys(spec.quantize.precisions)),
        max_drop=spec.quantize.max_drop, prefer=spec.quantize.prefer, calibration_rows=spec.quantize.calibration_rows,
        costs=costs, decisions=tuple(decisions), recipe=replace(recipe, seed=spec.seed),
        clocked=seconds is not None, max_members=members, distill=distill, class_weights=weights, monotone=monotone, explain=explaining,
        calibrate=spec.goal.calibrate, threshold=threshold, limits=kept_by_winner, batching=batching, **vars(searching),
    )  # fmt: skip


def _points(kept: Mapping[str, Any] | None, name: str) -> tuple[StartPoint, ...] | None:
    """Return the configurations that an earlier start of the run kept."""
    return None if kept is None else tuple(StartPoint(**point) for point in kept.get(name, ()))


def _width(fields: Sequence[Field], recipe: Recipe) -> int:
    """Return the columns that a fit sees, roughly: one for each of the table, of very many those that are selected."""
    return len(fields) if recipe.select is None else min(len(fields), recipe.select)


def _check_pairs(spec: Spec, dataset: Dataset) -> None:
    """Raise SpecError for a pair that names a column the data do not have."""
    known = [role.key for role in dataset.roles] or list(dataset.table.columns)
    for i, pair in enumerate(spec.features.interactions if isinstance(spec.features.interactions, list) else []):
        for k, name in enumerate(pair):
            if name not in known:
                near = did_you_mean(name, known)
                label = f"did you mean `{near}`?" if near else "name a column of the data"
                raise spec_error(spec, ("features", "interactions", i, k), f"column `{name}` is not in the data", label)


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
        path = ("task", "metric" if wanted is metric else "also_report")
        if why := wanted.why_not(n_outputs):
            raise spec_error(spec, path, why, "f1_macro, log_loss or roc_auc judge any number of classes")
        if wanted.with_costs is not None and spec.goal.costs is None:
            raise spec_error(spec, path, f"the metric `{wanted.name}` needs `task.costs`", COSTS)
        if (whose := METRICS.origin(str(spec.task.type), wanted.name)) and (why := why_broken(wanted, n_outputs)):
            raise spec_error(spec, path, f"the metric `{wanted.name}` of the package {whose} does not work: {why}", "ask those who made it, or choose another")
    return metric


def _costs(spec: Spec, dataset: Dataset, decide: Callable[[str, Any, str], Any]) -> Costs:
    try:
        costs = resolve_costs(spec.goal.costs, dataset.classes, dataset.positive)
    except CostError as fault:
        raise spec_error(spec, ("task", "costs", *fault.path), fault.message, fault.label) from None
    if costs:
        decide("task.costs", f"{len(costs)} x {len(costs)}", "asked for; each row is given the class that is cheapest in expectation")
    return costs


def _weights(spec: Spec, dataset: Dataset, split: Split, families: Sequence[str], decide: Callable[[str, Any, str], Any]) -> None:
    """Say what the weights of the rows do. Raises SpecError for a metric that cannot count them, DataError where a side has none above 0."""
    task, path = str(spec.task.type), ("data", "columns", "weight")
    assert dataset.weight is not None
    for rows, words in ((split.train, "to learn from"), (split.holdout, "kept for the report")):
        if len(rows) and not dataset.weight[rows].sum() > 0:
            raise fail(spec, "D312", path, f"no row {words} has a weight above 0", "rows without weight count for nothing")
    asked = [spec.goal.metric] if spec.goal.metric != "auto" else []
    for name in [*asked, *spec.goal.also_report]:
        if not METRICS.get(task, name).weighs:
            raise spec_error(spec, path, f"the metric `{name}` cannot count rows by a weight", "leave one of them out")
    name = str(spec.data.columns.weight)
    decide("data.columns.weight", name, "asked for: in fits and in the scores of trials, members, rungs and the report; features, checks, "
           "calibration, threshold and explanation count each row alike")  # fmt: skip
    if alike := [family for family in families if not FAMILIES.get(task, family).weighted]:
        decide("data.columns.weight", f"not in the fits of {', '.join(alike)}", "they take no weights; their scores count them all the same")


def _members(spec: Spec, split: Split, decide: Callable[[str, Any, str], Any]) -> int:
    """Return how many models may answer together."""
    asked = spec.ensemble.max_models
    if spec.ensemble.method == "none" or asked == 1:
        decide("ensemble.method", "none", "asked for")
        return 1
    if spec.constraints.interpretable == "require":
        decide("ensemble.method", "none", "a person can follow one model, not several, and `constraints.interpretable` asks for that")
        return 1
    if split.pooled:
        decide("ensemble.method", "none", "each fold holds too few rows to tell whether several models are better than one")
        return 1
    decide("ensemble.method", "greedy", "several models answer together where that is better on rows that their weights were not chosen on")
    decide("ensemble.max_models", asked or MAX_MEMBERS, "asked for" if asked else "more add little and cost the time of each answer")
    return asked or MAX_MEMBERS


def _distill(spec: Spec, members: int, limits: Limits, decide: Callable[[str, Any, str], Any]) -> str:
    """Return whether one model learns the answers of the ensemble: never, always, or where the ensemble does not keep a limit (needed)."""
    asked = spec.ensemble.distill
    if members < 2:
        if asked == "always":
            decide("ensemble.distill", "never", "there is no ensemble to learn from")
        return "never"
    if asked != "auto":
        return str(decide("ensemble.distill", asked, "asked for"))
    if {"model_size", "latency"} & set(limits.hard):
        return str(decide("ensemble.distill", "needed", "a small model that learned the ensemble's answers is tried where that does not keep a limit"))
    return "never"


def _also(spec: Spec, metric: str, n_outputs: int) -> tuple[str, ...]:
    usual = ["roc_auc", "log_loss", "accuracy", "balanced_accuracy", "f1" if n_outputs == 2 else "f1_macro"]
    usual += ["cost"] if spec.goal.costs is not None else []
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
