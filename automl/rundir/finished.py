"""Whether a path is a finished run, and which was meant where it is not."""

from pathlib import Path

from automl.errors import UsageError, did_you_mean
from automl.rundir.folder import RunDir


def finished_run(root: Path) -> RunDir:
    """Return the files of a run that has been scored. Raises UsageError that says what the path is instead, and which was meant."""
    files = RunDir(root)
    if files.evaluation.is_file() and files.predictions.is_file():
        return files
    if _begun(root):
        raise UsageError(f"the run {root} is not finished: nothing is scored yet", "RUN", f"go on with it: automl run SPEC --out {root}")
    what = "is a file, not a run folder" if root.is_file() else "is not a run folder" if root.is_dir() else "does not exist"
    near = _near(root)
    raise UsageError(f"{root} {what}", "RUN", f"did you mean {near}?" if near else "give the folder of a run, the one that holds its report.html")


def _begun(root: Path) -> bool:
    files = RunDir(root)
    return files.plan.is_file() or files.identity.is_file()


def _near(root: Path) -> Path | None:
    """Return the run that a path lies in or holds, or one beside it of nearly the same name."""
    above = [folder for folder in (root.parent, root.parent.parent) if folder != root and _begun(folder)]
    if above:
        return above[0]
    if root.is_dir() and (held := sorted(folder for folder in root.iterdir() if folder.is_dir() and _begun(folder))):
        return held[-1]
    beside = {folder.name: folder for folder in root.parent.iterdir() if folder.is_dir() and _begun(folder)} if root.parent.is_dir() else {}
    return beside.get(did_you_mean(root.name, list(beside)))
