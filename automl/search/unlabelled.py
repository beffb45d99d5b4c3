"""The search of a task without a label: its own finder runs, in processes, and each trial is on disk before anybody is told."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from importlib import import_module
from typing import Any

import numpy as np

from automl.features.view import View
from automl.plan.unlabelled import UnlabelledPlan
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.kept import SETTLED, KeptPool
from automl.search.loop import STOPPED_BY_USER, OnEvent, Past, Stop
from automl.search.processes import Begun, ProcessPool
from automl.search.study import Study, Trial
from automl.search.trialstore import TrialStore
from automl.search.workers.local import LocalExecutor
from automl.vocabulary import Device, State

FINDERS = {"clustering": "automl.search.clusters.find", "dimensionality_reduction": "automl.search.reductions.find"}
"""Per task the module whose `find` searches, and whose `Options` says what is asked of it."""

CPU = Device.CPU.value
MOST = "most"  # the option of a finder that itself keeps to a number of trials
CLUSTERS = "clustering"  # whose finder narrows the spaces of families itself
MOST_LOGGED = 300  # characters of a cause


@dataclass(frozen=True)
class Searched:
    """What a search came to: `found` is the finder's own result, None where no trial ended well; `number` of the trial that it is."""

    study: Study
    found: Any = None
    number: int | None = None
    peak_memory_mb: int = 0


@dataclass
class Recorder:
    """Numbers trials, writes each to disk, and tells of it.

    A trial is one configuration. It has its number from the moment its first fit begins; further fits of the same one (resamples)
    are part of it and not told of. There may be hundreds of short ones, and a record takes some 20 ms to reach the disk, so a thread
    of its own writes them; a trial is told of once it is there. `close` waits for the last.

    `past` are the trials of earlier starts. Where one of them comes back, its record stays as it is and nobody is told again;
    `told` counts what came back in this start, `added` what is new.
    """

    plan: UnlabelledPlan
    store: TrialStore
    budget: Budget
    on_event: OnEvent
    study: Study
    past: Past = field(default_factory=Past)
    told: int = 0
    added: int = 0
    _earlier: dict[str, deque[Trial]] = field(default_factory=dict)
    _last: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)
    _begun: dict[int, tuple[float, int]] = field(default_factory=dict)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _writing: deque[tuple[Trial | None, Future[None]]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        for trial in self.past.trials:
            self.study.trials.append(trial)
            if trial.state in SETTLED:
                self._earlier.setdefault(_name(trial.family, trial.params, trial.note), deque()).append(trial)
        self._last = max([0, *(t.number for t in self.past.trials), *(i.number for i in self.past.interrupted)])

    def write(self, call: Callable[[], None]) -> None:
        """Carry out a write on the thread of the records, before those that come after it."""
        self._writing.append((None, self._writer.submit(call)))

    @property
    def lost(self) -> int:
        """Return how many trials of earlier starts ended in a way that will be tried again."""
        return sum(t.state not in SETTLED for t in self.past.trials)

    @property
    def waits(self) -> bool:
        """Return whether a trial of an earlier start has not come back."""
        return any(self._earlier.values())

    def began(self, begun: Begun) -> None:
        """Take in that a process took a fit up. Raises EnvironmentFault where a record could not be written."""
        self._tell(wait=False)
        name = _name(begun.fit.family, begun.fit.params, begun.fit.note)
        if name in self._numbers or self._earlier.get(name):
            return
        number = self._number(name)
        self._begun[number] = self.budget.used(), begun.pid
        self.on_event({"event": "trial_started", "trial": number, "pid": begun.pid, "family": begun.fit.family, "device": CPU})

    def ended(self, record: Any) -> None:
        """Keep the record of a trial: family, params, state, seconds, scores, cause; `score` is the one that is compared. Raises EnvironmentFault."""
        told = _facts(record)
        name = _name(told["family"], told["params"], str(told.get("note") or ""))
        self.told += 1
        if (earlier := self._earlier.get(name)) and earlier[0].state == told["state"]:
            self._numbers[name] = earlier.popleft().number
            return
        self.added += 1
        number = self._numbers[name] if name in self._numbers else self._number(name)
        while any(t.number == number for t in self.study.trials):
            number = self._number(name)  # the same configuration once more is another trial
        started, pid = self._begun.get(number, (max(0.0, self.budget.used() - told["seconds"]), 0))
        scores = {k: float(v) for k, v in (told.get("scores") or {}).items() if isinstance(v, int | float) and np.isfinite(v)}
        score = told.get("score")
        trial = Trial(
            number, told["family"], plain(told["params"]), str(told.get("device") or CPU), State(told["state"]), str(told.get("cause") or "")[:MOST_LOGGED],
            score=float(score) if isinstance(score, int | float) and np.isfinite(score) else None, seconds=float(told["seconds"]), pid=pid, started=started,
            note=str(told.get("note") or ""), scores=scores,
        )  # fmt: skip
        self.study.trials.append(trial)
        self._writing.append((trial, self._writer.submit(self._keep, trial)))
        self._tell(wait=False)

    def close(self) -> None:
        """Wait until every record is on disk, and tell of it. Raises EnvironmentFault."""
        self._tell(wait=True)
        self._writer.shutdown()

    def _keep(self, trial: Trial) -> None:
        self.store.begin(trial.number)
        self.store.finish(trial)

    def _tell(self, wait: bool) -> None:
        """Tell of the trials that are on disk by now."""
        while self._writing and (wait or self._writing[0][1].done()):
            trial, written = self._writing.popleft()
            written.result()
            if trial is None:
                continue
            self.on_event({"event": f"trial_{trial.state}", "trial": trial.number, "pid": trial.pid, "family": trial.family, "score": trial.score,
                           "seconds": round(trial.seconds, 3), "cause": trial.cause})  # fmt: skip

    def number_of(self, family: str, params: Mapping[str, Any], note: str = "") -> int | None:
        """Return the number of the trial of a configuration, None where it was none of the trials; `note` is what was done to the rows before."""
        return self._numbers.get(_name(family, params, note))

    def _number(self, name: str) -> int:
        self._last += 1
        self._numbers[name] = self._last
        return self._last


def run_search(
    plan: UnlabelledPlan, view: View, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop,
    past: Past | None = None,
) -> Searched:  # fmt: skip
    """Search until the finder is done, the time is used, or the user ends it; what was found by then is the result.

    `past` is what earlier starts left: the finder begins anew and asks for the same fits, which are answered from disk.
    """
    study = Study(True, 1)
    recorder = Recorder(plan, TrialStore(files), budget, on_event, study, past or Past())
    processes = ProcessPool(
        plan.task, executor, files.scratch / "fits", files.log, plan.threads_per_trial, plan.memory_mb_per_worker, budget.search_end,
        recorder.began, stop.hard.is_set, next((c.device for c in plan.candidates if c.device != CPU), CPU),
    )  # fmt: skip
    pool = KeptPool(processes, files.fits, recorder.write)
    finder = import_module(FINDERS[plan.task])
    counted = any(f.name == MOST for f in fields(finder.Options)) and not recorder.past.trials

    def over() -> bool:
        return stop.soft.is_set() or time.monotonic() >= budget.search_end or (not counted and _enough(plan, recorder))

    try:
        found = finder.find(
            pool, view.x, options_of(finder, plan, view, recorder.lost), deadline=budget.search_end, seed=plan.seed, n_jobs_hint=plan.workers,
            on_trial=recorder.ended, should_stop=over,
        )  # fmt: skip
    except (NoResult, getattr(finder, "NoClustersError", NoResult)):
        found = None
    finally:
        processes.close()
        recorder.close()
    _tell_kept(pool, on_event)
    study.stopped = _why_ended(plan, study, budget, stop)
    if found is not None:
        study.greater_is_better = bool(found.greater_is_better)
    number = recorder.number_of(found.family, found.params, str(found.evidence.get("note") or "")) if found is not None else None
    return Searched(study, found, number, processes.peak_memory_mb)


def _enough(plan: UnlabelledPlan, recorder: Recorder) -> bool:
    """Return whether as many trials were run as were asked for; those of earlier starts count, and come back before new ones.

    Where several processes ended in another order before, other options may be drawn: then as many more may run as run at once.
    """
    most = plan.max_trials
    if most is None or recorder.told >= most:
        return most is not None
    return len(recorder.study.trials) >= most and (recorder.added > 0 or not recorder.waits)


def _tell_kept(pool: KeptPool, on_event: OnEvent) -> None:
    """Say how much of the work of earlier starts was taken up."""
    for text in pool.unread:
        on_event({"event": "note", "text": text})
    if pool.recalled:
        fits = f"{pool.recalled:,} finished fit{'s' * (pool.recalled > 1)} of earlier starts"
        on_event({"event": "note", "text": f"{fits} {'were' if pool.recalled > 1 else 'was'} taken up; {pool.fresh:,} ran in this start"})


class NoResult(RuntimeError):
    """What a finder raises where no trial of it ended well."""


def options_of(finder: Any, plan: UnlabelledPlan, view: View, lost: int = 0) -> Any:
    """Return the finder's own options: of what the plan asks, those that it has; `lost` trials of earlier starts count and do not come back."""
    y = None if plan.code is None else np.asarray(plan.code)[view.rows]
    given: dict[str, Any] = {
        **plan.asked, "y": y, "numbers": view.numbers, "include": tuple(c.family for c in plan.candidates), "exclude": (),
        "space": plan.space if plan.task == CLUSTERS else {c.family: c.space for c in plan.candidates},
        MOST: None if plan.max_trials is None else max(1, plan.max_trials - lost),
    }  # fmt: skip
    if isinstance(given.get("n_clusters"), list):
        given["n_clusters"] = tuple(given["n_clusters"])
    return finder.Options(**{f.name: given[f.name] for f in fields(finder.Options) if f.name in given})


def _why_ended(plan: UnlabelledPlan, study: Study, budget: Budget, stop: Stop) -> str:
    if stop.soft.is_set():
        return STOPPED_BY_USER
    if plan.max_trials is not None and len(study.trials) >= plan.max_trials:
        return f"all {plan.max_trials} trials were run"
    if time.monotonic() >= budget.search_end:
        return "the time for the search was used"
    return "everything that was planned had been tried"


def _facts(record: Any) -> dict[str, Any]:
    """Return the values of a record, whether it is a mapping or a dataclass."""
    if is_dataclass(record) and not isinstance(record, type):
        return asdict(record)
    return dict(record) if isinstance(record, Mapping) else dict(vars(record))


def _name(family: str, params: Mapping[str, Any], note: str = "") -> str:
    return repr((family, sorted((k, plain(v)) for k, v in params.items()), note))


def plain(value: Any) -> Any:
    """Return a value, its numpy numbers as Python's own, as JSON holds it."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
