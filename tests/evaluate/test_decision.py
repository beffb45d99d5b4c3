"""What a decision comes to on scored rows: how true the probabilities are, and what the rule changes there."""

import json

import numpy as np
import pytest

from automl.evaluate.decision import decision_facts, reliability
from automl.finalize.candidate import Candidate
from automl.inference.decision import Decision
from automl.inference.forms import Form

from ..toys import toy_plan

FORM = Form("linear", {})


def made(n=20000, k=2, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(k), n)
    return (p.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1), p


@pytest.mark.parametrize("k", [2, 4])
def test_true_probabilities_come_true_and_are_off_as_chance_has_it(k):
    found = reliability(*made(k=k), 1)
    assert found["error"] < 0.02 and found["error"] == pytest.approx(found["by_chance"], rel=0.6) and len(found["bins"]) == (10 if k == 2 else 8)
    inside = [b["interval"][0] <= b["said"] <= b["interval"][1] for b in found["bins"]]
    assert sum(inside) >= len(inside) - 1 and sum(b["rows"] for b in found["bins"]) == 20000
    small = [reliability(*made(300, k, seed=s), 1) for s in range(30)]
    assert np.mean([f["error"] for f in small]) == pytest.approx(np.mean([f["by_chance"] for f in small]), rel=0.15)


def test_probabilities_that_are_too_sure_are_off_by_what_they_are():
    y = np.array([0, 1] * 500)
    p = np.where(np.arange(1000) // 2 % 2 == 0, 0.9, 0.1)
    found = reliability(y, np.stack([1 - p, p], axis=1), 1)
    assert found["error"] == pytest.approx(0.4, abs=0.02) and found["error"] > 10 * found["by_chance"] and found["of"] == "positive"
    assert [(b["low"], b["high"], b["rows"]) for b in found["bins"]] == [(0.1, 0.2, 500), (0.9, 1.0, 500)]
    assert reliability(y, np.stack([p, 1 - p], axis=1), 0)["bins"][1]["said"] == pytest.approx(0.9)


def test_the_rule_is_held_against_the_most_probable_class_on_the_scored_rows():
    y, p = made(2000)
    told = {"rule": {"kind": "threshold", "metric": "recall_macro", "because": ""}, "calibrate": {"method": "none", "because": ""}}
    candidate = Candidate("f", "int8", "", FORM, FORM, (), 1, {"decision": told}, decision=Decision(threshold=0.9))
    found = decision_facts(toy_plan(metric="recall_macro"), candidate, y, p)
    assert found["scored"]["before"] > found["scored"]["after"] + 0.05 and found["rule"] == told["rule"]
    json.dumps(found, allow_nan=False)
    plain = decision_facts(toy_plan(), Candidate("f", "int8", "", FORM, FORM, (), 1), y, p)
    assert set(plain) == {"reliability"}
