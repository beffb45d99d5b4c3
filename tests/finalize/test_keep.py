"""What of a finished run stays: nothing that anybody still needs is removed, and nothing large that nobody does stays."""

import pytest

from automl.finalize.keep import tidy
from automl.rundir import RunDir


@pytest.fixture
def files(tmp_path):
    run = RunDir(tmp_path)
    for number in (1, 2, 3):
        folder = run.trial(number)
        folder.mkdir(parents=True)
        for name, size in (("result.json", 10), ("job.json", 10), ("fold0.model.safetensors", 100), ("fold1.model.safetensors", 100), ("out_of_fold.npy", 50)):
            (folder / name).write_bytes(bytes(size))
    (run.trials / ".bad-000004").mkdir()
    (run.trials / ".bad-000004" / "out_of_fold.npy").write_bytes(b"x")
    for precision in ("float32", "int8"):
        run.rung(precision).mkdir(parents=True)
        (run.rung(precision) / "manifest.json").write_bytes(bytes(7))
    return run


def _left(files, number):
    return sorted(p.name for p in files.trial(number).iterdir())


WHOLE = ["fold0.model.safetensors", "fold1.model.safetensors", "job.json", "out_of_fold.npy", "result.json"]


def test_of_trials_that_do_not_answer_the_record_stays(files):
    assert tidy(files, "best", [2]) == 2 * 250
    assert _left(files, 2) == WHOLE and _left(files, 1) == _left(files, 3) == ["job.json", "result.json"]
    assert (files.rung("int8") / "manifest.json").exists()
    assert (files.trials / ".bad-000004" / "out_of_fold.npy").exists()  # set aside to be looked at, not of this run any more
    assert tidy(files, "best", [2]) == 0


def test_all_keeps_all(files):
    assert tidy(files, "all", []) == 0
    assert _left(files, 1) == WHOLE


def test_artifact_keeps_no_model_but_the_artifact(files):
    assert tidy(files, "artifact", [2]) == 3 * 250 + 2 * 7
    assert _left(files, 2) == ["job.json", "result.json"] and not files.rungs.exists()


def test_a_run_whose_trials_are_gone_is_no_error(tmp_path):
    assert tidy(RunDir(tmp_path), "artifact", []) == 0
