"""The rule learns which evidence counts, and believes in what others support."""

import numpy as np
import pytest

from automl.search.clusters.rule import Rule, learn, shipped


def test_what_matters_is_learned():
    rng = np.random.default_rng(0)
    tables = []
    for _ in range(40):
        known = rng.normal(size=(30, 3))
        tables.append((known, 1 / (1 + np.exp(-2 * known[:, 0]))))
    rule = learn(tables, ["telling", "idle", "silent"])
    assert abs(rule.weights[0]) > 5 * np.abs(rule.weights[1:]).max()
    known = rng.normal(size=(30, 3))
    assert rule.belief(known).argmax() == known[:, 0].argmax() and rule.belief(known).sum() == pytest.approx(1)
    best, worst = int(known[:, 0].argmax()), int(known[:, 0].argmin())
    assert rule.reasons(known, best, worst)[0][0] == "telling"


def test_what_cuts_through_dense_parts_is_never_taken_where_a_clean_split_is_known():
    names = ("least_validity", "cut", "noise", "disco", "other")
    rule = Rule(names, np.zeros(5), np.ones(5), np.array([0, 0, 0, 0, 1.0]))
    clean, cutting, mild = [0.2, 0.0, 0.0, 0.6, 0.0], [-0.4, 0.9, 0.0, 0.1, 9.0], [-0.1, 0.2, 0.0, 0.1, 3.0]
    assert rule.belief(np.array([clean, cutting, mild])).argmax() == 2
    assert rule.belief(np.array([[*clean[:2], 0.4, *clean[3:]], cutting, mild])).argmax() == 1  # much noise is not clean


def test_candidates_that_agree_share_belief():
    rule = Rule(("a",), np.zeros(1), np.ones(1), np.ones(1))
    known = np.array([[1.0], [0.9], [0.9]])
    agreement = np.array([[1, 0, 0], [0, 1, 0.95], [0, 0.95, 1.0]])
    assert rule.belief(known).argmax() == 0 and rule.expected(known, agreement).argmax() != 0


def test_the_shipped_rule_is_whole():
    rule = shipped()
    assert len(rule.names) == len(rule.weights) == len(rule.mean) == len(rule.spread) and np.isfinite(rule.weights).all() and (rule.spread > 0).all()
