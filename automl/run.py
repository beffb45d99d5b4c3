"""THE MAP: carries out a spec from data to report, one stage per line; the only place that writes a run folder."""

import io
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from automl.artifact.files import digest_of
from automl.artifact.load import load
from automl.artifact.pack import pack, publish
from automl.data.dataset import Dataset, describe, load_dataset
from automl.data.split import Split, make_split
from automl.eda.act import Treated, treat
from automl.eda.clock import eda_seconds
from automl.eda.profile import Profile, profile_dataset
from automl.eda.shown import personal_columns, sample_rows, without_personal
from automl.errors import GateFailed
from automl.evaluate.all_rows import ship
from automl.evaluate.evaluate import evaluate
from automl.evaluate.explain.explain import explain, rows_asked
from automl.evaluate.explain.scored import fold_probas
from automl.evaluate.fresh import ROWS as FRESH_ROWS
from automl.evaluate.fresh import check_fresh
from automl.evaluate.gate import gate_fault, judge_winner
from automl.evaluate.generalise import generalisation
from automl.evaluate.winner import settle_winner
from automl.families import FAMILIES
from automl.finalize.all_rows import fit_on_all_rows
from automl.finalize.candidate import Candidate
from automl.finalize.decide import CELL_SECONDS, MOST_CELLS, with_decision
from automl.finalize.diagnose import diagnose
from automl.finalize.ensemble import Likely
from automl.finalize.keep import tidy
from automl.finalize.maker import Maker
from automl.finalize.refit import baseline_candidate
from automl.finalize.winner import winner as finished
from automl.hardware import Hardware, probe
from automl.inference.compiled import compile_beside
from automl.plan.plan import Plan, make_plan
from automl.quantize.candidates import candidate_rungs, rungs_alike, schemes_of
from automl.quantize.ladder import JUDGED_ROWS
from automl.records import OnEvent, log_place, now, page_facts, recorder, spending, stopped_words, write_predictions, write_study
from automl.registry import resolve
from automl.report.live import Live
from automl.report.render import is_written, render_report
from automl.result import Run
from automl.resume.decided import decided_facts
from automl.resume.latest import Latest
from automl.resume.place import Place, place_of
from automl.rundir import RunDir, read_json, refused, shown, write_bytes, write_json
from automl.search.budget import Budget
from automl.search.failures import no_model
from automl.search.importance import parameter_importance
from automl.search.leaderboard import leaderboard_text
from automl.search.ledger import device_ledger
from automl.search.loop import Past, Search, Stop
from automl.search.references import constant_trial, references
from automl.search.store import Store
from automl.search.study import Study, Trial
from automl.search.workers.local import LocalExecutor
from automl.spec.load import read_spec
from automl.spec.model import Spec
from automl.spec.resolved import resolved_text
from automl.vocabulary import Mode, Task

ROW_SECONDS = 3e-6  # per row, of looking for held-out rows that repeat a training row, and of writing predictions
NO_HOLDOUT = "every row trains already: no rows were kept for the report"
CHOICES = 2  # further models that time is kept for, where something is asked of the winner
ROUTES = dict.fromkeys((task for task in Task if not task.has_label), "automl.unlabelled:run")  # tasks with a map of their own
COLUMN_SECONDS = 5e-4  # per column, of what the report shows of each


@dataclass(frozen=True)
class Examined:
    """What is known of the data after the look at it, and before anything is done about it."""

    dataset: Dataset
    split: Split
    profile: Profile


@dataclass(frozen=True)
class Prepared:
    """What is known before anything is trained or written: the data as the findings left them, and the plan.

    `seen` is the look at the data, None where an earlier start of the run had taken it.
    """

    seen: Examined | None
    treated: Treated
    plan: Plan
    hardware: Hardware

    @property
    def profile(self) -> Profile:
        """Return the profile of a look that was taken now."""
        assert self.seen is not None, "the look was taken by an earlier start"
        return self.seen.profile

    def looked(self, files: RunDir) -> dict[str, Any]:
        """Return the profile as JSON values, that of an earlier start as it stands in the run folder."""
        found: dict[str, Any] = self.seen.profile.as_dict() if self.seen is not None else read_json(files.profile)
        return found

    @property
    def dataset(self) -> Dataset:
        """Return the data as they are learned from."""
        return self.treated.dataset

    @property
    def split(self) -> Split:
        """Return how their rows are divided."""
        return self.treated.split


def read(spec: Spec, base: Path, on_event: OnEvent = lambda event: None, limit: int | None = None) -> Dataset:
    """Read the data; `limit` as for load_dataset. Raises SpecError or DataError."""
    on_event({"event": "phase", "phase": "reading the data"})
    return load_dataset(spec, base, limit=limit)


def look(spec: Spec, dataset: Dataset, seconds: float, on_event: OnEvent = lambda event: None) -> Examined:
    """Divide and describe the data, the latter within so many seconds. Raises DataError."""
    split = make_split(dataset, spec)
    on_event({"event": "phase", "phase": f"looking at {len(split.train):,} rows, columns: {len(dataset.fields):,}"})
    return Examined(dataset, split, profile_dataset(dataset, split, spec.checks, describe(dataset), seconds))


def examine(spec: Spec, base: Path, seconds: float, on_event: OnEvent = lambda event: None) -> Examined:
    """Read, divide and describe the data, the last within so many seconds. Writes nothing. Raises SpecError or DataError."""
    return look(spec, read(spec, base, on_event), seconds, on_event)


def described(spec: Spec, seen: Examined) -> dict[str, Any]:
    """Return the profile as it is kept and shown: beside the statistics, how the rows were divided and some of them; personal data masked."""
    profile = seen.profile.as_dict()
    personal = personal_columns(profile["findings"])
    split = [{"key": d.key, "value": str(d.value), "because": d.because} for d in seen.split.decisions]
    sample = sample_rows(seen.dataset, seen.split, personal.keys(), spec.report.sample_rows)
    return {**without_personal(profile, personal), "split": split, "sample": sample}


def prepare(spec: Spec, base: Path, place: Place | None = None, on_event: OnEvent = lambda event: None) -> Prepared:
    """Examine the data, do what the findings decided, and plan; what an earlier start in `place` decided is taken over.

    Writes nothing. Raises SpecError, DataError or EnvironmentFault.
    """
    hardware = probe()
    dataset = read(spec, base, on_event, place.limit() if place else None)
    if place is not None:
        place.check(dataset)
    if place is not None and place.decided is not None:
        treated = place.decided.treated(dataset)
        return Prepared(None, treated, make_plan(spec, treated.dataset, treated.split, treated.recipe, hardware, place.decided.plan), hardware)
    seen = look(spec, dataset, eda_seconds(spec.constraints.time), on_event)
    treated = treat(dataset, seen.split, seen.profile.findings, spec, seen.profile.pairs)
    return Prepared(seen, treated, make_plan(spec, treated.dataset, treated.split, treated.recipe, hardware), hardware)


def run(
    spec: Spec | Path | str, *, out: Path | str | None = None, overrides: dict[str, str] | None = None, resume: bool = False,
    started: float | None = None, on_event: OnEvent = lambda event: None, stop: Stop | None = None,
    on_page: Callable[[Path], None] = lambda path: None, executor: LocalExecutor | None = None, brief: bool = False,
) -> Run:  # fmt: skip
    """Carry out a spec (a path, or one already read) and return the finished run.

    `out` is the run folder: a new one, or that of the same run, which is continued where it was killed. `resume` continues
    the newest unfinished run of the spec, also one that its user stopped. `started` is when the budget began to count, on
    time.monotonic()'s scale; now, when left out. `on_page` is told once where a page stands that is written again as results
    come. `executor` runs the fits, in processes of their own when left out. `brief`: the model and its score alone; no report, and
    nothing that serves only that: no references, no closer look at the winner, hardly any timing.

    Raises SpecError, DataError, EnvironmentFault before anything is written; GateFailed when a `fail` check found something,
    after the profile was written, or when what ships does not keep a hard constraint, after the report was written; NoModelError
    when every trial failed, after that too; EnvironmentFault when the disk is full or the folder in use: the same call continues
    once that is mended.
    """
    began = time.monotonic() if started is None else started
    if not isinstance(spec, Spec):
        spec = read_spec(Path(spec), overrides)
    base = spec.source.path.parent if spec.source is not None else Path()
    stop = stop or Stop()
    stop.at_once = spec.runtime.on_interrupt == "stop"
    if executor is None:  # the caller's process is to do all by itself otherwise
        compile_beside()
    if (route := ROUTES.get(Task(spec.task.type))) is not None:
        other: Any = resolve(route)
        told: dict[str, Any] = {"out": out, "overrides": overrides or {}, "resume": resume, "started": began, "on_event": on_event, "stop": stop}
        return cast(Run, other(spec, base, **told, executor=executor, on_page=on_page, brief=brief))
    with closing(place_of(spec, base, out, resume)) as place:
        if place.finished:
            return found_run(place.files)
        budget = Budget(began, spec.constraints.time, earlier=place.spent, brief=brief)
        with closing((executor or LocalExecutor(1, preload(spec))).start()) as executor:
            ready = prepare(spec, base, place, on_event)
            files, plan, store, past, record = _begin(spec, base, place, ready, budget, overrides or {}, on_event)
            executor.slots = executor.slots_for(plan.workers)
            if not brief:
                record = Live(files, list(spec.report.formats), lambda: on_page(files.report_html)).after(record)
            record({"event": "phase", "phase": "search", "workers": plan.workers, "folds": plan.n_folds, "metric": plan.metric})
            stop.active = True
            budget.passes, budget.rows_seconds, budget.explanation_passes = _finishing(plan, ready.split)
            budget.choices = len(plan.limits.hard) and CHOICES
            budget.all_rows = spec.validation.refit and len(ready.split.holdout) > 0
            facts = _facts(spec, plan, ready.dataset)
            latest = Latest(plan, store, files, facts, budget.seconds, comparable=bool(past.trials))
            study = Search(
                plan, files, executor, budget, latest.after(record), stop, past=past, on_best=latest.offer, references=[] if brief else references(plan),
                members=Likely(plan, store, files),
            ).run()  # fmt: skip
            study.trials.insert(0, constant_trial(plan, store))
            write_bytes(files.leaderboard, leaderboard_text(study).encode())
            record({"event": "phase", "phase": "fitting the winner on all training rows"})
            maker, made = Maker(plan, study, store, files, executor, budget, record, stop), None
            if plan.limits.asked:
                made = settle_winner(
                    maker, ready.dataset, ready.split,
                    lambda c: candidate_rungs(plan, with_decision(plan, c, store), store, budget.bootstrap_seconds / 2, budget.tuning_seconds),
                    lambda r: _pack_all(files, plan, r, facts),
                )  # fmt: skip
                winner, choice = made.rungs[0], maker.choices.get(made.option.trials) if made.option is not None else None
            else:
                found, choice = finished(maker)
                winner = with_decision(plan, found, store)
            write_bytes(files.leaderboard, leaderboard_text(study).encode())
            won = next((t for t in study.own() if t.number == winner.trial), None)
            diagnosis = diagnose(plan, won, store, files, executor, record, stop, budget.diagnosis_seconds) if won and not brief else None
            whole, why = None, NO_HOLDOUT
            if budget.all_rows:
                record({"event": "phase", "phase": "fitting the winner on all rows"})
                budget.all_rows = False
                whole, why = fit_on_all_rows(plan, study, winner, ready.dataset, ready.split, files, executor, budget, record, stop)
        record({"event": "phase", "phase": "quantizing and measuring"})
        candidates = list(made.rungs) if made is not None else candidate_rungs(plan, winner, store, budget.bootstrap_seconds / 2, budget.tuning_seconds)
        folders = list(made.folders) if made is not None else _pack_all(files, plan, candidates, facts)
        among = made.among if made is not None else ()
        evaluation, chosen = evaluate(plan, ready.dataset, ready.split, candidates, folders, baseline_candidate(plan, store), budget, among)
        evaluation["ensemble"], evaluation["distilled"] = choice.facts if choice is not None else None, maker.distillation
        mixed = choice.out_of_fold if choice is not None else ()
        if not brief:
            evaluation["generalisation"] = generalisation(plan, study, store, files, evaluation, diagnosis, budget.comparison_seconds, mixed)
        predictions = evaluation.pop("_predictions")
        scored = predictions.pop("at"), predictions["codes"]
        held = judge_winner(plan, ready.dataset, ready.split, made, chosen, evaluation, *scored, budget.bootstrap_seconds / 4)
        write_predictions(files, ready.dataset, predictions)
        publish(files, candidates[chosen], plan.fields, facts)
        evaluation["artifact_sha256"] = digest_of(files.artifact)
        if not brief:
            sample = ready.dataset.table.take(scored[0][:FRESH_ROWS])
            evaluation["fresh_process"] = check_fresh(files.scratch, candidates[chosen], files.artifact, folders, plan.fields, sample, budget.fresh_seconds)
        record({"event": "phase", "phase": "explaining the model"})
        explanation = explain(
            plan, ready.dataset, ready.split, evaluation, predictions["proba"], ready.looked(files), lambda: load(files.artifact).proba,
            lambda: fold_probas(plan, candidates[chosen], store), budget.explanation_seconds, winner.decision,
        )  # fmt: skip
        write_json(files.explanation, explanation)
        if spec.validation.refit:
            if whole is not None:
                again = rungs_alike(plan, whole, candidates[chosen].step, store, budget.tuning_seconds)
                measured = made.measured[chosen] if made is not None else None
                why = ship(plan, ready.dataset, ready.split, files, again, chosen, measured, evaluation, held["constraints"], facts)
                evaluation["artifact_sha256"] = digest_of(files.artifact)
                if not why and not brief:
                    shipped = files.artifact, [files.rung(c.precision) for c in again]
                    evaluation["fresh_process"] = check_fresh(files.scratch, again[chosen], *shipped, plan.fields, sample, budget.fresh_seconds)
            evaluation["refit"] = {"done": not why, "why": why, "rows": len(ready.split.holdout)}
        by_user = stopped_words(budget, stop)
        no_scheme, importance = schemes_of(plan, winner)[1], [] if brief else parameter_importance(plan, study, budget.options_seconds)
        write_study(files, spec, study, ready.hardware, by_user, no_scheme, place, stop, importance, device_ledger(study.trials, plan))
        record({"event": "phase", "phase": "writing the report"})
        evaluation |= {"gate": held["gate"], "fairness": held["fairness"]} | spending(plan, budget, study, evaluation, candidates, spec.constraints.memory)
        evaluation["constraints"] = [*held["constraints"], *evaluation["constraints"]]
        write_json(files.evaluation, evaluation)
        if not brief:
            render_report(files)
        files.remove_scratch()
        if not by_user:
            tidy(files, spec.output.keep, [m["trial"] for m in evaluation["members"]])
        record({"event": "finished", "used_seconds": round(budget.used(), 2), "score": evaluation["score"], "report": files.report.name})
        if not by_user and winner.trial is None:
            _raise_without_model(files, study.trials)
        if not by_user and (fault := gate_fault(evaluation, shown(files.report))):
            raise fault
        return Run(files.root, evaluation, bool(by_user))


def _finishing(plan: Plan, split: Split) -> tuple[float, float, float]:
    """Return how many times the rungs predict as many rows as the folds score, the seconds that go by rows and columns alone, and
    how many times the explanation will predict as many rows.
    """
    scored = sum(len(valid) for _, valid in split.folds)
    passes = len({"float32", *plan.precisions}) * (min(JUDGED_ROWS, scored) + len(split.holdout)) / max(1, scored)
    deciding = CELL_SECONDS * min(MOST_CELLS, scored * plan.n_outputs)
    explained = rows_asked(plan, len(split.holdout) or scored) / max(1, scored)
    return passes, ROW_SECONDS * (len(split.train) + len(split.holdout)) + COLUMN_SECONDS * len(plan.fields) + deciding, explained


def found_run(files: RunDir) -> Run:
    """Return a run that had been finished before; only a report that a kill kept from being written is written now."""
    if not is_written(files):
        render_report(files)
    study, evaluation = read_json(files.study), read_json(files.evaluation)
    files.remove_scratch(fits=not study["by_user"])
    if not study["by_user"] and evaluation["trial"] is None:
        _raise_without_model(files, [Trial.from_record(record) for record in study["trials"]])
    if not study["by_user"] and (fault := gate_fault(evaluation, shown(files.report))):
        raise fault
    return Run(files.root, evaluation, found=True)


def _raise_without_model(files: RunDir, trials: Sequence[Trial]) -> None:
    """Raise NoModelError where every trial failed; all that a run writes stands in its folder then, and the model is the baseline."""
    if fault := no_model(trials, shown(files.report)):
        raise fault


def _begin(
    spec: Spec, base: Path, place: Place, ready: Prepared, budget: Budget, overrides: dict[str, str], on_event: OnEvent
) -> tuple[RunDir, Plan, Store, Past, OnEvent]:  # fmt: skip
    """Make or take up the run folder: what stands in it before the search, and what earlier starts left of theirs.

    Raises GateFailed when a `fail` check found something.
    """
    files, plan, split, dataset = place.files, ready.plan, ready.split, ready.dataset
    place.claim()
    files.log = log_place(files, spec.runtime.log, base)
    record = recorder(files, budget, on_event, spec.runtime.log.level)
    _write_given(files, spec, base, ready, overrides)
    if ready.seen is not None and (fault := failed_check(ready.seen.profile, files.profile)):
        files.remove_scratch()
        raise fault
    decided = decided_facts(ready.treated, plan)
    place.settle(decided)
    past = place.past()
    record({"event": "start", "number": len(place.starts) + 1, "at": now(), "pid": os.getpid(), "trials": len(past.trials)})
    for text in [*dataset.notes, *place.notes]:
        record({"event": "note", "text": text})
    if place.starts:
        record({"event": "resumed", "trials": len(past.trials), "spent_seconds": round(place.spent, 3), **_so_far(plan, past)})
    mark = decided["sha256"]
    store = Store.reuse(files.store, mark)
    if store is None:
        with refused(files.store, what="write the rows for the workers"):
            store = Store.create(
                files.store, dataset.table, plan.fields, dataset.y, split.train, split.folds, split.units, split.time, plan.recipe, plan.fit_rows, mark,
                dataset.weight,
            )  # fmt: skip
    return files, plan, store, past, record


def preload(spec: Spec) -> tuple[str, ...]:
    """Return the packages that the families of a spec train with, cheap ones first."""
    task = str(spec.task.type)
    wanted = FAMILIES.usable(task) if spec.models.include == "all" else [n for n in FAMILIES.names(task) if n in spec.models.include]
    names = [n for n in wanted if n not in spec.models.exclude]
    packages = [package for name in names for package in FAMILIES.get(task, name).requires]
    return (*dict.fromkeys(packages), "automl.inference.ready")  # last: jobs that start before it is there walk trees in numpy


def _so_far(plan: Plan, past: Past) -> dict[str, Any]:
    """Return what the trials of earlier starts come to."""
    study = Study(plan.greater_is_better, plan.n_folds, list(past.trials), pooled=plan.pooled)
    best = next(iter(study.ranked()), None)
    counts = study.counts()
    return {"complete": counts["complete"], "failed": counts["failed"], "best": best.score if best else None, "family": best.family if best else ""}


def _write_given(files: RunDir, spec: Spec, base: Path, ready: Prepared, overrides: dict[str, str]) -> None:
    """Write what is known before the search; of a look that an earlier start took, profile and split stand there already."""
    given = spec.source.given if spec.source is not None else spec.model_dump_json(indent=1)
    write_bytes(files.spec, given.encode())
    write_bytes(files.resolved_spec, resolved_text(spec, base, files.root, overrides).encode())
    write_json(files.plan, {**ready.plan.as_dict(), "page": page_facts(spec)})
    if ready.seen is not None:
        write_json(files.profile, described(spec, ready.seen))
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **ready.split.arrays())
        write_bytes(files.split, buffer.getvalue())


def failed_check(profile: Profile, page: Path) -> GateFailed | None:
    """Return the error for the first finding whose mode is `fail`, or None; `page` is where the reader finds all of them."""
    failed = [f for f in profile.findings if f.mode == Mode.FAIL]
    if not failed:
        return None
    first, more = failed[0], f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    where = f"column `{first.column}`" if first.column else "the table"
    return GateFailed(f"the check {first.check} failed: {first.message}{more}", f"{where}; see {page}", f"to go on all the same: {first.override}")


def _facts(spec: Spec, plan: Plan, dataset: Dataset) -> dict[str, Any]:
    """Return what a manifest says beside the model; `csv` so that new files are read as the training file was."""
    positive = dataset.classes[plan.positive] if plan.n_outputs == 2 else None
    facts = {"task": plan.task, "target": dataset.target, "classes": list(dataset.classes), "positive_class": positive, "metric": plan.metric}
    return {**facts, "csv": spec.data.csv.model_dump()}


def _pack_all(files: RunDir, plan: Plan, candidates: list[Candidate], facts: dict[str, Any]) -> list[Path]:
    shutil.rmtree(files.rungs, ignore_errors=True)  # of an earlier start
    folders = [files.rung(c.precision) for c in candidates]
    for folder, candidate in zip(folders, candidates, strict=True):
        pack(folder, candidate, plan.fields, facts)
    return folders
