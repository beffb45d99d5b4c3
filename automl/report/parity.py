"""Whether the artifact answers as the model that was scored, in words: what a process of its own found."""

from collections.abc import Mapping
from typing import Any

from automl.report.words import sentence_case

NOT_COMPILED = "Speeds are those without compiled code: this machine was still compiling it, as it does once. A further run is faster."


def disagreement(evaluation: Mapping[str, Any]) -> str:
    """Return the sentence for a model that answers otherwise once it is loaded by another process; empty where it does not, or was not asked."""
    found = evaluation.get("fresh_process") or {}
    if found.get("agrees", True):
        return ""
    if "why" in found:
        return f"the artifact does not answer as the model that was scored: loaded by a process of its own, {found['why'].rstrip('.')}"
    labels = "" if found["same_labels"] else ", and some get another label"
    return (
        f"the artifact does not answer as the model that was scored: loaded by a process of its own, its answers to {found['rows']:,} rows "
        f"differ by up to {found['largest_difference']:.2g}{labels}"
    )


def fresh_notes(evaluation: Mapping[str, Any]) -> list[str]:
    """Return the sentence on the process that loaded the artifact and answered, or on why none was asked; none of runs that do not know."""
    found = evaluation.get("fresh_process") or {}
    if differs := disagreement(evaluation):
        return [f"{sentence_case(differs)}."]
    slow = [] if (evaluation.get("precision_ladder") or [{}])[0].get("compiled", True) else [NOT_COMPILED]
    if "skipped" in found:
        return [*slow, f"It was not checked in a process of its own that the artifact answers as the scored model did: {found['skipped']}."]
    if "load_seconds" not in found:
        return slow
    peak = f", and the whole process at most {found['peak_memory_mb']:.0f} MB" if found["peak_memory_mb"] is not None else ""
    return [
        *slow,
        f"A process of its own loaded the artifact and answered {found['rows']:,} rows as the scored model did; "
        f"loading took {found['load_seconds']:.2f} s of processor time{peak}.",
    ]
