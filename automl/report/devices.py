"""The ledger of devices as the report shows it: what each computed, which trials trained side by side, and what ran on the CPU and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.words import plural, words
from automl.spec.units import human_seconds

SHOWN = 12  # jobs of several trials that are listed; the longest


def devices_view(study: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the rows of the section, None of a run without a ledger (one of an earlier version, or a task without trials of folds)."""
    found = study.get("devices")
    if not found or not found["devices"]:
        return None
    rows = [
        {
            "device": "CPU" if d["device"] == "cpu" else d["device"], "trials": d["trials"], "seconds": human_seconds(d["seconds"]),
            "use": None if d["use"] is None else f"{d['use']:.0%}",
            "peak": f"{d['peak_mb']:,} MB" if d["peak_mb"] else "not measured", "batched": d["batched"],
        }
        for d in found["devices"]
    ]  # fmt: skip
    jobs = [_job(b) for b in sorted(found["batches"], key=lambda b: -b["seconds"])[:SHOWN]]
    planned = [{"family": words(b["family"]), "size": _size(b), "why": b["why"]} for b in found["planned"]]
    return {"rows": rows, "jobs": jobs, "n_jobs": len(found["batches"]), "planned": planned, "on_cpu": found["on_cpu"]}


def _size(planned: Mapping[str, Any]) -> str:
    return f"up to {plural(planned['trials'], 'trial')}, {planned['slots']} fits at once" if planned["trials"] > 1 else "one at a time"


def _job(batch: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "trials": numbers(batch["trials"]), "family": words(batch["family"]), "device": batch["device"], "slots": batch["slots"], "at_once": batch["at_once"],
        "seconds": human_seconds(batch["seconds"]), "peak": f"{batch['peak_mb']:,} MB" if batch["peak_mb"] else "", "notes": "; ".join(batch["notes"]),
    }  # fmt: skip


def numbers(found: Sequence[int]) -> str:
    """Return numbers in words, neighbours as a range: `2 to 9, 11`."""
    parts: list[list[int]] = []
    for n in sorted(found):
        if parts and n == parts[-1][-1] + 1:
            parts[-1].append(n)
        else:
            parts.append([n])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]} to {p[-1]}" if len(p) > 2 else f"{p[0]}, {p[1]}" for p in parts)


def laid_out(trials: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the trials for a picture with a lane per worker: those of one job follow each other there, each as long as its share of the job."""
    jobs: dict[int, list[Mapping[str, Any]]] = {}
    for t in trials:
        if t.get("batch"):
            jobs.setdefault(t["batch"]["job"], []).append(t)
    placed: dict[int, Mapping[str, Any]] = {}
    for own in jobs.values():
        at, end = min(t["started"] for t in own), max(t["started"] + t["seconds"] for t in own)
        whole = sum(t["batch"]["seconds"] for t in own) or 1.0
        for t in own:
            length = (end - min(t["started"] for t in own)) * t["batch"]["seconds"] / whole
            placed[t["number"]] = {**t, "started": at, "seconds": length}
            at += length
    return sorted((placed.get(t["number"], t) for t in trials), key=lambda t: t["started"])
