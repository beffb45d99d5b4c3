"""What a run may use of the machine: how many workers, how much memory each, and how many rows a fit of the search sees."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.space import Params
from automl.hardware import Hardware, own_memory_mb
from automl.plan.candidates import CandidateFamily
from automl.spec.model import Spec
from automl.spec.units import human_seconds
from automl.vocabulary import Device

WORKER_MB = 350  # a worker with its libraries
CUDA_MB = 1500  # of the host, that CUDA's context and libraries take more in a process that uses a device
SHARE_OF_MACHINE = 0.8  # of what the machine or its control group allows, where the spec names no limit
ROUGH = 3.0  # a guess of seconds may be off by this factor either way
LEAST_MB = 500  # for all workers together; below, nothing can be trained
MOST_OF_TIME = 0.15  # of the time limit, that one fit of a boosted model may be predicted to take; beyond, fits see fewer rows
LEAST_ROWS = 2000  # that fits learn from, whatever they cost
MAIN = ("xgboost", "hist_gradient_boosting")  # the families that a search should be able to afford several fits of


@dataclass(frozen=True)
class Competitor:
    """A family that could compete, with what its cost and memory are guessed from."""

    family: Family
    context: Context
    params: Params

    @classmethod
    def of(cls, task: str, candidate: CandidateFamily, context: Context) -> "Competitor":
        """Return a candidate with its default options."""
        return cls(FAMILIES.get(task, candidate.family), replace(context, device=candidate.device), candidate.space.default())

    @property
    def on_device(self) -> bool:
        """Return whether its fits use an accelerator."""
        return self.context.device != Device.CPU.value

    def seconds(self, n_rows: int) -> float:
        """Return the guessed seconds of a fit on so many rows, on one thread."""
        return self.family.cost(replace(self.context, n_rows=n_rows), self.params) if self.family.cost is not None else 0.0

    def memory_mb(self, n_rows: int) -> int:
        """Return the guessed MB of a worker that fits so many rows: its libraries, the matrix in float32, and the fit itself."""
        context = replace(self.context, n_rows=n_rows)
        matrix = 4 * n_rows * (context.n_columns + self.family.needs.terms * context.text) / 2**20
        return int(WORKER_MB + (CUDA_MB if self.on_device else 0) + matrix + (self.family.memory(context) if self.family.memory is not None else 3 * matrix))


@dataclass(frozen=True)
class Resources:
    """`workers` at once, each with `threads` and `memory_mb`; `fit_rows` is the most rows that a fit of the search sees, None: all.

    `affordable` names the families whose fits should keep within the memory of a worker.
    """

    cores: int
    workers: int
    threads: int
    memory_mb: int
    fit_rows: int | None
    affordable: tuple[str, ...]


def resources(spec: Spec, hardware: Hardware, fold_rows: int, competitors: Sequence[Competitor], decide: Callable[[str, Any, str], Any]) -> Resources:
    """Share cores and memory out among workers, and give up rows or families where they do not suffice; each with its reason.

    `fold_rows`: the rows that a fold learns from. Workers are given up before rows, rows before the main family, other
    families are left out where they would not fit.
    """
    cores = hardware.cores if spec.constraints.cpus == "all" else min(int(spec.constraints.cpus), hardware.cores)
    asked = spec.constraints.memory
    whole = int(hardware.memory_mb * SHARE_OF_MACHINE) if asked is None else min(asked >> 20, hardware.memory_mb)
    left = max(whole - int(own_memory_mb(os.getpid())) - WORKER_MB, LEAST_MB)
    decide("constraints.memory", f"{whole} MB", "asked for, all processes together" if asked is not None else f"80 % of {hardware.memory_mb} MB")
    main = next((c for name in MAIN for c in competitors if c.family.name == name), competitors[0])
    beside = CUDA_MB if not main.on_device and any(c.on_device for c in competitors) else 0  # a worker takes whichever family comes next
    workers = _workers(spec, cores, left, main.memory_mb(fold_rows) + beside, decide)
    memory = decide("runtime.memory_mb_per_worker", int(left / workers), f"{left} MB beside the program itself, shared by the workers")
    rows = _rows(spec, fold_rows, main, memory, decide)
    kept = _affordable(competitors, rows, memory, decide)
    return Resources(cores, workers, max(1, cores // workers), memory, rows if rows < fold_rows else None, kept)


def _workers(spec: Spec, cores: int, memory_mb: int, needed_mb: int, decide: Callable[[str, Any, str], Any]) -> int:
    if spec.runtime.workers is not None:
        decide("runtime.workers", spec.runtime.workers, "asked for")
        return spec.runtime.workers
    fitting = max(1, memory_mb // needed_mb)
    if fitting < cores:
        decide("runtime.workers", fitting, f"a fit takes about {needed_mb} MB, and {memory_mb} MB are there for all")
        return fitting
    decide("runtime.workers", cores, f"{cores} cores: one single-threaded trial on each is faster than one trial on all")
    return cores


def _rows(spec: Spec, fold_rows: int, main: Competitor, memory_mb: int, decide: Callable[[str, Any, str], Any]) -> int:
    """Return the rows that a fit sees: halved until the main family keeps within the memory and its share of the time."""
    rows = fold_rows
    while rows > LEAST_ROWS and main.memory_mb(rows) > memory_mb:
        rows //= 2
    if rows < fold_rows:
        words = f"{main.family.name} on {fold_rows} would take {main.memory_mb(fold_rows)} MB; a worker may use {memory_mb} MB"
        decide("search.fit_rows", rows, words)
    seconds = spec.constraints.time
    by_memory = rows
    while seconds is not None and rows > LEAST_ROWS and main.seconds(rows) > MOST_OF_TIME * seconds:
        rows //= 2
    if rows < by_memory:
        words = f"a fit of {main.family.name} on {by_memory} should take {human_seconds(main.seconds(by_memory))} of {human_seconds(seconds or 0)}"
        decide("search.fit_rows", rows, f"{words}: the search learns from fewer rows, the winner from all where that fits")
    return rows


def _affordable(competitors: Sequence[Competitor], rows: int, memory_mb: int, decide: Callable[[str, Any, str], Any]) -> tuple[str, ...]:
    """Return the families whose fits keep within the memory of a worker; the least hungry one where none does."""
    kept = [c for c in competitors if c.memory_mb(rows) <= memory_mb]
    if not kept:
        kept = [min(competitors, key=lambda c: c.memory_mb(rows))]
        decide(f"models.{kept[0].family.name}", "tried all the same", f"it takes about {kept[0].memory_mb(rows)} MB, more than the {memory_mb} MB of a worker")
    for c in competitors:
        if c not in kept:
            decide(f"models.{c.family.name}", "given up", f"a fit takes about {c.memory_mb(rows)} MB, and a worker may use {memory_mb} MB")
    return tuple(c.family.name for c in kept)


def with_costs(task: str, candidate: CandidateFamily, context: Context, folds: int) -> CandidateFamily:
    """Return the candidate with the rough range of seconds of a trial over so many folds, and the MB of its worker."""
    own = Competitor.of(task, candidate, context)
    guess = own.seconds(context.n_rows) * folds if own.family.cost is not None else None
    return replace(candidate, seconds=(guess / ROUGH, guess * ROUGH) if guess is not None else None, memory_mb=own.memory_mb(context.n_rows))
