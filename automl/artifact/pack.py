"""Writes an artifact: a manifest that says everything, and one file for the features and one for the model."""

import hashlib
import platform
import shutil
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from automl.artifact.load import FEATURES, MODEL
from automl.finalize.candidate import Candidate
from automl.inference.blend import holds_rows, views_of
from automl.inference.features import columns_of
from automl.inference.steps.custom import needed
from automl.inference.storage import to_bytes
from automl.inference.table import Field
from automl.rundir import RunDir, refused, swap, write_bytes, write_json
from automl.versions import engine_version

FORMAT = 2


def pack(folder: Path, candidate: Candidate, fields: tuple[Field, ...], facts: dict[str, Any]) -> None:
    """Write the artifact of one rung.

    `facts` holds task, target, classes, positive class and metric; `made_by` and `trial` say how the model was made. Parts
    come first, the manifest last, so that a new folder with a manifest is whole. Raises EnvironmentFault when the disk refuses.
    """
    # vocabularies and category tables are text and deflate to a third; weights hardly do, and are mapped as they are
    parts = {FEATURES: zlib.compress(to_bytes(candidate.features), 9), MODEL: to_bytes(candidate.model)}
    for name, content in parts.items():
        write_bytes(folder / name, content)
    steps = [step for form in views_of(candidate.features) for step in form.config["steps"]]
    used = {name for step in steps for name in columns_of(step)}
    manifest = {
        "format": FORMAT, **facts, "family": candidate.family, "precision": candidate.precision, "scheme": candidate.scheme,
        "made_by": candidate.facts.get("made_by", ""), "trial": candidate.trial, "holds_training_rows": holds_rows(candidate.model),
        "members": [asdict(member) for member in candidate.members],
        "columns": [asdict(f) for f in fields if f.name in used],
        "parts": {name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in parts.items()},
        "made_with": {"automl": engine_version(), "python": platform.python_version()},
        "decision": candidate.decision.as_dict(),
        "transformers": [asdict(origin) for origin in needed(steps)],
    }  # fmt: skip
    write_json(folder / "manifest.json", manifest)


def publish(files: RunDir, candidate: Candidate, fields: tuple[Field, ...], facts: dict[str, Any]) -> None:
    """Make a candidate the artifact of a run: packed beside the one that is there, then exchanged with it, so that one always stands.

    Raises EnvironmentFault when the disk refuses; the artifact is then the one it was.
    """
    folder = files.temporary(files.artifact)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        pack(folder, candidate, fields, facts)
        with refused(files.artifact):
            swap(folder, files.artifact)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
