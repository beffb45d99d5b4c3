import pytest

from automl.report.pictures import SQUARE, learning_curve, rates, reliability_chart, roc_chart, thinned, threshold_chart

EVALUATION = {"metric": "roc_auc", "greater_is_better": True}
SAID = {"sentence": "More rows would help.", "rows": "Fits with the winner's options."}


def _points(n):
    return [{"share": 1 / 2**i, "rows": 1000 // 2**i, "score": 0.9 - i / 10, "train": 0.95, "train_rows": 500, "n_scored": 200} for i in reversed(range(n))]


def _lines(found):
    return [m for m in found["marks"] if m["kind"] == "line"]


def test_a_roc_curve_goes_from_corner_to_corner():
    found = roc_chart([(0.0, 0.0), (0.1, 0.7), (1.0, 1.0)], "yes", 0.83)
    curve = _lines(found)[-1]["points"].split()
    assert curve[0] == f"0.0,{float(SQUARE)}" and curve[-1] == f"{float(SQUARE)},0.0" and "0.830" in found["label"] and "yes" in found["caption"]
    assert roc_chart(None, "yes", None) is None and "undefined" in roc_chart([(0, 0), (1, 1)], "yes", None)["label"]


def test_reliability_leaves_out_empty_ranges_and_says_all_of_the_others():
    bins = [
        {"low": 0.0, "high": 0.1, "rows": 90, "said": 0.04, "true": 0.05, "interval": [0.01, 0.1]},
        {"low": 0.1, "high": 0.2, "rows": 0, "said": None, "true": None, "interval": [None, None]},
        {"low": 0.9, "high": 1.0, "rows": 10, "said": 0.95, "true": 0.8, "interval": [0.5, 0.95]},
    ]
    found = reliability_chart({"bins": bins}, "no fault shows")
    assert len(found["table"]["rows"]) == 2 == sum(m["kind"] == "dot" for m in found["marks"])
    assert reliability_chart(None, "") is None and reliability_chart({"bins": []}, "") is None


def test_a_learning_curve_needs_two_points_with_scores():
    assert learning_curve({"points": _points(1)}, SAID, EVALUATION) is None and learning_curve(None, None, EVALUATION) is None
    found = learning_curve({"points": _points(3), "whole": [0.85, 0.95]}, SAID, EVALUATION)
    assert len(_lines(found)) == 2 and len(found["x_ticks"]) == 3 and any(m["look"] == "whisker" for m in found["marks"])
    assert found["label"] == "Learning curve: More rows would help."
    open_ended = learning_curve({"points": _points(3), "whole": [None, None]}, SAID, EVALUATION)
    assert not any(m["look"] == "whisker" for m in open_ended["marks"])


@pytest.mark.parametrize(
    ("counts", "expected"), [((3, 1, 2, 4), (0.75, 0.6, 0.4)), ((0, 0, 2, 4), (None, 0.0, 0.0)), ((0, 1, 0, 4), (0.0, None, 0.2)), ((0, 0, 0, 0), (None, None, None))]
)  # fmt: skip
def test_rates_of_counts(counts, expected):
    found = rates(dict(zip(("tp", "fp", "fn", "tn"), counts, strict=True)))
    assert (found["precision"], found["recall"], found["answered"]) == pytest.approx(expected)


def test_thresholds_of_rare_classes_fill_the_picture_and_undefined_rates_are_dashes():
    levels = [{"threshold": t / 1000, "tp": 10 - t, "fp": 90 - 9 * t, "fn": t, "tn": 9 * t} for t in range(11)]
    found = threshold_chart(levels, "fraud", 0.004)
    assert found["table"]["rows"][-1][1] == "–" and found["x_ticks"][-1][1] == "0.0100" and any(m["look"] == "dashed" for m in found["marks"])
    assert threshold_chart(levels, None, 0.5) is None and threshold_chart([], "fraud", 0.5) is None and threshold_chart(levels, "fraud", None) is not None


def test_thinning_keeps_both_ends():
    assert thinned(list(range(100)), 10)[0] == 0 and thinned(list(range(100)), 10)[-1] == 99 and len(thinned(list(range(100)), 10)) <= 11
    assert thinned([1, 2]) == [1, 2] and thinned([]) == []
