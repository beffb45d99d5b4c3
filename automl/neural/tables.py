"""Rows on the device that a network takes batches of: a dense matrix, or bags of terms where most entries are zero."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass(frozen=True)
class Bags:
    """The entries of some rows, row after row: the column of each (n_entries,), where each row begins (n_rows,), and the values."""

    columns: torch.Tensor
    starts: torch.Tensor
    values: torch.Tensor

    def __len__(self) -> int:
        return len(self.starts)


class Dense:
    """A matrix (n_rows, n_columns) float32."""

    def __init__(self, x: Any, device: str) -> None:
        self.x = torch.as_tensor(np.ascontiguousarray(x, dtype=np.float32)).to(device)

    def take(self, rows: torch.Tensor) -> torch.Tensor:
        """Return some rows."""
        return self.x.index_select(0, rows)


class Sparse:
    """A CSR matrix (n_rows, n_columns); rows are taken as bags."""

    def __init__(self, x: Any, device: str) -> None:
        self.starts = torch.as_tensor(np.asarray(x.indptr, dtype=np.int64)).to(device)
        self.columns = torch.as_tensor(np.asarray(x.indices, dtype=np.int64)).to(device)
        self.values = torch.as_tensor(np.asarray(x.data, dtype=np.float32)).to(device)

    def take(self, rows: torch.Tensor) -> Bags:
        """Return some rows."""
        first = self.starts[rows]
        length = self.starts[rows + 1] - first
        ends = length.cumsum(0)
        starts = ends - length
        n = int(ends[-1]) if len(ends) else 0  # told below, so that a GPU need not be asked again
        at = torch.arange(n, device=rows.device) + torch.repeat_interleave(first - starts, length, output_size=n)
        return Bags(self.columns[at], starts, self.values[at])


def table(x: Any, device: str) -> Dense | Sparse:
    """Return a matrix on a device; scipy's CSR stays sparse."""
    return Sparse(x, device) if hasattr(x, "indptr") else Dense(x, device)
