"""A trial inside a worker: fold by fold, each started only when the driver says so; results by files and packets."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import sample
from automl.families.base import Context, Family
from automl.features.monotone import signs
from automl.inference.forms import Form, Model
from automl.inference.storage import to_bytes
from automl.registry import resolve
from automl.search.objectives import OBJECTIVES, Objective
from automl.search.store import Rows, Store
from automl.search.workers.fitting import fit, moment
from automl.search.workers.job import Send, Told

PREDICTIONS = "out_of_fold.npy"  # of a trial: (n_scored, n_outputs), fold after fold
POOLED_PARTS = 5  # that pooled predictions are scored in, for the spread between them
KEEP_BYTES = 64 << 20  # fold models beyond this are not kept: they serve only to judge rungs and as a last resort
TRAIN_ROWS = 2000  # learning rows at most that a fold's model is scored on, beside those it did not see
ONE_ROW_TIMES = 5  # answers to one row, of which the median counts


class BadAnswer(ValueError):
    """A model answered with something that cannot be scored."""


def run_trials(job: dict[str, Any], send: Send, told: Told) -> None:
    """Run the trials of a job, one after the other; each packet says which of them it is about."""
    for member in job["trials"]:

        def say(packet: dict[str, object], number: int = member["number"]) -> None:
            send({**packet, "trial": number})

        run_trial(job, member, say, told)


def run_trial(job: dict[str, Any], member: dict[str, Any], send: Send, told: Told) -> None:
    """Fit and score each fold; out-of-fold predictions and fold models are on disk before a fold is announced.

    A unit of work is a fold: after each but the last the driver is asked whether the next one may start, and until when.
    """
    family: Family = resolve(job["family"])  # type: ignore[assignment]
    store = Store.open(Path(job["store"]))
    record = Record(job, member, family, store)
    soft = np.load(job["soft"], mmap_mode="r") if job.get("soft") else None
    deadline = moment(member.get("deadline"))
    for fold in range(len(store.folds)):
        began = time.monotonic()
        rows = FoldRows.of(job, family, store, fold, member["params"])
        estimator = fit(family, job, member["params"], rows.context, rows.x, store.y[rows.learn], deadline, *rows.about(store, soft))
        cut = time.monotonic() >= deadline
        form = family.export(estimator, rows.context)
        send(record.take(fold, rows, estimator, form, time.monotonic() - began, cut))
        if fold + 1 < len(store.folds):
            answer = told()
            if not answer.get("go"):
                return
            deadline = moment(answer.get("deadline"))
    if job.get("pooled"):
        send(record.pooled())


@dataclass(frozen=True)
class FoldRows:
    """The rows of a fold as a family takes them: `learn` and `score` are their numbers; `seconds` is what making them took."""

    learn: Rows
    score: Rows
    x: Any
    x_score: Any
    context: Context
    seconds: float

    @classmethod
    def of(cls, job: dict[str, Any], family: Family, store: Store, fold: int, params: dict[str, Any]) -> "FoldRows":
        """Return the rows of a fold for a model with these options."""
        began = time.monotonic()
        learn, score = store.rows(fold)
        features, x, x_score = store.features(family.needs_of(params), fold)
        ready = time.monotonic()
        context = replace(Context(**job["context"]), seed=job["context"]["seed"] + fold, monotone=signs(features, job.get("monotone") or {}))
        return cls(learn, score, x, x_score, context, ready - began)

    def about(self, store: Store, soft: NDArray[np.float32] | None = None) -> tuple[Any, ...]:
        """Return units, times, weights and soft labels of the rows that are learned from, each None where there are none."""
        return store.unit_of(self.learn), store.time_of(self.learn), store.weight_of(self.learn), soft[self.learn] if soft is not None else None


class Record:
    """What a trial comes to, fold by fold in their order: predictions and models on disk, and the packets that announce them."""

    def __init__(self, job: dict[str, Any], member: dict[str, Any], family: Family, store: Store) -> None:
        self.job, self.family, self.store, self.folder = job, family, store, Path(member["folder"])
        self.objective = OBJECTIVES.get(job["context"]["task"], job["context"]["task"])
        self.outputs: list[NDArray[Any]] = []
        self.kept = 0

    def take(self, fold: int, rows: FoldRows, estimator: Any, form: Form, seconds: float, cut: bool) -> dict[str, object]:
        """Write what the model of a fold predicts, and return the packet; `seconds` are those of features, fit and form. Raises BadAnswer."""
        fitted = time.monotonic()
        model = Model(form)
        output = model.predict(rows.x_score)
        scored = time.monotonic()
        if fault := self.objective.fault(output, len(rows.score), rows.context.n_outputs):
            raise BadAnswer(fault)
        _append(self.folder / PREDICTIONS, output, sum(len(valid) for _, valid in self.store.folds))
        self.outputs += [output] if self.job.get("pooled") else []
        self.kept += form.n_bytes
        if self.kept <= KEEP_BYTES:
            (self.folder / f"fold{fold}.model.safetensors").write_bytes(to_bytes(form))
        value = _judged(self.job, self.objective, self.store, rows.score, output)
        judged = time.monotonic()
        some = sample(np.arange(len(rows.learn)), TRAIN_ROWS, rows.context.seed)
        train_score = _judged(self.job, self.objective, self.store, rows.learn[some], model.predict(rows.x[some]))
        rounds = self.family.rounds(estimator) if self.family.rounds else None
        return {
            "kind": "fold", "fold": fold, "score": value, "train_score": train_score, "seconds": seconds, "predict_seconds": scored - fitted,
            "feature_seconds": rows.seconds, "score_seconds": judged - scored, "cut": cut, "rounds": rounds, "size_bytes": form.n_bytes,
            "latency_ms": _one_row(model.predict, rows.x_score), "device_mb": getattr(getattr(estimator, "ledger", None), "peak_mb", 0),
            "notes": list(getattr(estimator, "notes", ())),
        }  # fmt: skip

    def pooled(self) -> dict[str, object]:
        """Return the packet with the score of all predictions at once."""
        return {"kind": "pooled", **_pooled(self.objective, self.job, self.store, np.concatenate(self.outputs))}


def _judged(job: dict[str, Any], objective: Objective, store: Store, rows: Rows, output: NDArray[Any]) -> float | None:
    """Return the score of some rows; none where predictions are pooled, or where a class is missing among the rows."""
    if job.get("pooled"):
        return None
    value = objective.score(job["metric"], store.y[rows], output, job["positive"], job.get("costs", ()), store.weight_of(rows))
    return value if value == value else None


def _one_row(predict: Callable[[Any], object], x: Any) -> float:
    """Return the milliseconds of an answer to one row, the median of some."""
    one, seconds = x[:1], []
    for _ in range(ONE_ROW_TIMES):
        began = time.perf_counter()
        predict(one)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)) * 1e3


def _append(path: Path, output: NDArray[Any], n_rows: int) -> None:
    """Append the predictions of a fold; the array can be loaded once all `n_rows` are there, and is one file for a thousand folds."""
    new = not path.exists()
    with path.open("ab") as file:
        if new:
            shape = (n_rows, *output.shape[1:])
            header = {"descr": np.lib.format.dtype_to_descr(output.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
        file.write(np.ascontiguousarray(output).tobytes())


def _pooled(objective: Objective, job: dict[str, Any], store: Store, outputs: NDArray[Any]) -> dict[str, float | None]:
    """Return the score of all predictions at once, and the deviation between scores of fifths of them."""
    rows = np.concatenate([valid for _, valid in store.folds])

    def score_of(some: NDArray[np.bool_]) -> float:
        costs, own = job.get("costs", ()), rows[some]
        return objective.score(job["metric"], store.y[own], outputs[some], job["positive"], costs, store.weight_of(own))

    score = score_of(np.ones(len(rows), dtype=bool))
    part = np.random.default_rng(job["context"]["seed"]).permutation(len(rows)) % POOLED_PARTS
    scores = [score_of(part == k) for k in range(POOLED_PARTS)]
    known = [s for s in scores if s == s]
    return {"score": score if score == score else None, "spread": float(np.std(known, ddof=1)) if len(known) > 1 else None}
