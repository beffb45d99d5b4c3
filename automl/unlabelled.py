"""THE MAP of a task without a label: from data to report, one stage per line, beside the one in run.py."""

import io
import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.artifact.pack import pack, publish
from automl.data.dataset import Dataset
from automl.eda.act import Treated, treat
from automl.eda.clock import eda_seconds
from automl.eda.shown import personal_columns
from automl.errors import NoModelError
from automl.evaluate.coordinates import explain_coordinates
from automl.evaluate.fresh import ROWS as FRESH_ROWS
from automl.evaluate.fresh import check_fresh
from automl.evaluate.gate import gate_fault
from automl.evaluate.groups import explain_groups, with_names
from automl.evaluate.unlabelled import Rungs, gate_sentences, measure_rungs
from automl.families import FAMILIES
from automl.features.view import View
from automl.finalize.candidate import Candidate
from automl.finalize.keep import tidy
from automl.finalize.places import Placed, place_clusters, place_coordinates
from automl.hardware import Hardware, probe
from automl.plan.unlabelled import UnlabelledPlan, make_unlabelled_plan
from automl.quantize.agreement import LOSSES, agreed_rungs
from automl.quantize.schemes import precisions_of
from automl.records import OnEvent, log_place, memory_mb, now, page_facts, recorder, spent, stopped_words, write_study
from automl.report.live import Live
from automl.report.render import render_report
from automl.result import Run
from automl.resume.matrix import terms
from automl.resume.place import Place, place_of
from automl.run import Examined, described, failed_check, found_run, look, preload, read
from automl.rundir import RunDir, shown, write_bytes, write_json
from automl.search.budget import REPORT_SECONDS, Budget
from automl.search.failures import no_model
from automl.search.leaderboard import leaderboard_text
from automl.search.loop import Past, Stop
from automl.search.study import Study
from automl.search.unlabelled import Searched, plain, run_search
from automl.search.workers.local import LocalExecutor
from automl.spec.model import Spec
from automl.spec.resolved import resolved_text

FINISH_SECONDS, FINISH_SHARE = 2.5, 0.08  # that quantizing, measuring, describing and the report take: a fixed part, and of the budget
EXPLAINED = ("best", "influence", "lost")  # parts of the evidence that explanation.json has, with columns by name
FRESH_SHARE = 0.5  # of what is left then, that another process may take to load and answer; what is described after it takes its share of the rest
PLACE_SECONDS = 8e-7  # per row that is placed, for each feature it has


@dataclass(frozen=True)
class Ready:
    """What is known before the search: the look at the data, the data as the findings left them, the plan, and the matrix it is about."""

    seen: Examined
    treated: Treated
    plan: UnlabelledPlan
    view: View
    hardware: Hardware

    @property
    def dataset(self) -> Dataset:
        """Return the data as they are looked at."""
        return self.treated.dataset


def prepare(spec: Spec, base: Path, place: Place | None = None, on_event: OnEvent = lambda event: None) -> Ready:
    """Examine the data, do what the findings decided, plan, and make the matrix. Writes nothing. Raises SpecError, DataError or EnvironmentFault."""
    hardware = probe()
    dataset = read(spec, base, on_event, place.limit() if place else None)
    if place is not None:
        place.check(dataset)
    seen = look(spec, dataset, eda_seconds(spec.constraints.time), on_event)
    treated = treat(dataset, seen.split, seen.profile.findings, spec, seen.profile.pairs)
    plan, view = make_unlabelled_plan(spec, treated.dataset, treated.split, treated.recipe, hardware)
    return Ready(seen, treated, plan, view, hardware)


def run(
    spec: Spec, base: Path, *, out: Path | str | None, overrides: Mapping[str, str], resume: bool, started: float, on_event: OnEvent, stop: Stop,
    executor: LocalExecutor | None = None, on_page: Callable[[Path], None] = lambda path: None, brief: bool = False,
) -> Run:  # fmt: skip
    """Carry out a spec whose task has no label and return the finished run; arguments and errors as those of `automl.run.run`.

    A run that was killed or stopped goes on: its finder asks again for what it had asked for, and finished fits are answered from
    disk. Where columns or rows have come out differently since, trials are set aside, as they cannot be compared.
    """
    with closing(place_of(spec, base, out, resume)) as place:
        if place.finished:
            return found_run(place.files)
        budget = Budget(started, spec.constraints.time, earlier=place.spent)
        with closing((executor or LocalExecutor(1, preload(spec))).start()) as executor:
            ready = prepare(spec, base, place, on_event)
            files, plan, view = place.files, ready.plan, ready.view
            record, past = _begin(spec, base, place, ready, budget, dict(overrides), on_event)
            executor.slots = executor.slots_for(plan.workers)
            budget.rows_seconds = _kept(plan, budget)
            record = Live(files, list(spec.report.formats), lambda: on_page(files.report_html)).after(record)
            record({"event": "phase", "phase": "search", "workers": plan.workers, "rows": plan.search_rows, "columns": plan.n_features})
            stop.active = True
            searched = run_search(plan, view, files, executor, budget, record, stop, past)
        write_bytes(files.leaderboard, leaderboard_text(searched.study).encode())
        by_user = stopped_words(budget, stop)
        if searched.found is None:
            write_study(files, spec, searched.study, ready.hardware, by_user, "", place, stop, [])
            raise _without_result(files, searched)
        record({"event": "phase", "phase": f"placing all {plan.n_rows:,} rows"})
        placed = _placed(plan, view, searched.found, ready.dataset)
        _write_result(files, plan, placed)
        record({"event": "phase", "phase": "quantizing and measuring"})
        facts = _facts(spec, plan, searched.found)
        candidates, measured = _rungs(plan, view, searched, files, ready.dataset, facts)
        publish(files, candidates[measured.chosen], plan.fields, facts)
        fresh = {} if brief else _asked_afresh(plan, files, ready.dataset, candidates, measured.chosen, budget)
        record({"event": "phase", "phase": "describing the result"})
        write_json(files.explanation, plain(_explained(spec, ready, searched.found, placed, budget)))
        write_study(files, spec, searched.study, ready.hardware, by_user, _no_scheme(plan, searched.found), place, stop, [])
        record({"event": "phase", "phase": "writing the report"})
        evaluation = _evaluation(spec, ready, searched, placed, candidates, measured, budget) | fresh
        write_json(files.evaluation, evaluation)
        if not brief:
            render_report(files)
        files.remove_scratch(fits=not by_user)
        if not by_user:
            tidy(files, spec.output.keep, [searched.number] if searched.number is not None else [])
        record({"event": "finished", "used_seconds": round(budget.used(), 2), "score": evaluation["score"], "report": files.report.name})
        if not by_user and (fault := gate_fault(evaluation, shown(files.report))):
            raise fault
        return Run(files.root, evaluation, bool(by_user))


def _begin(
    spec: Spec, base: Path, place: Place, ready: Ready, budget: Budget, overrides: dict[str, str], on_event: OnEvent
) -> tuple[OnEvent, Past]:  # fmt: skip
    """Make or take up the run folder: what stands in it before the search, and what earlier starts left of theirs.

    Raises GateFailed when a `fail` check found something.
    """
    files, plan = place.files, ready.plan
    place.claim()
    files.log = log_place(files, spec.runtime.log, base)
    record = recorder(files, budget, on_event, spec.runtime.log.level)
    given = spec.source.given if spec.source is not None else spec.model_dump_json(indent=1)
    write_bytes(files.spec, given.encode())
    write_bytes(files.resolved_spec, resolved_text(spec, base, files.root, overrides).encode())
    write_json(files.plan, {**plain(plan.as_dict()), "page": page_facts(spec)})
    write_json(files.profile, described(spec, ready.seen))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, train=ready.treated.split.train, holdout=ready.treated.split.holdout, searched=ready.view.rows)
    write_bytes(files.split, buffer.getvalue())
    if fault := failed_check(ready.seen.profile, files.profile):
        files.remove_scratch()
        raise fault
    place.settle({"sha256": terms(plan, ready.view)})
    past = place.past()
    record({"event": "start", "number": len(place.starts) + 1, "at": now(), "pid": os.getpid(), "trials": len(past.trials)})
    if place.starts:
        counts = Study(True, 1, list(past.trials)).counts()
        so_far = {"complete": counts["complete"], "failed": counts["failed"], "best": None, "family": ""}
        record({"event": "resumed", "trials": len(past.trials), "spent_seconds": round(place.spent, 3), **so_far})
    for text in [*ready.dataset.notes, *place.notes]:
        record({"event": "note", "text": text})
    for text in place.notes:
        files.append_log(text)
    return record, past


def _kept(plan: UnlabelledPlan, budget: Budget) -> float:
    """Return the seconds beside the budget's own tail that placing, measuring and describing all rows will take, roughly."""
    placing = PLACE_SECONDS * plan.n_rows * (10 + plan.n_features) if plan.search_rows < plan.n_rows else 0.0
    whole = budget.here or 0.0
    return min(0.4 * whole, FINISH_SECONDS - 1.8 + FINISH_SHARE * min(whole, 120.0) + placing) if whole else 0.0


def _without_result(files: RunDir, searched: Searched) -> NoModelError:
    """Return the error for a search that came to nothing, with the causes of its trials; what it tried stands in the folder."""
    told = no_model(searched.study.trials, shown(files.leaderboard))
    if told is not None:
        problem = told.problem.replace("; what stands there as the model is the constant baseline", "")
        return NoModelError(problem, shown(files.root), "run.log in the folder has the tracebacks; mend what they tell, or leave it out of the spec")
    why = searched.study.stopped
    return NoModelError(f"no method ended in time: {why}", shown(files.root), "give it more time, or fewer rows with `data.rows`")


def _placed(plan: UnlabelledPlan, view: View, found: Any, dataset: Dataset) -> Placed:
    if plan.task == "clustering":
        return place_clusters(view, found.labels, found.strength, found.form, dataset.table, plan.cores)
    return place_coordinates(view, found.embedding, found.form, dataset.table, plan.cores)


def _write_result(files: RunDir, plan: UnlabelledPlan, placed: Placed) -> None:
    """Write what every row got: labels.parquet or embedding.parquet, one row per input row, in order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if placed.strength is not None:
        columns: dict[str, Any] = {"cluster": placed.output, "strength": placed.strength}
    else:
        columns = {f"c{i + 1}": np.ascontiguousarray(placed.output[:, i]) for i in range(placed.output.shape[1])}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    write_bytes(files.labels if placed.strength is not None else files.embedding, buffer.getvalue())


def _facts(spec: Spec, plan: UnlabelledPlan, found: Any) -> dict[str, Any]:
    """Return what a manifest says beside the model."""
    facts: dict[str, Any] = {"task": plan.task, "target": "", "classes": [], "positive_class": None, "metric": str(found.metric)}
    return {**facts, "params": plain(found.params), "csv": spec.data.csv.model_dump()}


def _no_scheme(plan: UnlabelledPlan, found: Any) -> str:
    """Return the sentence on a family whose form is stored in one way only, empty for others."""
    family = FAMILIES.get(plan.task, found.family)
    if len(precisions_of(found.form)) > 1:
        return ""
    why = family.unscheduled or "no scheme is written for it"
    return f"The family {family.name} has no narrower form yet: {why}. It is stored as arrays at float32."


def _rungs(
    plan: UnlabelledPlan, view: View, searched: Searched, files: RunDir, dataset: Dataset, facts: dict[str, Any]
) -> tuple[list[Candidate], Rungs]:  # fmt: skip
    """Return the result's form at each precision, judged, packed, loaded again and measured."""
    found = searched.found
    made_by = f"a fit on {plan.search_rows:,} rows" if plan.search_rows < plan.n_rows else "a fit on all rows"
    one = Candidate(found.family, "float32", "as fitted", view.form, found.form, (), searched.number, {"made_by": made_by})
    scheme = FAMILIES.get(plan.task, found.family).scheme
    candidates = agreed_rungs(one, scheme, plan.precisions, view.x, LOSSES[plan.task], plan.seed, plan.max_drop)
    folders = [files.rung(c.precision) for c in candidates]
    for folder, candidate in zip(folders, candidates, strict=True):
        pack(folder, candidate, plan.fields, facts)
    return candidates, measure_rungs(plan, candidates, folders, dataset.table)


def _asked_afresh(plan: UnlabelledPlan, files: RunDir, dataset: Dataset, candidates: list[Candidate], chosen: int, budget: Budget) -> dict[str, Any]:
    """Return, as `fresh_process`, what a process of its own found of the artifact, within a part of the time that is left."""
    some = dataset.table.take(np.arange(min(FRESH_ROWS, plan.n_rows)))
    folders = [files.rung(c.precision) for c in candidates]
    seconds = FRESH_SHARE * (budget.deadline - time.monotonic() - REPORT_SECONDS)
    return {"fresh_process": check_fresh(files.scratch, candidates[chosen], files.artifact, folders, plan.fields, some, seconds, plan.task)}


def _explained(spec: Spec, ready: Ready, found: Any, placed: Placed, budget: Budget) -> dict[str, Any]:
    """Return what sets the result apart, in numbers and words, within what is left of the time."""
    left = 10.0 if budget.here is None else max(0.5, 0.6 * (budget.deadline - time.monotonic()))
    hidden = _hidden(spec, ready)
    if placed.strength is not None:
        return explain_groups(ready.plan, ready.dataset, ready.view, found.form, placed, left, hidden)
    return explain_coordinates(ready.plan, ready.dataset, ready.view, placed, found.evidence, hidden)


def _hidden(spec: Spec, ready: Ready) -> set[str]:
    """Return the columns of which no value is shown."""
    personal = personal_columns([f.as_dict() for f in ready.seen.profile.findings])
    words = [f.name for f in ready.plan.fields if f.kind in ("category", "text")]
    return {*personal, *(() if spec.report.sample_rows else (*words, *ready.dataset.afterwards))}


def _evaluation(
    spec: Spec, ready: Ready, searched: Searched, placed: Placed, candidates: list[Candidate], measured: Rungs, budget: Budget
) -> dict[str, Any]:  # fmt: skip
    """Return what evaluation.json says."""
    plan, found, study = ready.plan, searched.found, searched.study
    evidence = with_names(plain({k: v for k, v in found.evidence.items() if k not in EXPLAINED}), ready.view.shown_names(_hidden(spec, ready)))
    used, asked, chosen = budget.used(), plan.seconds, candidates[measured.chosen]
    memory = memory_mb(study, plan.workers) + plan.workers * searched.peak_memory_mb
    rows = spent(asked, used, plan.max_trials, len(study.trials), spec.constraints.memory, memory)
    upper = max(chosen.drop_upper or 0.0, 0.0)
    rows.append({
        "name": "quantize.max_drop", "asked": f"at most {plan.max_drop:.5f}", "got": f"{upper:.5f} at the upper end, {chosen.precision}",
        "met": upper <= plan.max_drop and chosen.precision in plan.precisions,
    })  # fmt: skip
    interval = evidence.get("interval") or [None, None]
    result: dict[str, Any] = {
        "task": plan.task, "metric": str(found.metric), "metric_summary": str(evidence.get("metric_summary", "")), "objective": plan.objective,
        "greater_is_better": bool(found.greater_is_better), "score": plain(found.score), "interval": interval,
        "score_rows": _score_rows(plan), "n_scored": int(evidence.get("n_scored", plan.search_rows)),
        "baseline_score": plain(found.baseline_score), "baseline": "k-means" if placed.strength is not None else "PCA",
        "family": found.family, "params": plain(found.params), "trial": searched.number, "chosen_precision": chosen.precision,
        "model_made_by": chosen.facts["made_by"], "n_rows": plan.n_rows, "n_features": plan.n_features, "search_rows": plan.search_rows,
        "placed_by_form": int((~placed.by_fit).sum()), "agreement": placed.agreement, "places": FAMILIES.get(plan.task, found.family).places,
        "evidence": evidence, "precision_ladder": measured.ladder, "gate": gate_sentences(plan, measured), "fairness": None,
        "constraints": [*measured.constraints, *rows], "budget": {"asked_seconds": asked, "used_seconds": round(used, 3)}, "trials": study.counts(),
    }  # fmt: skip
    if placed.strength is not None:
        clusters = np.unique(placed.output[placed.output >= 0])
        result |= {"structure": bool(evidence["structure"]), "n_clusters": len(clusters), "noise_share": float((placed.output < 0).mean())}
    else:
        result |= {"n_components": int(placed.output.shape[1])}
    out: dict[str, Any] = plain(result)
    return out


def _score_rows(plan: UnlabelledPlan) -> str:
    """Return which rows the score is of: those that a fold kept apart, or all that the search saw, where the result is of these rows alone."""
    return "out_of_fold" if plan.asked.get("purpose") in ("compress", "features") else "all_rows"
