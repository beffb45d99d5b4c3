"""The ledger of devices: what each computed for the search, how busy it was, and which trials trained side by side on it."""

from collections.abc import Sequence
from typing import Any

from automl.plan.plan import Plan
from automl.search.study import Trial
from automl.vocabulary import Device


def device_ledger(trials: Sequence[Trial], plan: Plan) -> dict[str, Any]:
    """Return, as JSON values, a row per device, the jobs that held several trials, and sentences on what ran on the CPU.

    `use` is the share of the search that a device computed in; of the CPU, of all workers together. `peak_mb` is the most memory of an
    accelerator, 0 where it is not known, as that of families that do not tell. Seconds are those of trials, the others' share taken off
    where they trained side by side.
    """
    ran = [t for t in trials if t.seconds > 0]
    span = max((t.started + t.seconds for t in ran), default=0.0) - min((t.started for t in ran), default=0.0)
    devices = []
    for name in dict.fromkeys(_device(t) for t in ran):
        own = [t for t in ran if _device(t) == name]
        seconds = sum(t.work_seconds for t in own)
        lanes = plan.workers if name == Device.CPU.value else 1
        devices.append({
            "device": name, "trials": len(own), "seconds": round(seconds, 3), "use": round(min(1.0, seconds / (span * lanes)), 4) if span > 0 else None,
            "peak_mb": max(max(t.device_mb, t.batch.get("peak_mb", 0)) for t in own), "batched": sum(bool(t.batch) for t in own),
        })  # fmt: skip
    return {"devices": devices, "batches": _batches(ran), "planned": [_planned(b) for b in plan.batching], "on_cpu": _on_cpu(ran, plan)}


def _device(trial: Trial) -> str:
    """Return where a trial ended up computing."""
    return str(trial.batch.get("device") or trial.device)


def _batches(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return the jobs that held several trials, in their order."""
    out = []
    jobs = dict.fromkeys((t.batch["job"], t.family) for t in trials if t.batch)
    for job, family in sorted(jobs):
        own = [t for t in trials if t.batch and t.batch["job"] == job]
        out.append({
            "job": job, "family": family, "device": _device(own[-1]), "trials": [t.number for t in own], "asked": own[0].batch["trials"],
            "slots": own[0].batch["slots"], "at_once": min(t.batch["at_once"] for t in own), "seconds": round(sum(t.work_seconds for t in own), 3),
            "wall_seconds": round(max(t.started + t.seconds for t in own) - min(t.started for t in own), 3),
            "peak_mb": max(t.batch["peak_mb"] for t in own), "notes": list(dict.fromkeys(note for t in own for note in t.batch["notes"])),
        })  # fmt: skip
    return out


def _planned(batching: Any) -> dict[str, Any]:
    return {"family": batching.family, "trials": batching.trials, "slots": batching.slots, "why": batching.why}


def _on_cpu(trials: Sequence[Trial], plan: Plan) -> list[str]:
    """Return why something ran on the CPU, each reason once."""
    found = [f"everything: {d.because}" for d in plan.decisions if d.key == "constraints.gpu" and d.value == Device.CPU.value]
    if not found:
        alone = [c.family for c in plan.candidates if c.device == Device.CPU.value]
        found = [f"{', '.join(alone)}: they compute on a CPU alone"] if alone else []
    found += [f"trial {t.number}: {t.note}" for t in trials if "without the accelerator" in t.note or (not t.batch and ": trained on the CPU" in t.note)]
    found += [f"trial {t.number}: {note}" for t in trials if t.batch for note in t.batch["notes"] if "on the CPU" in note]
    return found
