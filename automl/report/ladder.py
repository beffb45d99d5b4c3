"""The ladder of precisions in words: what the numbers do and do not say."""

from collections.abc import Mapping
from typing import Any

from automl.report.parity import fresh_notes
from automl.report.words import words
from automl.spec.units import human_bytes


def ladder_notes(evaluation: Mapping[str, Any], study: Mapping[str, Any]) -> list[str]:
    """Return the sentences under the ladder. Raises StopIteration where no rung is chosen."""
    ladder = evaluation["precision_ladder"]
    notes = []
    if len(ladder) == 1 and study.get("no_scheme"):
        notes.append(study["no_scheme"])
    chosen = next(r for r in ladder if r["chosen"])
    if chosen["remark"]:
        notes.append(f"The model is a few kB at most: of the chosen rung's part {chosen['remark']}. Fewer bits buy little here.")
    if evaluation.get("library_bytes"):
        share = chosen["model_bytes"] / evaluation["library_bytes"]
        notes.append(
            f"The library's own file of this model takes {human_bytes(evaluation['library_bytes'])}; the chosen rung takes {share:.1%} of that. "
            "Most of this difference is the format, not the precision."
        )
    if chosen["library_ratio"]:
        notes.append(
            f"Against the library's own predict the chosen rung runs at {chosen['library_ratio']:.2f} times the speed in batches, on one thread; "
            "against its own float32 twin, on the same runtime, at the ratio in the table."
        )
    if evaluation.get("holds_training_rows"):
        notes.append(
            f"A model of the family {words(evaluation['family'])} keeps training rows, as scaled numbers: whoever has the artifact has these rows. "
            f"`models: {{exclude: [{evaluation['family']}]}}` leaves the family out."
        )
    if chosen["judged_drop"] is None:
        notes.append("No fold models were kept, so no loss could be judged: the model stays at float32.")
    if (study.get("hardware") or {}).get("accelerators"):
        notes.append("Rungs for a GPU, bfloat16 and fp8, are unmeasured and not offered: the artifact computes on the processor.")
    return [*notes, *fresh_notes(evaluation)]
