"""A run as Optuna studies: one SQLite file, one study per family, for those who know Optuna and its dashboard."""

import os
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from automl.errors import EnvironmentFault, UsageError
from automl.families.space import Space
from automl.rundir import RunDir, read_json
from automl.search.front import directions, values
from automl.search.sampling import Sampling
from automl.search.study import Trial
from automl.vocabulary import State

ABOUT = ("seconds", "spread", "cause", "note", "device", "peak_memory_mb", "size_bytes", "latency_ms", "predict_seconds", "attempt")
"""What a trial's user attributes say, beside its state in our words and its number in the run."""
STUDY = ("metric", "seed", "n_folds", "sampler", "pruner")
"""What a study's user attributes say."""


def export_optuna(files: RunDir, out: Path) -> dict[str, int]:
    """Write the trials of a run, finished or not, to a new SQLite file; return the number of trials of each study.

    A study is called like its family. Each trial has its options with their distributions, the objectives as values, the
    scores of folds as intermediate values, its state, and what else is known as user attributes. Raises UsageError when the
    folder is no run, or the file exists; EnvironmentFault when it cannot be written.
    """
    if out.exists():
        raise UsageError(f"{out.name} is already there", "-o", "name another file, or remove this one")
    plan, trials = _read(files)
    import optuna

    temporary = out.with_name(f".{out.name}-{os.getpid()}")
    try:
        temporary.touch()
        counts = _write(temporary, plan, trials)
        os.link(temporary, out)  # unlike a rename, this never replaces a file that came in between
    except FileExistsError:
        raise UsageError(f"{out.name} is already there", "-o", "name another file, or remove this one") from None
    except (OSError, optuna.exceptions.StorageInternalError) as fault:
        raise EnvironmentFault(f"cannot write {out.name}: {getattr(fault, 'strerror', None) or fault}", "-o", "name another place with -o") from fault
    finally:
        temporary.unlink(missing_ok=True)
    return counts


def _read(files: RunDir) -> tuple[dict[str, Any], list[tuple[Trial, datetime]]]:
    """Return the plan, and each trial that ended with the moment it did."""
    try:
        plan = read_json(files.plan)
        for key in ("objectives", "greater_is_better", *STUDY):
            plan[key]
        for candidate in plan["candidates"]:
            Space.from_record(candidate["space"])
        paths = sorted(files.trials.glob("[0-9]*/result.json"))
        return plan, [(Trial.from_record(read_json(path)), datetime.fromtimestamp(path.stat().st_mtime)) for path in paths]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError("this is not the folder of a run, or of one by another version", "RUN", "give a run folder") from None


def _write(path: Path, plan: dict[str, Any], trials: list[tuple[Trial, datetime]]) -> dict[str, int]:
    import warnings

    import optuna

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, check_same_thread=False)
        connection.execute("PRAGMA synchronous=OFF")  # the file gets its name when it is whole
        connection.execute("PRAGMA journal_mode=MEMORY")
        return connection

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    objectives = plan["objectives"]
    ways = directions(objectives, plan["greater_is_better"])
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}", engine_kwargs={"creator": connect})
    counts = {}
    try:
        for candidate in plan["candidates"]:
            name = candidate["family"]
            sampling = Sampling(plan["sampler"], Space.from_record(candidate["space"]))
            study = optuna.create_study(storage=storage, study_name=name, directions=ways)
            for key in STUDY:
                study.set_user_attr(key, plan[key])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # names of values are marked experimental
                study.set_metric_names([{"score": plan["metric"], "latency": "latency_ms", "size": "size_bytes"}[o] for o in objectives])
            own = [(trial, ended) for trial, ended in trials if trial.family == name and not trial.reference]
            study.add_trials([_frozen(trial, ended, sampling, objectives) for trial, ended in own])
            counts[name] = len(own)
    finally:
        storage.engine.dispose()
    return counts


def _frozen(trial: Trial, ended: datetime, sampling: Sampling, objectives: list[str]) -> Any:
    """Return a trial in Optuna's form; options that are fixed, or lie outside of the space, are user attributes."""
    from optuna.trial import TrialState, create_trial

    params, known = sampling.free(trial.params)
    inside = {name: value for name, value in params.items() if contains(known[name], value)}
    scores = {fold: float(score) for fold, score in enumerate(trial.fold_scores) if score is not None}
    measured = values(trial, objectives)
    state, found = TrialState.FAIL, None
    if trial.state == State.OK and measured is not None:
        state, found = TrialState.COMPLETE, list(measured)
    elif trial.state == State.PRUNED:
        state = TrialState.PRUNED
        found = [scores[max(scores)]] if scores and len(objectives) == 1 else None
    about = {name: value for name in ABOUT if (value := getattr(trial, name)) not in (None, "")}
    about |= {"number": trial.number, "state": str(trial.state), "fold_seconds": list(trial.fold_seconds), "train_scores": list(trial.train_scores)}
    about |= {f"fixed {name}": value for name, value in trial.params.items() if name not in inside}
    frozen = create_trial(
        state=state, values=found, params=inside, distributions={name: known[name] for name in inside}, intermediate_values=scores, user_attrs=about
    )  # fmt: skip
    frozen.datetime_start, frozen.datetime_complete = ended - timedelta(seconds=trial.seconds), ended
    return frozen


def contains(distribution: Any, value: Any) -> bool:
    """Return whether a value lies within a distribution."""
    choices = getattr(distribution, "choices", None)
    return value in choices if choices is not None else bool(distribution.low <= value <= distribution.high)
