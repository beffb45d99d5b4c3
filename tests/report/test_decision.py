"""The decision in words: what is answered, what it bought out of fold, and whether the probabilities can be believed."""

import pytest

from automl.report.decision import decision_words

RELIABILITY = {"of": "positive", "bins": [], "error": 0.02, "by_chance": 0.015}
GAIN = {"metric": "f1", "before": 0.4, "after": 0.45, "gain": 0.05, "interval": [0.01, 0.09]}
LOSS = {"metric": "log_loss", "before": 0.5, "after": 0.45, "gain": 0.05, "interval": [0.02, 0.08], "error": 0.015}


def words(rule=None, calibrate=None, reliability=None, positive="yes", **more):
    rule, calibrate = rule or {"kind": "argmax", "because": "why"}, calibrate or {"method": "none", "because": "asked for"}
    decision = {"rule": rule, "calibrate": calibrate, "reliability": reliability or RELIABILITY, **more}
    return decision_words({"decision": decision, "positive_class": positive})


def test_a_run_of_before_says_nothing():
    assert decision_words({}) is None
    assert decision_words({"decision": {"reliability": RELIABILITY}, "positive_class": "yes"})["rule"] == "The class with the highest probability is predicted."


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ({"kind": "threshold", "threshold": 0.25}, "“yes” is predicted where its probability is above 0.25"),
        ({"kind": "costs", "threshold": 1 / 9}, "“yes” is predicted where its probability is above 0.111"),
        ({"kind": "costs"}, "the class that is cheapest in expectation is predicted"),
        ({"kind": "weights", "threshold": None}, "the class with the highest weighted probability is predicted"),
        ({"kind": "argmax", "threshold": 0.5}, "the class with the highest probability is predicted"),
        ({"kind": "threshold", "threshold": 0.00123}, "“yes” is predicted where its probability is above 0.0012"),
    ],
)
def test_the_answer(rule, answer):
    assert words({**rule, "because": "why"})["answer"] == answer


def test_a_reason_names_the_metric_as_a_reader_does():
    assert words({"kind": "argmax", "because": "roc_auc judges the order"})["rule"].endswith(": ROC AUC judges the order.")


def test_what_the_rule_bought_is_told_with_its_interval_and_its_rows():
    chosen = words({"kind": "threshold", "threshold": 0.2, "because": "w", "chosen": True, **GAIN}, scored={"metric": "f1", "before": 0.41, "after": 0.44})
    assert "not chosen on" in chosen["bought"] and "0.4500 in place of 0.4000" in chosen["bought"] and "+0.0100 to +0.0900" in chosen["bought"]
    assert "0.4400" in chosen["scored"] and "0.4100" in chosen["scored"]
    assert "not chosen on" not in words({"kind": "threshold", "threshold": 0.2, "because": "asked for", **GAIN})["bought"]
    assert "not taken" in words({"kind": "argmax", "because": "w", "tried": GAIN})["bought"]
    assert words()["bought"] == words()["scored"] == words()["gain"] == ""


def test_what_the_calibration_changed():
    found = words(calibrate={"method": "temperature", "temperature": 1.4, "because": "w", **LOSS})
    assert "more careful by a temperature of 1.4" in found["calibrate"] and "changes the log loss from 0.5000 to 0.4500" in found["gain"]
    assert "−0.0800 to −0.0200" in found["gain"]
    assert "bolder" in words(calibrate={"method": "temperature", "temperature": 0.8, "because": "w", **LOSS})["calibrate"]
    assert "would change" in words(calibrate={"method": "none", "because": "w", "tried": {"method": "temperature", **LOSS}})["gain"]
    assert "rising curve" in words(calibrate={"method": "isotonic", "because": "w", **LOSS})["calibrate"]


def test_whether_the_probabilities_can_be_believed():
    assert "no fault shows" in words()["reading"] and "“yes”" in words()["reading"]
    off = words(reliability={**RELIABILITY, "error": 0.1, "of": "most_probable"}, positive=None)["reading"]
    assert "with this in mind" in off and "predicted class" in off
