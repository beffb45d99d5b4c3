"""The section `output`: where run folders go, and what of a finished run stays in its folder."""

from typing import Literal

from automl.spec.keys import Section, key

KEPT = {
    "best": "models of folds and their predictions of the trials that answer, the record of every trial, every rung of the ladder",
    "all": "those of all trials; a table of many rows fills a gigabyte",
    "artifact": "the artifact, the records and the report; no other rung, no model and no prediction of a fold",
}  # fmt: skip


class Output(Section):
    """Where results go."""

    dir: str = key("runs", "Folder for run folders, relative to the spec.", example="runs")
    keep: Literal["best", "all", "artifact"] = key(
        "best", "What stays in the folder of a finished run; of one that was stopped everything stays, so that it can go on.", example="all", values=KEPT
    )
