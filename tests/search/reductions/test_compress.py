import numpy as np
import pytest

from automl.search.reductions.compress import linear_curve, plainest_first
from automl.search.reductions.contest import Candidate
from automl.search.reductions.judges import CompressJudge, folds_of
from automl.testing.reducers import sample


def _candidate(number, error):
    x, _ = sample(30)
    return Candidate(number, "pca", {}, CompressJudge(x, None, [], 0), None, scores={"score": -error, "reconstruction_error": error})


def test_of_those_alike_the_first_tried_is_taken():
    ranked = [_candidate(5, 0.1000), _candidate(0, 0.1004), _candidate(2, 0.1010), _candidate(1, 0.2)]
    assert [c.number for c in plainest_first(ranked)] == [0, 5, 2, 1]
    assert plainest_first([]) == []


def test_the_curve_falls_to_nothing_with_all_components():
    x, _ = sample(120, 6)
    curve = linear_curve(x, folds_of(120, None, 0), 6)
    assert (np.diff(curve) <= 1e-9).all() and curve[-1] == pytest.approx(0, abs=1e-6) and 0 < curve[0] < 1
