"""What was tried under one scaling: partitions once each, judged by the geometry of that scaling."""

import numpy as np

from automl.search.clusters.ladder import Step
from automl.search.clusters.looks import Look, gain_of, odds_of
from automl.search.clusters.views import View

TRUTH = np.arange(120) % 3
CENTRES = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
X = (CENTRES[TRUTH] + np.random.default_rng(0).normal(0, 0.4, (120, 2))).astype(np.float32)


def look(*labels):
    out = Look(View.of(X))
    for k, own in enumerate(labels):
        out.take(Step("kmeans", {"clusters": k}), own.astype(np.int64), 0.1)
    return out


def test_one_group_is_no_partition_and_the_same_twice_is_one():
    tried = look(TRUTH, np.zeros(120), TRUTH)
    (found,) = tried.partitions(2, 9)
    assert len(tried.measured) == 3 and found.clusters == 3 and len(found.twins) == 1 and tried.measured[1][2] == {}
    assert tried.partitions(4, 9) == []


def test_groups_that_are_there_have_better_odds_and_tell_rows_in_less():
    rng = np.random.default_rng(1)
    good, bad = look(TRUTH), look(rng.permutation(TRUTH))
    known = [one.known(one.partitions(2, 9)) for one in (good, bad)]
    assert odds_of(known[0]) > odds_of(known[1]) and gain_of(known[0], 2) > 0 > gain_of(known[1], 2)
