"""The sections of a spec as pydantic models: the one place where a key, its default and its meaning are declared."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator

from automl.spec.keys import REQUIRED, Int, Names, Real, Section, Text, key, no_bool
from automl.spec.sections.checks import Checks
from automl.spec.sections.constraints import Constraints
from automl.spec.sections.data import Data, data_short
from automl.spec.sections.explain import Explain
from automl.spec.sections.features import Features
from automl.spec.sections.output import Output
from automl.spec.sections.report import Report
from automl.spec.sections.runtime import Runtime
from automl.spec.tasks import Classification, Task
from automl.spec.units import share


class Validation(Section):
    """How rows are divided for choosing and for reporting."""

    strategy: Literal["auto", "holdout", "kfold", "repeated", "group", "time", "bootstrap", "leave_one_out"] = key(
        "auto", "How candidates are compared.", example="kfold", auto="groups or time where `data.columns` names them, else five folds; three beyond 20,000 rows, one part beyond 200,000",
        values={"auto": "decided by the number of rows", "holdout": "one part of the training rows", "kfold": "each part once",
                "repeated": "k-fold several times", "group": "groups stay together", "time": "train on the past", "bootstrap": "rows drawn with replacement",
                "leave_one_out": "each row once"},
    )  # fmt: skip
    folds: Int | None = key(None, "Number of folds for kfold.", example=5, auto="see strategy", ge=2, le=50)
    repeats: Int | None = key(
        None, "How often the rows are drawn again, for repeated and bootstrap.", example=3, auto="3 for repeated, 10 for bootstrap", ge=1, le=100
    )
    test: Annotated[float | None, BeforeValidator(share)] = key(0.2, "Share of rows kept for the final report; none: every row trains and scores are out of fold.", example="20%", shown="20%")  # fmt: skip
    refit: bool = key(False, "Whether the model that ships also learns the held-out rows, after they were scored; the scores are those of the same model without them, and the time for one more fit is kept.", example=True)  # fmt: skip


class Models(Section):
    """Which families compete, and within which options."""

    include: Literal["all"] | Names = key("all", "Families that may compete.", example=["xgboost", "mlp"])
    exclude: Names = key(list, "Families that may not.", example=["random_forest"])
    space: dict[str, dict[str, Any]] = key(dict, "Options of a family, narrowed, widened or fixed.", example={"xgboost": {"max_depth": {"min": 3, "max": 8}}})

    @field_validator("include")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if not value:
            raise ValueError("the list is empty; `all` or some names are needed")
        return value


def _objective_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class SearchSection(Section):
    """How configurations are proposed: one Optuna study per family."""

    sampler: Literal["auto", "tpe", "random", "gp", "qmc"] = key(
        "auto", "Sampler of configurations.", example="random", auto="tpe",
        values={"auto": "decided", "tpe": "models where good trials lie (Optuna's default)", "random": "anywhere, alike", "gp": "a Gaussian process; for few options and few, slow trials", "qmc": "evenly spread (Sobol)"},
    )  # fmt: skip
    pruner: Literal["auto", "none", "race", "median", "wilcoxon"] = key(
        "auto", "Rule that ends hopeless trials between folds.", example="median", auto="race where there are two folds or more, one objective, and a metric that rows can be compared by: log_loss, brier_score, accuracy, roc_auc of two classes",
        values={"auto": "decided", "none": "every trial runs all its folds", "race": "ends a trial that is clearly worse than the best of its family on the same rows", "median": "ends a trial below the median of earlier ones of its family on the same folds", "wilcoxon": "Optuna's signed-rank test against the best trial of the family; needs five folds"},
    )  # fmt: skip
    stop_after_no_gain: Annotated[Int, Field(ge=1)] | Literal["never"] = key(
        100, "Trials in a row, complete or ended early, without a gain beyond noise after which the search ends; never: time or trials end it.", example=30
    )
    portfolio: Text = key(
        "auto", "Configurations to begin with: a learned list, none, or a JSON file relative to the spec, a list of `{family, params}`.", example="first.json",
        auto="a list in an order learned on many tables by gain per second, as far as it lies within the families and options of the run",
    )  # fmt: skip
    objectives: Annotated[list[Literal["score", "latency", "size"]], BeforeValidator(_objective_list)] = key(
        lambda: ["score"], "What to trade off; of several, the report shows the Pareto front, and the best score ships.", example=["score", "latency"], min_length=1,
        values={"score": "the metric", "latency": "milliseconds of one row", "size": "bytes of the model at float32"},
    )  # fmt: skip
    start_from: Text | None = key(
        None, "Folder of an earlier run, relative to the spec; its best configurations of each family are tried first.", example="runs/churn-1"
    )

    @field_validator("objectives")
    @classmethod
    def _with_score(cls, value: list[str]) -> list[str]:
        if "score" not in value:
            raise ValueError("`score` must be among the objectives")
        if len(set(value)) < len(value):
            raise ValueError("an objective stands there twice")
        return value


class Ensemble(Section):
    """Whether several models answer together."""

    method: Literal["auto", "none", "greedy"] = key(
        "auto", "How models are combined.", example="none", auto="greedy; one model where several are no better on the folds, or where a constraint asks for one",
        values={"auto": "decided", "none": "one model answers", "greedy": "the mean of several models, each weighted by how often a greedy search picks it"},
    )  # fmt: skip
    max_models: Int | None = key(None, "Most models that answer together.", example=5, auto="8", ge=1, le=50)
    distill: Literal["auto", "never", "always"] = key(
        "auto", "Whether one network or boosted model learns what the ensemble answers, and takes its place.", example="always",
        auto="where the model size or the latency is limited, and the ensemble does not keep to that",
        values={"auto": "where a constraint needs it", "never": "no", "always": "wherever there is an ensemble, a trial to learn from it, and the time"},
    )  # fmt: skip


PRECISIONS = {"float32": "as trained", "float16": "half the bytes", "int8": "a quarter of the bytes"}


def _precision_list(value: object) -> object:
    return list(PRECISIONS) if value == "auto" else [value] if isinstance(value, str) else value


class Quantize(Section):
    """How small the winner is made, and what that may cost."""

    precisions: Annotated[list[Literal["float32", "float16", "int8"]], BeforeValidator(_precision_list)] = key(
        lambda: list(PRECISIONS), "Rungs to try.", example=["float32", "int8"], auto="all three", values=PRECISIONS, min_length=1
    )
    max_drop: Real = key(0.001, "Most that the metric may lose against float32, judged out of fold by the upper bound of an interval.", example=0.005, ge=0, le=1, allow_inf_nan=False)  # fmt: skip
    prefer: Literal["smallest", "fastest", "most_accurate"] = key(
        "smallest", "Which of the rungs that pass is taken.", example="fastest",
        values={"smallest": "fewest bytes", "fastest": "most rows per second", "most_accurate": "least loss"},
    )  # fmt: skip
    calibration_rows: Int = key(2048, "Most training rows that finer 8-bit rounding looks at, where plain rounding loses too much; 0: none.", example=512, ge=0, le=1_000_000)  # fmt: skip


def _quantize_short(value: object) -> object:
    return {"precisions": value} if isinstance(value, str) else value


DEVICES = ("con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10)))
"""Names that are devices on some systems, where no folder can have them."""


class Spec(Section):
    """A whole spec: what was asked, nothing filled in."""

    version: Annotated[Literal[1], BeforeValidator(no_bool)] = key(1, "Version of the format.", example=1)
    name: str = key("run", "Name of the run folder and title of the report.", example="churn-2026", pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}$")
    description: str = key("", "What this is for; shown in the report.", example="Who leaves within 30 days?")
    seed: Int = key(0, "Seed of everything random.", example=7, ge=0, le=2**31 - 1)
    notes: Any = key(None, "Free-form; ignored by the engine.", example={"owner": "crm-team"})
    data: Annotated[Data, BeforeValidator(data_short)] = key(REQUIRED, "The rows; a path alone is short for `train`.", example="customers.csv")
    task: Task = key(REQUIRED, "What is asked of the rows.", example={"type": "classification", "target": "churned"})
    validation: Validation = key(Validation, "How rows are divided.", example={"folds": 5})
    checks: Checks = key(Checks, "What checks may do.", example={"default": "warn"})
    features: Features = key(Features, "How columns become features.", example={})
    models: Models = key(Models, "Which families compete.", example={"include": ["xgboost"]})
    search: SearchSection = key(SearchSection, "How configurations are proposed.", example={})
    ensemble: Ensemble = key(Ensemble, "Whether several models answer together.", example={})
    constraints: Constraints = key(Constraints, "What may be spent, and what must be kept.", example={"time": "10m"})
    quantize: Annotated[Quantize, BeforeValidator(_quantize_short)] = key(Quantize, "How small the winner is made.", example="int8")
    explain: Explain = key(Explain, "What is explained.", example={})
    report: Report = key(Report, "What the report looks like.", example={})
    output: Output = key(Output, "Where results go.", example={"dir": "runs"})
    runtime: Runtime = key(Runtime, "How work is carried out.", example={})

    _source: Any = PrivateAttr(default=None)

    @field_validator("name")
    @classmethod
    def _a_folder_anywhere(cls, value: str) -> str:
        if value.split(".")[0].lower() in DEVICES:
            raise ValueError(f"`{value}` is a device on some systems; no folder can have that name there")
        return value

    @property
    def goal(self) -> Classification:
        """Return the task; this version carries out no other, and reading refuses them."""
        assert isinstance(self.task, Classification)
        return self.task

    @property
    def source(self) -> Any:
        """Return the SpecSource the spec was read from, or None."""
        return self._source


__all__ = ["Classification", "Spec", "Task"]
