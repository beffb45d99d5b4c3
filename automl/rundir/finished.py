"""Whether a path is a run, and which was meant where it is not."""

from pathlib import Path

from automl.errors import UsageError, did_you_mean
from automl.rundir.folder import RunDir

SHOWN = 3  # runs of a folder that are named


def begun_run(root: Path) -> RunDir:
    """Return the files of a run, finished or not. Raises UsageError that says what the path is instead, and which was meant."""
    if _begun(root):
        return RunDir(root)
    what = "is a file, not a run folder" if root.is_file() else "is not a run folder" if root.is_dir() else "does not exist"
    raise UsageError(f"{root} {what}", "RUN", _meant(root))


def finished_run(root: Path) -> RunDir:
    """Return the files of a run that has been scored. Raises UsageError as `begun_run` does, and where nothing is scored yet."""
    files = begun_run(root)
    if files.evaluation.is_file() and files.predictions.is_file():
        return files
    if files.evaluation.is_file() and (files.labels.is_file() or files.embedding.is_file()):
        what = "groups of rows" if files.labels.is_file() else "columns made of others"
        raise UsageError(f"the run {root} has {what}, and no predictions of a label to compare", "RUN", "its report compares the methods that it tried")
    raise UsageError(f"the run {root} is not finished: nothing is scored yet", "RUN", f"go on with it: automl run SPEC --out {root}")


def _begun(root: Path) -> bool:
    files = RunDir(root)
    return files.plan.is_file() or files.identity.is_file()


def _meant(root: Path) -> str:
    """Return which run was meant: one that the path lies in or holds, or one beside it of nearly the same name."""
    above = [folder for folder in (root.parent, root.parent.parent) if folder != root and _begun(folder)]
    held = sorted(folder for folder in root.iterdir() if folder.is_dir() and _begun(folder)) if root.is_dir() and not above else []
    if len(held) > 1:
        more = f" and {len(held) - SHOWN} more" if len(held) > SHOWN else ""
        return f"give one of the runs in it: {', '.join(map(str, held[:SHOWN]))}{more}"
    beside = {folder.name: folder for folder in root.parent.iterdir() if folder.is_dir() and _begun(folder)} if root.parent.is_dir() else {}
    near = above[0] if above else held[0] if held else beside.get(did_you_mean(root.name, list(beside)))
    return f"did you mean {near}?" if near else "give the folder of a run, the one that holds its report.html"
