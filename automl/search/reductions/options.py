"""What is asked of a reduction, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from automl.families.space import Space
from automl.inference.forms import Form

Purpose = Literal["visualize", "compress", "features"]

KEPT_SHARE = 0.95  # of the variance that `compress` keeps where nothing is asked
MAP_COMPONENTS = 2


@dataclass(frozen=True)
class Options:
    """`n_components`: a number, a share of variance in 0 to 1, or None for a choice by evidence; `y` (n_rows,) codes of a label that may be learned from.

    `include` empty means all families; `space` are the spaces of families as the user narrowed them; `most` is how many candidates may be fitted.
    """

    purpose: Purpose = "visualize"
    n_components: int | float | None = None
    preserve: Literal["local", "global"] = "local"
    y: NDArray[np.int64] | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    space: Mapping[str, Space] = field(default_factory=dict)
    most: int | None = None

    @property
    def share(self) -> float | None:
        """Return the share of variance that is asked for, if it is a share."""
        return float(self.n_components) if isinstance(self.n_components, float) and self.n_components < 1 else None


@dataclass(frozen=True)
class Found:
    """The winner: `embedding` (n_rows, m) float32 of all rows in order, and the form that places new ones.

    `trials` are records with family, params, state, seconds, scores and cause; `evidence` JSON values for the report; `score` is in
    the sign of `metric`, `baseline_score` that of principal components with the same number of coordinates.
    """

    embedding: NDArray[np.float32]
    form: Form
    family: str
    params: dict[str, Any]
    trials: list[dict[str, Any]]
    evidence: dict[str, Any]
    score: float
    metric: str
    greater_is_better: bool
    baseline_score: float
