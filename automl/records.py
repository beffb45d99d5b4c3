"""What a run writes down of itself: its events, what it spent, its trials, its predictions."""

import io
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.finalize.candidate import Candidate
from automl.hardware import Hardware, peak_mb
from automl.plan.plan import Plan
from automl.resume.place import Place
from automl.rundir import STOPPED, RunDir, refused, write_bytes, write_json
from automl.search.budget import Budget
from automl.search.front import front
from automl.search.loop import STOPPED_BY_USER, Stop
from automl.search.optimizers import compare_optimizers
from automl.search.study import Study
from automl.spec.model import Spec
from automl.spec.sections.runtime import Log
from automl.spec.units import human_bytes, human_seconds

OnEvent = Callable[[dict[str, object]], None]


def recorder(files: RunDir, budget: Budget, on_event: OnEvent, level: str = "info") -> OnEvent:
    """Return a callback that keeps each event with its time, logs what `runtime.log.level` asks for, and hands it on."""

    def record(event: dict[str, object]) -> None:
        stamped = {**event, "seconds_used": round(budget.used(), 3)}
        files.append_event(stamped)
        if text := log_line(stamped, level):
            files.append_log(text)
        on_event(stamped)

    return record


def log_line(event: Mapping[str, object], level: str) -> str:
    """Return what the log of a run says of an event at a level, with the seconds since the start; empty: nothing."""
    kind, used = str(event["event"]), f"[{event['seconds_used']:8.1f} s] "
    if level == "debug":
        return used + kind + "".join(f", {key} {value}" for key, value in event.items() if key not in ("event", "seconds_used") and value != "")
    if level == "error":
        return ""
    if kind in ("phase", "note"):
        return used + str(event["phase" if kind == "phase" else "text"])
    if kind in ("start", "resumed", "finished"):
        return used + {"start": f"start {event.get('number')}", "resumed": f"going on with {event.get('trials')} trials"}.get(kind, kind)
    if kind.startswith("trial_") and kind != "trial_started":
        score = "" if event.get("score") is None else f", score {float(str(event['score'])):.4f}"
        cause = f": {event['cause']}" if event.get("cause") else ""
        return f"{used}trial {event['trial']} {event['family']}: {kind.removeprefix('trial_')}{score}, {event['seconds']} s{cause}"
    return f"{used}the refit of trial {event['trial']} failed: {event['cause']}" if kind == "refit_failed" else ""


def log_place(files: RunDir, log: Log, base: Path) -> Path:
    """Return where a run logs, its folder made: run.log, or the file that the spec names. Raises EnvironmentFault when it cannot be written."""
    if log.file is None:
        return files.log
    place = (base / log.file).resolve()
    with refused(place, what="write the log"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.open("ab").close()
    return place


def spent(
    asked: float | None, used: float, most_trials: int | None, n_trials: int, asked_memory: int | None, memory_mb: float
) -> list[dict[str, Any]]:  # fmt: skip
    """Return rows of the constraint table: seconds asked for and used, trials, bytes of memory asked for and the MB that were at most taken.

    What was not limited has no row, but for the time.
    """
    rows: list[dict[str, Any]] = [
        {"name": "time", "asked": "none" if asked is None else human_seconds(asked), "got": human_seconds(used), "met": asked is None or used <= asked}
    ]
    if most_trials is not None:
        rows.append({"name": "trials", "asked": f"at most {most_trials}", "got": str(n_trials), "met": n_trials <= most_trials})
    if asked_memory is not None:
        got = f"at most {human_bytes(int(memory_mb * 2**20))}"
        rows.append({"name": "memory", "asked": human_bytes(asked_memory), "got": got, "met": memory_mb <= asked_memory / 2**20})
    return rows


def spending(plan: Plan, budget: Budget, study: Study, evaluation: dict[str, Any], candidates: list[Candidate], asked_memory: int | None) -> dict[str, Any]:
    """Return the constraint table, the budget and the counts of trials; `asked_memory` in bytes, None where no limit was asked for."""
    used = budget.used()
    rows = spent(plan.seconds, used, plan.max_trials, len(study.own()), asked_memory, memory_mb(study, plan.workers))
    chosen = next(c for c in candidates if c.precision == evaluation["chosen_precision"])
    wanted = chosen.precision in plan.precisions
    bounded = plan.measure().bounded
    upper = "not judged" if chosen.drop_upper is None else f"{_loss(max(chosen.drop_upper, 0.0), bounded)} at the upper end, {chosen.precision}"
    within = chosen.drop_upper is None or chosen.drop_upper <= plan.max_drop
    rows.append(
        {
            "name": "quantize.max_drop",
            "asked": f"at most {_loss(plan.max_drop, bounded)}",
            "got": upper,
            "met": within and (wanted or chosen.precision == "float32"),
        }
    )
    return {"constraints": rows, "budget": {"asked_seconds": plan.seconds, "used_seconds": round(used, 3)}, "trials": study.counts()}


def _loss(value: float, bounded: bool) -> str:
    """Return a loss of the metric in words: absolute for metrics within 0 and 1, else a share of float32's score."""
    return f"{value:.5f}" if bounded else f"{value:.3%} of the score"


def page_facts(spec: Spec) -> dict[str, Any]:
    """Return what the report needs of the spec: its names, its looks and its files."""
    asked = spec.report
    return {"name": spec.name, "description": spec.description, "title": asked.title, "theme": asked.theme, "formats": list(asked.formats)}


def now() -> str:
    """Return the present minute in words, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def stopped_words(budget: Budget, stop: Stop) -> str:
    """Return the sentence on who ended the run, empty where it ended by itself."""
    if not stop.soft.is_set():
        return ""
    if stop.terminated:
        return f"Ended by the system (SIGTERM) after {human_seconds(budget.used())}; this is the best model found until then, and the same command goes on."
    share = f" ({budget.used() / budget.seconds:.0%} of the budget)" if budget.seconds else ""
    return f"Stopped by you after {human_seconds(budget.used())}{share}; this is the best model found until then."


def write_study(
    files: RunDir, spec: Spec, study: Study, hardware: Hardware, by_user: str, no_scheme: str, place: Place, stop: Stop,
    importance: list[dict[str, Any]], devices: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write the trials, how the search ended, which options mattered, and the ledger of devices where there is one."""
    cut = stop.terminated and study.stopped == STOPPED_BY_USER
    write_json(files.study, {
        "name": spec.name, "description": spec.description, "finished": now(), "by_user": by_user,
        "ended": STOPPED if cut else "complete", "starts": place.starts,
        "stopped": study.stopped, "counts": study.counts(), "no_scheme": no_scheme, "hardware": asdict(hardware),
        "front": front(study.trials, study.objectives, study.greater_is_better), "importance": importance,
        "optimizers": compare_optimizers(study.trials, study.greater_is_better),
        "devices": devices, "trials": [t.record() for t in study.trials],
    })  # fmt: skip


def write_predictions(files: RunDir, dataset: Dataset, found: dict[str, Any]) -> None:
    """Write a row per scored row: its number in the source, the fold, the class, the prediction and a probability per class."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    classes = np.array(dataset.classes, dtype=object)
    columns: dict[str, Any] = {"row": found["row"], "fold": found["fold"], "y": classes[found["y"]], "prediction": classes[found["codes"]]}
    columns |= {f"proba_{name}": found["proba"][:, i] for i, name in enumerate(dataset.classes)}
    columns |= {"unit": found["unit"]} if found["unit"] is not None else {}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    write_bytes(files.predictions, buffer.getvalue())


def memory_mb(study: Study, workers: int) -> float:
    """Return an upper bound of what all processes filled at once: the program, and as many trials as ran at once, the largest ones.

    Pages that a worker shares with the process it was forked from count in each.
    """
    return peak_mb() + sum(sorted((t.peak_memory_mb for t in study.trials), reverse=True)[:workers])
