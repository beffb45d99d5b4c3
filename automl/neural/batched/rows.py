"""The rows of all slots on the device, one table of those to learn from and one of those to stop on; slots point into them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from automl.neural.batched.slots import Rows


@dataclass(frozen=True)
class Place:
    """Where the rows of a slot lie in both tables."""

    start: int
    n: int
    stop_start: int
    n_stop: int


class Stack:
    """Tables of n_features columns; a narrower matrix is filled up with zeros, which leave the other weights as they are."""

    def __init__(self, n_features: int, device: str) -> None:
        self.n_features, self.device = n_features, device
        self.x = self._none()
        self.x_stop = self._none()
        self.y = torch.empty(0, dtype=torch.int64, device=device)
        self.y_stop = self.y.clone()
        self.weight: torch.Tensor = torch.empty(0, device=device)
        self.weight_stop = self.weight.clone()
        self.weighted = False
        self._places: dict[int, tuple[Rows, Place]] = {}

    def _none(self) -> torch.Tensor:
        return torch.empty(0, self.n_features, device=self.device)

    def place(self, rows: Rows) -> Place:
        """Return where rows lie, after they were put there if they were not known."""
        if id(rows) not in self._places:
            place = Place(len(self.y), len(rows.y), len(self.y_stop), len(rows.y_stop) if rows.stops and rows.y_stop is not None else 0)
            self.x, self.y, self.weight = self._added((self.x, self.y, self.weight), rows.x, rows.y, rows.weight)
            if rows.stops and rows.y_stop is not None:
                self.x_stop, self.y_stop, self.weight_stop = self._added(
                    (self.x_stop, self.y_stop, self.weight_stop), rows.x_stop, rows.y_stop, rows.weight_stop
                )
            self.weighted |= rows.weight is not None
            self._places[id(rows)] = (rows, place)
        return self._places[id(rows)][1]

    def _added(
        self, to: tuple[torch.Tensor, torch.Tensor, torch.Tensor], x: Any, y: NDArray[np.int64], weight: NDArray[np.float32] | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        matrix = torch.as_tensor(np.ascontiguousarray(x, dtype=np.float32)).to(self.device)
        if matrix.shape[1] < self.n_features:
            matrix = torch.nn.functional.pad(matrix, (0, self.n_features - matrix.shape[1]))
        counts = torch.ones(len(y)) if weight is None else torch.as_tensor(weight, dtype=torch.float32)
        fresh = (matrix, torch.as_tensor(y).to(self.device), counts.to(self.device))
        if not len(to[1]):
            return fresh
        return (torch.cat([to[0], fresh[0]]), torch.cat([to[1], fresh[1]]), torch.cat([to[2], fresh[2]]))
