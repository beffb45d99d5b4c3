"""The section `constraints`: what a run may spend, and what the model that it ships must keep."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, field_validator, model_validator

from automl.spec.keys import REQUIRED, Int, Real, Section, Text, key
from automl.spec.text import plain
from automl.spec.units import FixableError, bound, duration, memory_size, milliseconds, part, size

HARD = "Whether the run fails (exit code 1) where this is not kept; else it is said and the run goes on."


class ModelSize(Section):
    """Bytes of the artifact's folder; a size alone is short for `max`."""

    max: Annotated[int, BeforeValidator(size)] = key(REQUIRED, "Most bytes of the artifact's folder.", example="50MB")
    hard: bool = key(True, HARD, example=False)


class Latency(Section):
    """Time of an answer, of the artifact loaded again, on one thread; a time alone is short for `max`."""

    max: Annotated[float, BeforeValidator(milliseconds)] = key(REQUIRED, "Longest time of an answer.", example="5ms")
    rows: Int = key(1, "Rows of a call.", example=100, ge=1, le=100_000)
    percentile: Real = key(95, "Share of the calls, in percent, that must be as fast.", example=99, ge=50, le=99)
    hard: bool = key(True, HARD, example=False)


class Quality(Section):
    """The worst score that is good enough; a number alone means: at least as good as this, whichever way the metric goes."""

    min: Annotated[float | None, BeforeValidator(bound)] = key(None, "Least score, for metrics where higher is better.", example=0.85)
    max: Annotated[float | None, BeforeValidator(bound)] = key(None, "Largest score, for metrics where lower is better.", example=0.4)
    hard: bool = key(True, HARD, example=False)

    @model_validator(mode="after")
    def _one(self) -> "Quality":
        if self.min is None and self.max is None:
            raise ValueError("give `min` where higher is better, `max` where lower is: {min: 0.85}")
        if self.min is not None and self.max is not None and self.min != self.max:
            raise ValueError("give one of `min` and `max`: a score is good in one direction only")
        return self

    def asked(self, greater_is_better: bool) -> float | None:
        """Return the bound for a metric of this direction; None where the other one was given."""
        return self.min if greater_is_better else self.max


METRICS = {
    "equal_opportunity": "share of the positive rows that are found, per group", "demographic_parity": "share of the rows that are predicted positive",
    "equalized_odds": "the larger gap of two: of positive rows that are found, and of negative rows that are taken for positive",
}  # fmt: skip


class Fairness(Section):
    """How far groups of rows may be treated differently."""

    column: Text = key(REQUIRED, "Column whose values are the groups; it may be one that is left out of the features.", example="age_band")
    metric: Literal["equal_opportunity", "demographic_parity", "equalized_odds"] = key(
        "equal_opportunity", "What is compared between groups, of two classes.", example="demographic_parity", values=METRICS
    )
    max_gap: Annotated[float, BeforeValidator(part)] = key(0.1, "Largest difference between two groups.", example=0.05)
    hard: bool = key(True, HARD, example=False)


def _model_size(value: object) -> object:
    most: Any = size(value) if isinstance(value, str | int | float) else None
    return value if most is None else ModelSize.model_construct(max=most)


def _latency(value: object) -> object:
    most: Any = milliseconds(value) if isinstance(value, str | int | float) else None
    return value if most is None else Latency.model_construct(max=most)


def _quality(value: object) -> object:
    number = bound(value) if isinstance(value, str | int | float) else None
    return value if number is None else Quality.model_construct(min=number, max=number)


def _fairness(value: object) -> object:
    if isinstance(value, str | int | float):
        raise FixableError("needs the column of the groups", f"{{column: {plain(str(value))}}}")
    return value


def _interpretable(value: object) -> object:
    if value is False:
        raise FixableError("takes no, prefer or require", "no")
    if value is True:
        raise ValueError("takes no, prefer or require")
    return value


class Constraints(Section):
    """What a run may spend, and what the winner must keep."""

    time: Annotated[float | None, BeforeValidator(duration)] = key(600.0, "Wall-clock time from process start to the written report; none: no limit.", example="10m", shown="10m")  # fmt: skip
    memory: Annotated[int | None, BeforeValidator(memory_size)] = key(
        None, "Most memory of the whole run, all its processes together.", example="8GB", auto="80 % of what the machine or its control group allows"
    )
    trials: Int | None = key(None, "Most trials to run.", example=100, auto="as many as fit the time", ge=1, le=100_000)
    cpus: Int | Literal["all"] = key("all", "Cores to use.", example=4)
    gpu: Literal["auto", "off", "required"] = key(
        "auto", "Whether accelerators are used.", example="off", auto="used where one is seen",
        values={"auto": "where one is seen", "off": "never", "required": "an error where there is none"},
    )  # fmt: skip
    model_size: Annotated[ModelSize | None, BeforeValidator(_model_size)] = key(None, "Largest artifact: all files of its folder.", example="50MB")
    latency: Annotated[Latency | None, BeforeValidator(_latency)] = key(None, "Slowest answer of the artifact.", example="5ms")
    quality: Annotated[Quality | None, BeforeValidator(_quality)] = key(None, "Worst score that is good enough, of the one that is reported.", example=0.85)
    interpretable: Annotated[Literal["no", "prefer", "require"], BeforeValidator(_interpretable)] = key(
        "no", "Whether a person must be able to follow the model.", example="prefer",
        values={"no": "any model", "prefer": "one that a person can follow, where it is as good within one paired standard error, or a hundredth",
                "require": "nothing else competes: few terms, or one small tree"},
    )  # fmt: skip
    fairness: Annotated[Fairness | None, BeforeValidator(_fairness)] = key(
        None, "Largest difference between groups of rows.", example={"column": "age_band", "max_gap": 0.1}
    )

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
