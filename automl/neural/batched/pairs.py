"""Pairs of slots: one finds the epoch to stop at on rows held back, its twin learns from all rows and is kept as it was after that epoch."""

from collections.abc import Mapping, Sequence
from typing import Literal

import torch

from automl.neural.batched.slots import Event, Outcome


class Pairs:
    """`followers` has the number of the twin by that of the slot it follows."""

    def __init__(self, followers: Mapping[int, int]) -> None:
        self.followers = followers
        self._leader = {twin: leader for leader, twin in followers.items()}
        self._best: dict[int, tuple[float, int]] = {}
        self._over: set[int] = set()

    def judge(self, number: int, event: Event) -> Literal["go", "end", "drop"]:
        """Return whether a slot may go on: a twin ends once it has come to the best epoch of one that is over."""
        leader = self._leader.get(number)
        if leader is not None:
            return "end" if leader in self._over and event.epoch >= self._best[leader][1] else "go"
        if event.loss < self._best.get(number, (float("inf"), 0))[0]:
            self._best[number] = (event.loss, event.epoch)
        if event.last:
            self._over.add(number)
        return "go"

    def leader_of(self, number: int) -> int:
        """Return the slot that a twin follows; of one that is no twin, itself."""
        return self._leader.get(number, number)

    def best(self, number: int, outcomes: Sequence[Outcome | None] | Mapping[int, Outcome | None]) -> tuple[torch.Tensor, int]:
        """Return the weights of a slot that is no twin, and its best epoch; its own where its twin did not come so far."""
        own = outcomes[number]
        assert own is not None, "it was dropped"
        twin = outcomes[self.followers[number]] if number in self.followers else None
        if twin is None or len(twin.every) < own.epochs or not own.losses:
            return own.row, own.epochs
        return twin.every[own.epochs - 1], own.epochs
