"""The run folder: the only room that knows the names of its files, and how they are written so that a kill tears none."""

from automl.rundir.finished import begun_run, finished_run
from automl.rundir.folder import STOPPED, EdaDir, RunDir
from automl.rundir.writing import is_full, read_json, refused, replacing, sha256, shown, swap, sync, write_bytes, write_json

__all__ = [
    "STOPPED", "EdaDir", "RunDir", "begun_run", "finished_run", "is_full", "read_json", "refused", "replacing", "sha256", "shown", "swap", "sync",
    "write_bytes", "write_json",
]  # fmt: skip
