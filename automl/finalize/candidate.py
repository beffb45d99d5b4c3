"""A Candidate is a model as data, before packaging, with what is needed to judge changes to it out of fold."""

from dataclasses import dataclass, field, replace
from typing import Any

from automl.families.base import Needs
from automl.inference.decision import Decision
from automl.inference.forms import Form


@dataclass(frozen=True)
class FoldModel:
    """The model of one fold at the candidate's precision, and the matrix of the rows it did not see.

    `x` (n_valid, n_features), `y` (n_valid,) codes, `unit` (n_valid,) the unit of each row, None where rows stand alone;
    `weight` (n_valid,) how much each counts, None where all count alike. `needs` are those of the matrix, of a blend those of each of its matrices.
    """

    fold: int
    model: Form
    x: Any
    y: Any
    unit: Any = None
    weight: Any = None
    needs: tuple[Needs, ...] = ()


@dataclass(frozen=True)
class Member:
    """A trial whose model answers, and the share of the answer that is its."""

    family: str
    trial: int
    weight: float


@dataclass(frozen=True)
class Candidate:
    """A model at one precision: that of one trial, or a blend (inference/blend.py) of those in `members`, of which `trial` is the best.

    `out_of_fold` holds per fold the predictions (n_valid, n_outputs) made in the search; `drop` and `drop_upper` are
    against float32, out of fold, once judged; `log_loss_drop` is the least that the log loss rises by, in nats, from `log_loss_reference`; `tried` says
    which other ways of storing this rung lost too much.
    `step` is the way that it is stored at 8 bits. `decision` is what becomes of the probabilities, the same at every precision.
    """

    family: str
    precision: str
    scheme: str
    features: Form
    model: Form
    folds: tuple[FoldModel, ...]
    trial: int | None
    facts: dict[str, Any] = field(default_factory=dict)
    drop: float | None = None
    drop_upper: float | None = None
    log_loss_drop: float | None = None
    tried: str = ""
    log_loss_reference: float | None = None
    step: int = 0
    n_folds: int | None = None
    out_of_fold: tuple[Any, ...] = ()
    members: tuple[Member, ...] = ()
    decision: Decision = field(default_factory=Decision)

    @property
    def whole(self) -> bool:
        """Return whether the models of all folds are there, so that changes can be judged on every training row."""
        return bool(self.folds) and len(self.folds) == (self.n_folds or len(self.folds))

    def at(self, precision: str, scheme: str, model: Form, folds: tuple[FoldModel, ...]) -> "Candidate":
        """Return the candidate stored at another precision."""
        return replace(self, precision=precision, scheme=scheme, model=model, folds=folds)
