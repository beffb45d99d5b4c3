"""Hidden units taken out by magnitude while a network trains: when, how much dropout is left, and how it is done in a network of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

BEGIN, END = 0.05, 0.25  # of the training, between which units go: after the first epochs, while the rate is high enough to recover


def removed(sparsity: float, position: float) -> float:
    """Return the share of units that is gone at a position of the training, 0 to 1; it rises fast at first, and slowly as it gets dear.

    The cubic schedule of Zhu and Gupta 2017, To prune, or not to prune, arXiv 1710.01878, equation 1.
    """
    through = min(1.0, max(0.0, (position - BEGIN) / (END - BEGIN)))
    return sparsity * (1 - (1 - through) ** 3)


def kept_dropout(gone: float) -> float:
    """Return the share of dropout that suits a network of which a share of units is gone: fewer units overfit less.

    The root of the share of weights between hidden layers that is left (Han et al. 2015, Learning both weights and connections, arXiv 1506.02626, section 3.2).
    """
    return 1.0 - gone


@dataclass(frozen=True)
class Units:
    """The parameters of a hidden layer's units: weights `into` them and `out` of them, each with the axis of the units, and `own`, one per unit.

    `fan` is what the weights into a unit are divided by when it adds up; `shared`: those out of it are divided by the root of the
    number of units.
    """

    into: tuple[torch.Tensor, int]
    out: tuple[torch.Tensor, int]
    own: Sequence[torch.Tensor]
    fan: float = 1.0
    shared: bool = False

    def __iter__(self) -> Iterator[tuple[torch.Tensor, int]]:
        yield from (self.into, self.out, *((p, 0) for p in self.own))

    @property
    def alive(self) -> torch.Tensor:
        """Return (n_units,) whether a unit has weights into it: one that was taken out has none at all."""
        into, axis = self.into
        alive: torch.Tensor = (into.detach() != 0).any(dim=1 - axis)
        return alive

    def strength(self) -> torch.Tensor:
        """Return (n_units,) the norm of the weights into each unit, its bias among them, times that of those out of it."""
        (into, axis), (out, out_axis), bias = self.into, self.out, self.own[0]
        size = torch.hypot(torch.linalg.vector_norm(into.detach(), dim=1 - axis) / self.fan, bias.detach().abs())
        strength: torch.Tensor = size * torch.linalg.vector_norm(out.detach().movedim(out_axis, 0).flatten(1), dim=1)
        return strength


@torch.no_grad()
def compact(layers: Sequence[Units]) -> None:
    """Leave out the units that were taken out: smaller parameters, and the network says the same."""
    for units in layers:
        kept = units.alive.nonzero()[:, 0]
        n = len(units.alive)
        if len(kept) == n:
            continue
        for parameter, axis in units:
            parameter.data = parameter.data.index_select(axis, kept)
        if units.shared:
            units.out[0].data *= (len(kept) / n) ** 0.5


class Pruner:
    """Takes the weakest units out of each hidden layer as the training goes on, and out of what the optimizer remembers: they then stay at zero.

    How strong a unit is says the norm of the weights into it times that of those out of it (batched.pruning), as the one may be
    scaled up and the other down without any change in what the network says. One unit of each layer is left at least.
    """

    def __init__(self, layers: Sequence[Units], optimizer: torch.optim.Optimizer, sparsity: float) -> None:
        self.layers, self.optimizer, self.sparsity = list(layers), optimizer, sparsity
        self.widths = [len(units.own[0]) for units in self.layers]
        self.left = list(self.widths)  # counted here: to ask a GPU at every step would hold it up

    @torch.no_grad()
    def __call__(self, position: float) -> float:
        """Take out what should be gone at a position of the training, 0 to 1; returns the share that is gone."""
        gone = removed(self.sparsity, position)
        for i, (units, width) in enumerate(zip(self.layers, self.widths, strict=True)):
            surplus = self.left[i] - max(1, width - int(gone * width))
            if surplus > 0:
                self.left[i] -= surplus
                weakest = units.strength().masked_fill(~units.alive, float("inf")).argsort()[:surplus]
                for parameter, axis in units:
                    for numbers in (parameter, *self._memories(parameter)):
                        numbers.index_fill_(axis, weakest, 0.0)
        return gone

    def _memories(self, parameter: torch.Tensor) -> list[torch.Tensor]:
        """Return what the optimizer keeps for a parameter, number by number."""
        kept = self.optimizer.state.get(parameter, {})
        return [value for value in kept.values() if isinstance(value, torch.Tensor) and value.shape == parameter.shape]
