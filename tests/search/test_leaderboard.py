import csv
import io

import pytest

from automl.rundir import RunDir, write_json
from automl.search.leaderboard import COLUMNS, leaderboard_text, rows_of
from automl.search.study import Study
from automl.search.trialstore import TrialStore
from automl.vocabulary import State

from ..toys import toy_trial

TRIALS = [toy_trial(1, 0.7), toy_trial(2, None, state=State.ERROR, cause="no luck, sorry"), toy_trial(3, 0.9), toy_trial(4, 0.99, reference=True)]


@pytest.fixture
def files(tmp_path):
    files = RunDir(tmp_path / "run")
    files.create()
    write_json(files.plan, {"greater_is_better": True, "n_folds": 2, "objectives": ["score"]})
    store = TrialStore(files)
    for trial in TRIALS:
        store.begin(trial.number)
        store.finish(trial)
    return files


def test_the_best_comes_first_and_what_failed_last():
    rows = list(csv.DictReader(io.StringIO(leaderboard_text(Study(True, 2, TRIALS)))))
    assert [r["number"] for r in rows] == ["3", "1", "2", "4"] and rows[2]["cause"] == "no luck, sorry"
    assert list(rows[0]) == ["rank", *COLUMNS, "front"]


def test_an_unfinished_run_has_one_from_its_records(files):
    assert [r["number"] for r in rows_of(files)] == ["3", "1", "2", "4"]
    files.trial(1).joinpath("result.json").write_text("{")
    assert [r["number"] for r in rows_of(files)] == ["3", "2", "4"]
    assert files.trial(1).exists()  # reading changes nothing


def test_a_finished_run_has_the_one_it_wrote(files):
    write_json(files.study, {"ended": "complete"})
    write_json(files.evaluation, {})
    assert len(rows_of(files)) == 4
    files.leaderboard.write_text(leaderboard_text(Study(True, 2, TRIALS[:1])))
    assert [r["number"] for r in rows_of(files)] == ["1"]


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(OSError, match="plan"):
        rows_of(RunDir(tmp_path))
