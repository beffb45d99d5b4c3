"""A network on bags of terms: each term has a vector, a text is their weighed sum, and layers of weighted sums follow."""

import itertools
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from automl.neural.tables import Bags


class BagNetwork(nn.Module):
    """Input rows (n_rows, n_terms) as bags or dense, output (n_rows, n_margins); `sizes` are the length of the vectors and the widths that follow.

    A sum of word vectors before a linear model is fastText's classifier (Joulin et al. 2017, arXiv 1607.01759); here a kink follows it.
    """

    def __init__(self, n_terms: int, sizes: Sequence[int], n_margins: int, dropout: float) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(n_terms, sizes[0]) * 0.1)
        self.first = nn.Parameter(torch.zeros(sizes[0]))
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))
        self.last = nn.Linear(sizes[-1], n_margins)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: Bags | torch.Tensor) -> Any:
        """Return margins."""
        if isinstance(rows, Bags):
            summed = functional.embedding_bag(rows.columns, self.vectors, rows.starts, per_sample_weights=rows.values.to(self.vectors.dtype), mode="sum")
        else:
            summed = rows @ self.vectors
        h = self.dropout(torch.relu(summed + self.first))
        for layer in self.hidden:
            h = self.dropout(torch.relu(layer(h)))
        return self.last(h)
