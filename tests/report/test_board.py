import pytest

from automl.report.board import BEST_TRIALS, FAILED_TRIALS, board, shown


def _trial(number, score=0.5, state="ok", family="a", **more):
    return {"number": number, "family": family, "state": state, "score": score, "spread": 0.1, "seconds": 1.0, "device": "cpu", "params": {}, **more}


@pytest.mark.parametrize("greater", [True, False])
def test_complete_trials_come_first_by_score_and_references_have_no_place(greater):
    rows = board([_trial(1, 0.2), _trial(2, None, "error", cause="why"), _trial(3, 0.9), _trial(4, 0.5, reference=True)], greater)
    assert [r["number"] for r in rows] == ([3, 4, 1, 2] if greater else [1, 4, 3, 2])
    assert [r["place"] for r in rows] == [1, None, 2, None] and rows[-1]["cause"] == "why" and rows[1]["reference"]


def test_options_are_written_short_and_safe_to_read():
    row = board([_trial(1, params={"optimizer": "sgd", "optimizer.sgd.lr": 0.0123456, "width": 64})], True)[0]
    assert row["options"] == "optimizer sgd, lr 0.0123, width 64"
    hostile = board([_trial(1, params={"a": "x\u202ey"}), _trial(2, note="the class shares")], True)
    assert "\u202e" not in hostile[0]["options"] and hostile[1]["options"] == "the class shares"


def test_a_long_leaderboard_keeps_the_best_of_each_family_and_some_that_failed():
    trials = [{"family": "a", "state": "ok", "n": i} for i in range(BEST_TRIALS + 25)] + [{"family": "b", "state": "ok", "n": 900}]
    trials += [{"family": "a", "state": "error", "n": 1000 + i} for i in range(30)]
    kept = [t["n"] for t in shown(trials)]
    assert kept == [*range(BEST_TRIALS), 900, *range(1000, 1000 + FAILED_TRIALS)]
