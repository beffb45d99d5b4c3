"""Slots over several devices: each device trains its share side by side, in a thread of its own."""

import heapq
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, Literal

import torch

from automl.neural.batched.layout import Layout
from automl.neural.batched.run import Ended, Judge, Ledger, train_slots
from automl.neural.batched.slots import Event, Outcome, Slot


def devices_of(device: str) -> list[str]:
    """Return the devices that a word stands for: all that torch sees for `cuda`, itself for any other."""
    count = torch.cuda.device_count() if device == "cuda" else 0
    return [f"cuda:{i}" for i in range(count)] if count > 1 else [device]


def split(slots: Sequence[Slot], n_devices: int, follows: Mapping[int, int] | None = None) -> list[list[int]]:
    """Return the numbers of the slots of each device, in order; the rows they pass through, epochs times rows, are shared about evenly.

    `follows` has the number of the slot that another one waits for (batched.pairs), by its own: both go to the same device. The longest
    go first, each to the device that has least to do (Graham 1969, Bounds on multiprocessing timing anomalies: at most 4/3 of the best).
    """
    together: dict[int, list[int]] = {}
    for i in range(len(slots)):
        together.setdefault((follows or {}).get(i, i), []).append(i)
    work = {leader: sum(slots[i].epochs * len(slots[i].rows.y) for i in group) for leader, group in together.items()}
    free = [(0, device) for device in range(n_devices)]
    out: list[list[int]] = [[] for _ in range(n_devices)]
    for leader in sorted(together, key=lambda j: (-work[j], j)):
        load, device = heapq.heappop(free)
        out[device] += together[leader]
        heapq.heappush(free, (load + work[leader], device))
    return [sorted(numbers) for numbers in out]


def train_spread(
    layout: Layout, slots: Sequence[Slot], *, devices: Sequence[str], follows: Mapping[int, int] | None = None,
    judge: Judge = lambda number, event: "go", ended: Ended | None = None, **options: Any,
) -> tuple[list[Outcome | None], Ledger]:  # fmt: skip
    """Train slots on several devices at once; else as `batched.run.train_slots`, to which `options` go.

    `judge` is asked, and `ended` told with its own ledger, by one device at a time. The ledger says of all devices
    together: the longest time, slots in all, the highest peak.

    Threads take turns in Python: a second device helps where a step's time is spent on the devices, as with many slots, and not where it is
    spent on telling them what to do.
    """
    if len(devices) == 1:
        return train_slots(layout, slots, device=devices[0], judge=judge, ended=ended, **options)
    shares = [(device, numbers) for device, numbers in zip(devices, split(slots, len(devices), follows), strict=True) if numbers]
    lock = Lock()

    def part(device: str, numbers: list[int]) -> tuple[list[Outcome | None], Ledger]:
        def own(number: int, event: Event) -> Literal["go", "end", "drop"]:
            with lock:
                return judge(numbers[number], event)

        def tell(number: int, outcome: Outcome, ledger: Ledger) -> None:
            assert ended is not None
            with lock:
                ended(numbers[number], outcome, ledger)

        mine = [slots[i] for i in numbers]
        return train_slots(layout, mine, device=device, judge=own, ended=None if ended is None else tell, **options)

    with ThreadPoolExecutor(max_workers=max(1, len(shares))) as pool:
        parts = list(pool.map(lambda share: part(*share), shares))
    outcomes = {i: outcome for (_, numbers), (found, _) in zip(shares, parts, strict=True) for i, outcome in zip(numbers, found, strict=True)}
    ledgers = [ledger for _, ledger in parts]
    whole = Ledger(
        ", ".join(dict.fromkeys(ledger.device for ledger in ledgers)), max((ledger.seconds for ledger in ledgers), default=0.0),
        sum(ledger.slots for ledger in ledgers), max((ledger.peak_mb for ledger in ledgers), default=0), tuple(n for ledger in ledgers for n in ledger.notes),
    )  # fmt: skip
    return [outcomes[i] for i in range(len(slots))], whole
