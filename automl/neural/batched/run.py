"""Trains any number of slots: as many at once as there is room for, fewer where memory runs out, on the CPU at the worst."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch

from automl.hardware import of_memory
from automl.neural.batched.layout import Layout
from automl.neural.batched.slots import Event, Outcome, Slot
from automl.neural.batched.training import Batch
from automl.neural.peaks import begin_peak, peak_mb

Judge = Callable[[int, Event], Literal["go", "end", "drop"]]
Ended = Callable[[int, Outcome, "Ledger"], None]

MOST = {"cpu": 128}  # slots at once; elsewhere MOST_SLOTS
MOST_SLOTS = 512


@dataclass(frozen=True)
class Ledger:
    """What a training took of a device: seconds, most slots at once, peak of its memory in MB (0 on a CPU), and what went wrong, in words."""

    device: str
    seconds: float
    slots: int
    peak_mb: int = 0
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the ledger as JSON values."""
        return {"device": self.device, "seconds": round(self.seconds, 3), "slots": self.slots, "peak_mb": self.peak_mb, "notes": list(self.notes)}


def most_at_once(device: str) -> int:
    """Return how many slots train at once at most, where memory allows."""
    return MOST.get(device, MOST_SLOTS)


def train_slots(
    layout: Layout, slots: Sequence[Slot], *, batch: int, device: str = "cpu", deadline: float = math.inf, most: int | None = None,
    half: bool | None = None, judge: Judge = lambda number, event: "go", ended: Ended | None = None,
) -> tuple[list[Outcome | None], Ledger]:  # fmt: skip
    """Return an outcome per slot in order, and what it took; None for a slot that `judge` dropped.

    Slots beyond `most` wait and are admitted as others end. `judge` is asked with the number of a slot after each of its epochs
    whether it may go on, should end with the best it has, or is dropped. `ended` is told the outcome of each slot as soon as it has one,
    with the ledger up to then; weights of single epochs are not kept beyond that.
    At the deadline all that run end with the best they have, and those that wait with their first weights after one step.
    Where a device's memory runs out, what has not ended begins anew with half as many at once, and with one already on the CPU.
    Mixed precision is used on CUDA unless `half` says otherwise.
    """
    began = time.monotonic()
    outcomes: dict[int, Outcome | None] = {}
    room = most or most_at_once(device)
    notes: list[str] = []
    peak = 0

    def ledger() -> Ledger:
        return Ledger(device, time.monotonic() - began, min(room, len(slots)), max(peak, peak_mb(device)), tuple(notes))

    def take(found: Mapping[int, Outcome | None]) -> None:
        for number, outcome in found.items():
            if outcome is not None and ended is not None:
                ended(number, outcome, ledger())
                outcome = replace(outcome, every=())
            outcomes[number] = outcome

    while len(outcomes) < len(slots):
        used, on_cuda, short = device, device.startswith("cuda"), False
        try:
            begin_peak(used)
            waiting = [i for i in range(len(slots)) if i not in outcomes]
            _round(slots, waiting, take, Batch(layout, batch, device, deadline, half=on_cuda if half is None else half), room, deadline, judge)
        except (torch.OutOfMemoryError, RuntimeError, MemoryError) as fault:
            if not of_memory(fault) or (not on_cuda and room == 1 and not isinstance(fault, torch.OutOfMemoryError)):
                raise
            if room > 1:
                room = max(1, min(room, len(slots) - len(outcomes)) // 2)
                notes.append(f"memory ran out on {device}: {room} at once from then on")
            else:
                notes.append(f"memory ran out on {device} with one at a time: the rest was trained on the CPU")
                device, room = "cpu", most or most_at_once("cpu")
            short = True
        finally:
            peak = max(peak, peak_mb(used))
        if short:  # not sooner: the fault's traceback holds the tensors of the round that ended
            torch.cuda.empty_cache()
    return [outcomes[i] for i in range(len(slots))], ledger()


def _round(
    slots: Sequence[Slot], waiting: list[int], take: Callable[[Mapping[int, Outcome | None]], None], training: Batch, room: int, deadline: float, judge: Judge
) -> None:
    number: dict[int, int] = {}
    known: set[int] = set()
    while waiting or training.running:
        free = room - len(training.running)
        if waiting and free > 0:
            fresh, waiting = waiting[:free], waiting[free:]
            number |= dict(zip(training.admit([slots[i] for i in fresh]), fresh, strict=True))
        events = training.tick()
        if time.monotonic() >= deadline:
            events += training.finish()
        verdicts: dict[str, list[int]] = {"go": [], "end": [], "drop": []}
        for event in events:
            if event.kind == "epoch" and number[event.ticket] not in known:
                verdicts[judge(number[event.ticket], event)].append(event.ticket)
        ended = {event.ticket for event in events if event.outcome is not None}
        events += training.end(t for t in verdicts["end"] if t not in ended)
        training.evict(verdicts["drop"])
        found: dict[int, Outcome | None] = {number[event.ticket]: event.outcome for event in events if event.outcome is not None}
        found |= {number[ticket]: None for ticket in verdicts["drop"] if ticket not in ended}
        known |= found.keys()
        take(found)
