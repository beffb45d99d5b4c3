"""What a slot is: one network's options and rows, and what came of it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows that slots learn from and stop on; x (n_rows, n_features) float32, y (n_rows,) codes, weight (n_rows,) of mean 1.

    Slots of one fold share one object, and so one copy on the device.
    """

    x: Any
    y: NDArray[np.int64]
    x_stop: Any = None
    y_stop: NDArray[np.int64] | None = None
    weight: NDArray[np.float32] | None = None
    weight_stop: NDArray[np.float32] | None = None

    @property
    def stops(self) -> bool:
        """Return whether there are rows to stop on."""
        return self.x_stop is not None and self.y_stop is not None and len(self.y_stop) > 0

    def whole(self) -> "Rows":
        """Return all of them as rows to learn from."""
        assert self.y_stop is not None, "there are no rows to stop on"
        weight = None if self.weight is None or self.weight_stop is None else np.concatenate([self.weight, self.weight_stop])
        return Rows(np.concatenate([self.x, self.x_stop]), np.concatenate([self.y, self.y_stop]), weight=weight)


@dataclass(frozen=True)
class Slot:
    """One network to train: `options` name the optimizer and its rates (neural.optimizers); `fixed`: all epochs are run.

    `begin` are its first weights as a row (length,) of the layout. Rows are shuffled by `seed`. `every`: the weights after each epoch are kept.
    `sparsity`: the share of hidden units that is taken out in the first quarter of the training (batched.pruning); epochs count from then on,
    and units are dropped less often.
    """

    rows: Rows
    begin: torch.Tensor
    options: dict[str, Any]
    epochs: int
    patience: int
    seed: int
    dropout: float = 0.0
    smoothing: float = 0.0
    fixed: bool = False
    every: bool = False
    sparsity: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What a slot came to: the weights of its best epoch as a row, that epoch, and the loss on the stopping rows after each epoch.

    Without stopping rows, the weights and the epochs at the end. `train` has the mean loss over the learning rows during each epoch, `every`
    the weights after each, where that was asked for.
    """

    row: torch.Tensor
    epochs: int
    losses: tuple[float, ...] = ()
    train: tuple[float, ...] = ()
    every: tuple[torch.Tensor, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something a slot did: it finished an epoch with a loss on its stopping rows, its `last` perhaps, or it ended.

    The loss is NaN without such rows, and while units are still taken out: such an epoch is not the best one.
    """

    kind: str
    ticket: int
    epoch: int = 0
    loss: float = float("nan")
    last: bool = False
    outcome: Outcome | None = field(default=None, repr=False)
