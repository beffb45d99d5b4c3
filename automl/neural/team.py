"""Several processes that train one network: each takes its share of the rows of every step, and all make the same steps."""

import time

import torch
from torch import distributed, nn

EVERY = 16  # steps between which the clock is asked together: to ask costs a message


class Team:
    """A process, `rank`, as one of `size`; alone where none was set up (torch.distributed).

    What hangs on a clock or on a sum of floats must be the same for all, or they wait for each other for ever: the first one decides.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size
        self._now = 0.0

    @classmethod
    def now(cls) -> "Team":
        """Return the team that this process is in."""
        if distributed.is_available() and distributed.is_initialized():
            return cls(distributed.get_rank(), distributed.get_world_size())
        return cls()

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return what to run in the forward pass: gradients are then averaged over the team (Li et al. 2020, PyTorch Distributed, VLDB 13)."""
        return network if self.size == 1 else nn.parallel.DistributedDataParallel(network)

    def share(self, picked: torch.Tensor) -> tuple[torch.Tensor, float]:
        """Return this process's rows of a step, and by what their mean loss counts so that averaged gradients are those of all rows."""
        if len(picked) < self.size:
            return picked, 1.0
        own = picked[self.rank :: self.size]
        return own, len(own) * self.size / len(picked)

    def agree(self, value: float) -> float:
        """Return the first process's value."""
        if self.size == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64, device="cuda" if distributed.get_backend() == "nccl" else "cpu")
        distributed.broadcast(told, 0)
        return float(told)

    def moment(self, step: int = 0) -> float:
        """Return time.monotonic() of the first process, as it was at the last step that was asked at."""
        if self.size == 1:
            return time.monotonic()
        if step % EVERY == 0:
            self._now = self.agree(time.monotonic())
        return self._now
