"""A path that is no finished run: what it is instead, and which was meant."""

import pytest

from automl.errors import UsageError
from automl.rundir import begun_run, finished_run


@pytest.fixture
def runs(tmp_path):
    for name in ("before", "after"):
        (tmp_path / name / "artifact").mkdir(parents=True)
        for file in ("plan.json", "evaluation.json", "predictions.parquet", "report.html"):
            (tmp_path / name / file).touch()
    return tmp_path


def test_a_finished_run(runs):
    assert finished_run(runs / "before").root == runs / "before"


@pytest.mark.parametrize(
    ("path", "words", "meant"),
    [
        ("befor", "does not exist", "before"),
        ("before/artifact", "is not a run folder", "before"),
        ("before/report.html", "is a file", "before"),
    ],
)
def test_the_near_one_is_named(runs, path, words, meant):
    with pytest.raises(UsageError, match=words) as fault:
        finished_run(runs / path)
    assert fault.value.fix == f"did you mean {runs / meant}?"


def test_nothing_near(tmp_path):
    with pytest.raises(UsageError) as fault:
        finished_run(tmp_path / "none" / "at" / "all")
    assert "give the folder of a run" in fault.value.fix


def test_a_run_that_goes_on(runs):
    (runs / "after" / "evaluation.json").unlink()
    with pytest.raises(UsageError, match="not finished") as fault:
        finished_run(runs / "after")
    assert f"--out {runs / 'after'}" in fault.value.fix


def test_of_a_folder_of_runs_all_are_named(runs):
    with pytest.raises(UsageError, match="is not a run folder") as fault:
        begun_run(runs)
    assert fault.value.fix == f"give one of the runs in it: {runs / 'after'}, {runs / 'before'}"


def test_a_run_that_has_begun_is_one(runs):
    (runs / "after" / "evaluation.json").unlink()
    assert begun_run(runs / "after").root == runs / "after"
