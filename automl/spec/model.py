"""The sections of a spec as pydantic models: the one place where a key, its default and its meaning are declared."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from automl.spec.units import duration, share

BUILTIN_TABLES = ("breast_cancer", "digits", "iris", "wine")
CHECKS = ("constant", "id_like", "duplicate_rows", "missing_values", "imbalance")

Mode = Literal["fail", "fix", "warn", "off"]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _text(value: object) -> object:
    """A class or column may be written 1 or true; it means the text."""
    if isinstance(value, bool):
        return str(value)
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(_text)]
Names = Annotated[list[Text], BeforeValidator(_as_list)]


class Section(BaseModel):
    """A mapping of the spec: unknown keys are errors, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Csv(Section):
    """How text tables are read; what is left out is found out, and the report says how."""

    separator: str | None = Field(None, description="Character between fields; found from the header when left out.", min_length=1, max_length=1)
    decimal: Literal[".", ","] = Field(".", description="Decimal mark of numbers.")
    encoding: str | None = Field(None, description="Encoding of the file; UTF-8 when left out.")
    missing: list[Text] | None = Field(None, description="Texts that mean a missing value, in place of the usual ones.")
    header: bool = Field(True, description="Whether line 1 holds the column names.")


class Columns(Section):
    """What columns are for, where the engine's own reading is wrong."""

    id: Names = Field(default_factory=list, description="Columns carried along, never learned from.")
    drop: Names = Field(default_factory=list, description="Columns to leave out.")
    types: dict[str, Literal["number", "numeric", "category", "categorical", "text", "date", "datetime"]] = Field(
        default_factory=dict, description="Types of columns, where inference is wrong."
    )


class Data(Section):
    """Where the rows come from: a file, or one of scikit-learn's bundled tables."""

    train: str | None = Field(None, description="Path of a csv or parquet file, relative to the spec.", examples=["customers.csv"])
    builtin: Literal["breast_cancer", "digits", "iris", "wine"] | None = Field(None, description="A table bundled with scikit-learn, for examples.")
    csv: Csv = Field(default_factory=Csv, description="How text tables are read.")
    columns: Columns = Field(default_factory=Columns, description="What columns are for.")

    @model_validator(mode="after")
    def _one_source(self) -> "Data":
        if (self.train is None) == (self.builtin is None):
            raise ValueError("give one source: `train: FILE` or `builtin: NAME`")
        return self


class Classification(Section):
    """One class per row."""

    type: Literal["classification"] = Field(description="What is asked of the data.")
    target: Text = Field(description="Column to predict.", examples=["churned"])
    positive_class: Text | None = Field(None, description="Class that counts as positive, for two classes; the rarer one when left out.")
    metric: str = Field("auto", description="Score to optimise; auto: roc_auc for two classes, log_loss for more.")
    also_report: list[str] = Field(default_factory=list, description="Further metrics to report.")

    @field_validator("metric", "also_report")
    @classmethod
    def _known_metric(cls, value: Any) -> Any:
        from automl.errors import did_you_mean
        from automl.metrics import METRICS

        known = METRICS.names("classification")
        for name in [value] if isinstance(value, str) else value:
            if name not in known and name != "auto":
                near = did_you_mean(name, known)
                hint = f"; did you mean `{near}`?" if near else ""
                raise ValueError(f"`{name}` is not a metric of classification{hint} known: {', '.join(known)}")
        return value


class Validation(Section):
    """How rows are divided for choosing and for reporting."""

    strategy: Literal["auto", "holdout", "kfold"] = Field("auto", description="How candidates are compared; auto decides by rows and time.")
    folds: int | None = Field(None, description="Number of folds for kfold.", ge=2, le=50)
    test: Annotated[float | None, BeforeValidator(share)] = Field(
        0.2, description="Share of rows kept for the final report; none: every row trains and scores are out of fold."
    )


class Checks(Section):
    """What each check may do: fail, fix, warn or off."""

    default: Mode | Literal["auto"] = Field("auto", description="Mode of every check that is not named; auto: each check's own.")
    constant: Mode | None = Field(None, description="Columns with a single value; fixed by leaving them out.")
    id_like: Mode | None = Field(None, description="Columns that number the rows; fixed by leaving them out.")
    duplicate_rows: Mode | None = Field(None, description="Rows that occur more than once; fixed by keeping copies on one side of every split.")
    missing_values: Mode | None = Field(None, description="Missing values; fixed by imputing inside folds.")
    imbalance: Mode | None = Field(None, description="A class with few rows; fixed by stratified splits.")


class Models(Section):
    """Which families compete, and within which options."""

    include: Literal["all"] | Names = Field("all", description="Families that may compete.")
    exclude: Names = Field(default_factory=list, description="Families that may not.")
    space: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Options of a family, narrowed, widened or fixed.")

    @field_validator("include")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if not value:
            raise ValueError("the list is empty; `all` or some names are needed")
        return value


class Constraints(Section):
    """What a run may spend."""

    time: Annotated[float | None, BeforeValidator(duration)] = Field(
        600.0, description="Wall-clock time from process start to the written report; none: no limit.", examples=["10m"]
    )
    trials: int | None = Field(None, description="Most trials to run.", ge=1, le=100_000)
    cpus: int | Literal["all"] = Field("all", description="Cores to use.")
    gpu: Literal["auto", "off", "required"] = Field("auto", description="Whether accelerators are used.")

    @field_validator("cpus")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if isinstance(value, int) and value < 1:
            raise ValueError("at least one core is needed")
        return value

    @model_validator(mode="after")
    def _an_end(self) -> "Constraints":
        if self.time is None and self.trials is None:
            raise ValueError("with `time: none`, `trials` must say when to stop")
        return self


def _precision_list(value: object) -> object:
    return ["float32", "float16", "int8"] if value == "auto" else _as_list(value)


class Quantize(Section):
    """How small the winner is made, and what that may cost."""

    precisions: Annotated[list[Literal["float32", "float16", "int8"]], BeforeValidator(_precision_list)] = Field(
        ["float32", "float16", "int8"], description="Rungs to try; auto: all.", min_length=1
    )
    max_drop: float = Field(
        0.001, ge=0, le=1, allow_inf_nan=False,
        description="Most that the metric may lose against float32, judged out of fold by the upper bound of an interval.",
    )  # fmt: skip
    prefer: Literal["smallest", "fastest", "most_accurate"] = Field("smallest", description="Which of the rungs that pass is taken.")


class Output(Section):
    """Where run folders go."""

    dir: str = Field("runs", description="Folder for run folders, relative to the spec.")


def _data_short(value: object) -> object:
    return {"train": value} if isinstance(value, str) else value


def _quantize_short(value: object) -> object:
    return {"precisions": [value]} if isinstance(value, str) and value != "auto" else value


class Spec(Section):
    """A whole spec: what was asked, nothing filled in."""

    version: Literal[1] = Field(1, description="Version of the format.")
    name: str = Field("run", description="Name of the run folder and title of the report.", pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}$")
    description: str = Field("", description="What this is for; shown in the report.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of everything random.")
    notes: Any = Field(None, description="Free-form; ignored by the engine.")
    data: Annotated[Data, BeforeValidator(_data_short)] = Field(description="The rows.")
    task: Classification = Field(description="What is asked of them.")
    validation: Validation = Field(default_factory=Validation, description="How rows are divided.")
    checks: Checks = Field(default_factory=Checks, description="What checks may do.")
    models: Models = Field(default_factory=Models, description="Which families compete.")
    constraints: Constraints = Field(default_factory=Constraints, description="What may be spent.")
    quantize: Annotated[Quantize, BeforeValidator(_quantize_short)] = Field(default_factory=Quantize, description="How small the winner is made.")
    output: Output = Field(default_factory=Output, description="Where results go.")

    _source: Any = PrivateAttr(default=None)

    @property
    def source(self) -> Any:
        """Return the SpecSource the spec was read from, or None."""
        return self._source


NOT_YET: dict[str, str] = {
    **{f"data.{key}": "" for key in ("test", "rows", "sql")},
    **{f"data.columns.{key}": "" for key in ("group", "time", "weight")},
    **{f"task.{key}": "" for key in ("costs", "balance", "calibrate", "threshold")},
    **{f"validation.{key}": "" for key in ("repeats", "refit")},
    **{f"constraints.{key}": "" for key in ("memory", "model_size", "latency", "quality", "interpretable", "fairness")},
    **dict.fromkeys(("features", "search", "ensemble", "explain", "report", "runtime"), ""),
    "checks.except": "",
    "quantize.calibration_rows": "",
    "output.keep": "",
    "task.type": "clustering dimensionality_reduction",
    "validation.strategy": "repeated group time bootstrap leave_one_out",
}
"""Keys that the format names and this version refuses: the value lists words refused, none means the whole key."""
