import json

import pytest

from automl.report import searched as under_test


def _trial(number, family="a", state="ok", score=0.5, started=0.0, seconds=1.0, cause="", **params):
    return {
        "number": number,
        "family": family,
        "state": state,
        "score": score,
        "started": started,
        "seconds": seconds,
        "cause": cause,
        "device": "cpu",
        "params": params,
    }


def test_families_are_summed_up_and_a_cancelled_trial_is_no_failure():
    trials = [_trial(1, score=0.7), _trial(2, score=0.9), _trial(3, state="cancelled", score=None), _trial(4, state="killed", score=None)]
    trials.append(_trial(5, "b", "error", None))
    first, second = under_test.families(trials, True)
    assert (first["trials"], first["failed"], first["best"], first["seconds"]) == (4, 1, 0.9, 4.0)
    assert (second["failed"], second["best"]) == (1, None)
    assert under_test.families(trials, False)[0]["best"] == 0.7
    assert under_test.families([_trial(1, score=None), _trial(2, score=None)], True)[0]["best"] is None  # complete, and no group was found


def test_as_many_families_as_there_are_look_different():
    looks = under_test.colours([_trial(i, f"family {i}") for i in range(24)])
    assert len(set(looks.values())) == 24 and looks["family 0"] == "c0" and looks["family 8"] == "c0 open"


def test_optimizers_are_compared_by_their_best_trial():
    def trial(name, state, score, seconds, rate):
        return _trial(1, "mlp", state, score, seconds=seconds, optimizer=name, **{f"optimizer.{name}.lr": rate})

    trials = [
        trial("sgd", "ok", 0.7, 1.0, 0.1),
        trial("adam", "ok", 0.9, 2.0, 0.01),
        trial("adam", "ok", 0.8, 3.0, 0.02),
        trial("adagrad", "error", None, 1, 1),
    ]
    found = under_test.optimizers([*trials, _trial(9, C=1)], True)
    assert [(o["optimizer"], o["trials"], o["best"], o["seconds"], o["rate"]) for o in found] == [
        ("adam", 2, 0.9, 2.0, 0.01), ("sgd", 1, 0.7, 1.0, 0.1), ("adagrad", 1, None, None, None),
    ]  # fmt: skip
    assert [o["optimizer"] for o in under_test.optimizers(trials, False)] == ["sgd", "adam", "adagrad"]


def test_failures_are_counted_by_cause_the_most_frequent_first():
    trials = [_trial(1, "a", "error", None, cause="no memory"), _trial(2, "b", "error", None, cause="no memory"), _trial(3, "a", "timeout", None)]
    found = under_test.failures([*trials, _trial(4), _trial(5, state="pruned")])
    assert [(f["state"], f["cause"], f["trials"], f["families"]) for f in found] == [
        ("error", "no memory", 2, "a, b"),
        ("timeout", "no cause was told", 1, "a"),
    ]


def test_trials_that_overlap_stand_in_lanes_of_their_own():
    found = under_test.timeline([_trial(1, started=0, seconds=4), _trial(2, started=1, seconds=2), _trial(3, started=4, seconds=1)], 8)
    heights = [m["y"] for m in found["marks"]]
    assert heights[0] == heights[2] != heights[1] and found["height"] == 2 * under_test.LANE and "2 workers" in found["label"]


def test_a_failed_trial_and_the_smallest_one_can_be_seen():
    found = under_test.timeline([_trial(1, state="killed", score=None, seconds=1e-6)], 100)
    assert "failed" in found["marks"][0]["look"] and found["marks"][0]["width"] >= 1.5 and "killed" in found["marks"][0]["tip"]
    assert under_test.timeline([], 10) is None


@pytest.mark.parametrize("greater", [True, False])
def test_the_history_rises_or_falls_to_the_best(greater):
    scores = [0.5, 0.7, 0.6, 0.9, 0.8]
    found = under_test.history([_trial(i, score=s, started=i) for i, s in enumerate(scores)], "ROC AUC", greater, 9.0)
    assert [row[-1] for row in found["table"]["rows"]] == (["0.5000", "0.7000", "0.9000"] if greater else ["0.5000"])
    assert ("rose in 3 steps to 0.9000" if greater else "fell in 1 step to 0.5000") in found["label"]
    assert under_test.history([_trial(1, state="error", score=None)], "ROC AUC", greater, 9.0) is None


def test_one_score_far_off_does_not_squeeze_the_others():
    low, high = under_test.within([0.5, 0.51, 0.52, 40.0], greater=False)
    assert low == 0.5 and high < 1 and under_test.within([0.5, 0.9, 0.91], True) == (pytest.approx(0.87), 0.91)
    found = under_test.history([_trial(i, score=s, started=i) for i, s in enumerate([0.5, 0.51, 0.52, 40.0])], "log loss", False, 9.0)
    assert "far" in found["marks"][-1]["look"] and "beyond the picture" in found["marks"][-1]["tip"]


def test_of_thousands_of_trials_the_best_and_the_latest_are_drawn():
    trials = [_trial(i, score=1 - i / 5000, started=i) for i in range(5000)] + [_trial(5000, state="cancelled", score=None, seconds=0.0)]
    kept = under_test.drawn(trials, True)
    assert len(kept) == under_test.DRAWN and kept[0]["number"] == 0 and kept[-1]["number"] == 4999
    assert len(json.dumps(under_test.timeline(kept, 5000.0))) < 400_000


def test_phases_tell_where_the_seconds_of_the_last_start_went():
    events = [
        {"event": "start", "seconds_used": 0.5}, {"event": "phase", "phase": "search", "seconds_used": 1.0}, {"event": "trial_ok", "seconds_used": 3.0},
        {"event": "phase", "phase": "writing the report", "seconds_used": 9.0},
    ]  # fmt: skip
    found = under_test.phases(events, 10.0)
    assert [(p["name"], p["seconds"]) for p in found] == [("reading and looking at the data", 1.0), ("searching", 8.0), ("writing the report", 1.0)]
    assert sum(p["share"] for p in found) == pytest.approx(100, abs=0.1) and under_test.phases([], 3.0) == []
    again = [*events, {"event": "start", "seconds_used": 12.0}, {"event": "phase", "phase": "search", "seconds_used": 13.0}]
    assert [p["seconds"] for p in under_test.phases(again, 20.0)] == [1.0, 7.0]


def test_of_a_trial_that_trained_beside_others_its_share_of_the_seconds_counts():
    trials = [_trial(1, seconds=9.0, optimizer="adam"), _trial(2, seconds=9.0, optimizer="adam")]
    shared = [{**t, "batch": {"job": 1, "seconds": 2.0}} for t in trials]
    assert under_test.families(trials, True)[0]["seconds"] == 18.0 and under_test.families(shared, True)[0]["seconds"] == 4.0
    assert under_test.optimizers(shared, True)[0]["seconds"] == 2.0
