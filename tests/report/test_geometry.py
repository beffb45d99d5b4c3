from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from automl.report.geometry import PALETTE, bars, learning_curve, roc_path, timeline

TRIAL = st.fixed_dictionaries({
    "started": st.floats(0, 50), "seconds": st.floats(0.0, 40), "family": st.sampled_from("abc"),
    "state": st.sampled_from(["ok", "error", "cancelled"]), "number": st.integers(1, 99),
})  # fmt: skip


@given(st.lists(st.integers(0, 1000), max_size=20))
def test_bars_fill_the_height_and_keep_their_proportions(counts):
    heights = bars(counts)
    if any(counts):
        assert len(heights) == len(counts) and max(heights) == 1.0
        assert all(abs(h - c / max(counts)) < 1e-4 for h, c in zip(heights, counts, strict=True))
    else:
        assert heights == []


def test_the_curve_starts_lower_left_and_ends_upper_right():
    assert roc_path([(0, 0), (0.25, 0.5), (1, 1)], 200) == "0.0,200.0 50.0,100.0 200.0,0.0"
    assert roc_path(None) == roc_path([]) == ""


@given(st.lists(TRIAL, min_size=1, max_size=30))
def test_bars_of_one_lane_do_not_overlap_and_lie_within_the_run(trials):
    found = timeline(trials, 100.0)
    assert len(found["bars"]) == len(trials) and {b["lane"] for b in found["bars"]} == set(range(found["lanes"]))
    for lane in range(found["lanes"]):
        own = [b for b in found["bars"] if b["lane"] == lane]  # in order of their start
        for before, after in pairwise(own):
            assert before["left"] + before["width"] <= after["left"] + 0.25 + 0.06
    assert all(b["left"] >= 0 and b["left"] + b["width"] <= 100.25 for b in found["bars"])


@given(st.lists(TRIAL, min_size=1, max_size=30))
def test_there_are_as_many_lanes_as_trials_that_ran_at_once(trials):
    most = max(sum(o["started"] <= t["started"] and t["started"] + 0.05 < o["started"] + o["seconds"] for o in trials) for t in trials)
    assert timeline(trials, 100.0)["lanes"] >= most


def test_trials_one_after_the_other_share_one_lane():
    trials = [{"started": i * 2.0, "seconds": 2.0, "family": "a", "state": "ok", "number": i} for i in range(5)]
    assert timeline(trials, 10.0)["lanes"] == 1


def test_the_shortest_trial_can_be_seen_and_a_failed_one_told():
    trials = [
        {"started": 0.0, "seconds": 0.001, "family": "a", "state": "killed", "number": 1},
        {"started": 1.0, "seconds": 1.0, "family": "b", "state": "cancelled", "number": 2},
    ]
    first, second = timeline(trials, 100.0)["bars"]
    assert first["width"] == 0.25 and first["failed"] and not second["failed"] and "killed" in first["title"]
    assert (first["colour"], second["colour"]) == (0, 1)


def test_colours_come_again_when_they_are_used_up():
    trials = [{"started": float(i), "seconds": 0.5, "family": f"f{i}", "state": "ok", "number": i} for i in range(PALETTE + 1)]
    found = timeline(trials, 20.0)
    assert found["families"][PALETTE]["colour"] == found["bars"][PALETTE]["colour"] == 0 and len(found["families"]) == PALETTE + 1


def _curve(*points, whole=None):
    return {"points": [{"rows": r, "score": s, "train": t} for r, s, t in points], "whole": whole}


def test_a_learning_curve_runs_from_edge_to_edge_on_a_log_scale():
    found = learning_curve(_curve((100, 0.6, 1.0), (200, 0.7, 0.95), (400, 0.8, 0.9), whole=[0.75, 0.85]), 400, 200)
    assert [x for x, _ in found["x_ticks"]] == [0.0, 200.0, 400.0] and [t for _, t in found["x_ticks"]] == ["100", "200", "400"]
    ys = [y for line in found["dots"].values() for _, y in line] + found["whisker"]
    assert all(0 <= y <= 200 for y in ys) and found["dots"]["score"][0][1] > found["dots"]["score"][2][1]
    assert found["whisker"][0] > found["dots"]["score"][2][1] > found["whisker"][1]
    assert found["lines"]["train"].count(",") == 3


def test_a_flat_curve_has_a_place_and_a_single_point_none():
    flat = learning_curve(_curve((10, 0.5, 0.5), (20, 0.5, 0.5)))
    assert {y for _, y in flat["dots"]["score"]} == {100.0} and flat["whisker"] is None
    assert learning_curve(_curve((10, 0.5, 0.5))) is None
    assert learning_curve(_curve((10, None, 0.5), (20, 0.5, 0.5))) is None
