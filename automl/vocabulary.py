"""The words every stage shares: enums and the Decision record, no logic."""

from dataclasses import dataclass
from enum import StrEnum


class Task(StrEnum):
    """What is asked of the data."""

    CLASSIFICATION = "classification"
    CLUSTERING = "clustering"
    DIMENSIONALITY_REDUCTION = "dimensionality_reduction"

    @property
    def has_label(self) -> bool:
        """Return whether a column is predicted."""
        return self is Task.CLASSIFICATION


class Role(StrEnum):
    """What a column is for."""

    NUMBER = "number"
    CATEGORY = "category"
    TEXT = "text"
    DATE = "date"
    ID = "id"
    GROUP = "group"
    TIME = "time"
    WEIGHT = "weight"
    TARGET = "target"
    DROPPED = "dropped"


class Device(StrEnum):
    """Where a fit runs."""

    CPU = "cpu"
    CUDA = "cuda"


class Precision(StrEnum):
    """The rungs of the ladder, widest first."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"


class State(StrEnum):
    """How a trial ended; all but OK, PRUNED and CANCELLED count as failed."""

    OK = "ok"
    PRUNED = "pruned"
    ERROR = "error"
    MEMORY = "memory"
    TIMEOUT = "timeout"
    KILLED = "killed"
    CRASHED = "crashed"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    """What a check may do about what it finds."""

    FAIL = "fail"
    FIX = "fix"
    WARN = "warn"
    OFF = "off"


@dataclass(frozen=True)
class Decision:
    """One value the engine settled, and the sentence that says why."""

    key: str
    value: object
    because: str
