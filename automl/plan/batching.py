"""Which families train several configurations as one model, over all folds at once: what these must have alike, how many, and why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automl.families import FAMILIES
from automl.families.base import Context, Together
from automl.plan.candidates import CandidateFamily
from automl.vocabulary import Device

TRIALS = {Device.CPU.value: 8}  # in a batch at most; elsewhere MOST_TRIALS. More would be chosen with no result of each other known
MOST_TRIALS = 32
SLOTS = {Device.CPU.value: 64}  # a trial on one fold each; elsewhere MOST_SLOTS
MOST_SLOTS = 320
# Measured by benchmarks/batch_gain.py, one core of a server of 2025: networks of 0.5, 2, 3, 5 and 10 million products a step train
# 6.3, 2.6, 2.1, 1.5 and 1.2 times as fast 40 at a time as one after the other; beyond 10 million, one after the other is quicker.
MOST_WORK = 4e6
GAIN_WORK = 2.5e6  # products of a step; steps gain about one plus this over the products of a step of one by itself, whatever the shape
UNSHARED = 0.08  # of the time of a fit by itself, that it takes beside others too: scored, exported, told. On dim_digits 8 trials x 5 folds gained 1.6 and 5.3
SHARE_OF_MEMORY = 0.5  # of a worker, for all slots and their rows; the rest is for libraries and what comes between


@dataclass(frozen=True)
class Batching:
    """How configurations of a family share a batch on its device; `trials` of 1: they do not, and `why` says why.

    `alike` are the options that must agree, `example` what the defaults have of them in words. `most_work` is the most products a step of one may
    have, None: any; a configuration of more trains alone.
    """

    family: str
    device: str
    alike: tuple[str, ...]
    example: str
    trials: int
    slots: int
    most_work: float | None
    why: str


def gain(work: float, slots: int, device: str) -> float:
    """Return how many times as fast so many slots should be done at once, as one after the other; careful where that was not measured."""
    if device != Device.CPU.value:
        return max(1.0, slots / 4)
    steps = 1.0 + GAIN_WORK / max(work, 1.0)
    return max(1.0, min(float(slots), 1.0 / (1.0 / steps + UNSHARED)))


def resolve_batching(
    task: str, candidates: Sequence[CandidateFamily], context: Context, n_folds: int, memory_mb: int, decide: Callable[[str, Any, str], Any]
) -> tuple[Batching, ...]:  # fmt: skip
    """Return a record for each candidate whose family can batch; `context` is that of a fit of the search, `memory_mb` a worker's."""
    out = []
    for candidate in candidates:
        together = FAMILIES.get(task, candidate.family).together
        if together is None:
            continue
        found = _of(candidate, together, replace(context, device=candidate.device), n_folds, memory_mb)
        slots = "one at a time" if found.trials < 2 else f"up to {found.trials} trials, {found.slots} fits at once"
        decide(f"search.batches.{candidate.family}", slots, found.why)
        out.append(found)
    return tuple(out)


def _of(candidate: CandidateFamily, together: Together, context: Context, n_folds: int, memory_mb: int) -> Batching:
    params, device = candidate.space.default(), candidate.device
    on_cpu = device == Device.CPU.value
    words = f"alike must be {', '.join(together.alike)} (the defaults: {together.signature(params)})"
    by_slots = (SLOTS[device] if on_cpu else MOST_SLOTS) // n_folds
    left = SHARE_OF_MEMORY * memory_mb - n_folds * together.rows_memory(context, params)  # on a device too: rows and weights of all epochs lie here
    by_memory = left / (n_folds * together.memory(context, params))
    trials = int(min(TRIALS[device] if on_cpu else MOST_TRIALS, by_slots, max(0.0, by_memory)))
    most_work = MOST_WORK if on_cpu else None
    work = together.work(context, params)

    def made(trials: int, why: str) -> Batching:
        return Batching(candidate.family, device, together.alike, together.signature(params), trials, trials * n_folds, most_work, why)

    least = together.work(context, _smallest(candidate))
    if most_work is not None and least > most_work:
        return made(1, f"on a CPU it pays below {most_work / 1e6:g} million products a step, and the smallest has {least / 1e6:.1f}")
    if by_slots < 2:
        return made(1, f"{n_folds} folds of one trial are as many fits as train well at once")
    if trials < 2:
        return made(1, f"the rows and fits of several trials on {n_folds} folds would not fit into half of the {memory_mb} MB of a worker")
    if most_work is None:
        return made(trials, f"small networks leave {device} idle, so several train as one model; {words}")
    pays = f", about {gain(work, trials * n_folds, device):.1f} times as fast" if work <= most_work else " and train alone"
    here = f"the defaults have {work / 1e6:.1f}{pays}"
    return made(trials, f"on a CPU it pays below {most_work / 1e6:g} million products a step, {here}; {words}")


def _smallest(candidate: CandidateFamily) -> dict[str, Any]:
    """Return the defaults with every number at its least."""
    found = candidate.space.default()
    for name, dimension in candidate.space.items():
        low = getattr(dimension, "low", None)
        found[name] = found[name] if low is None else low
    return found
