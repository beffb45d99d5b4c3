"""What stays in the folder of a finished run: models and predictions of folds served to choose, and are many times the artifact."""

import shutil
from collections.abc import Collection

from automl.rundir import RunDir
from automl.search.workers.trial import PREDICTIONS

OF_FOLDS = ("fold*.safetensors", PREDICTIONS)  # files in the folder of a trial


def tidy(files: RunDir, keep: str, members: Collection[int]) -> int:
    """Remove from a finished run what `output.keep` does not keep; return how many bytes that were.

    `members` are the numbers of the trials that answer. Of a trial its record stays whatever is asked. A run that goes on
    later needs all of it, so this is for runs that nothing is left to do for.
    """
    freed = 0
    if keep == "all":
        return freed
    for folder in sorted(files.trials.iterdir()) if files.trials.is_dir() else ():
        if not folder.name.isdecimal() or (keep == "best" and int(folder.name) in members):
            continue
        for part in [path for pattern in OF_FOLDS for path in folder.glob(pattern)]:
            freed += part.stat().st_size
            part.unlink(missing_ok=True)
    if keep == "artifact" and files.rungs.is_dir():
        freed += sum(path.stat().st_size for path in files.rungs.rglob("*") if path.is_file())
        shutil.rmtree(files.rungs, ignore_errors=True)
    return freed
