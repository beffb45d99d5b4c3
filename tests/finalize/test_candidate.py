import numpy as np

from automl.finalize.candidate import Candidate, FoldModel
from automl.inference.forms import Form


def test_at_another_precision_only_the_stored_model_changes():
    wide, narrow = Form("linear", {"n_outputs": 2}), Form("linear", {"n_outputs": 2, "narrow": True})
    x, y = np.zeros((3, 1)), np.zeros(3, np.int64)
    first = Candidate("f", "float32", "as trained", Form("features", {"steps": []}), wide, (FoldModel(0, wide, x, y),), 4, {"made_by": "us"})
    other = first.at("int8", "8-bit weights", narrow, (FoldModel(0, narrow, x, y),))
    assert (other.precision, other.scheme, other.model, other.folds[0].model) == ("int8", "8-bit weights", narrow, narrow)
    assert (other.family, other.trial, other.features, other.facts) == (first.family, first.trial, first.features, first.facts)
    assert (first.precision, first.model) == ("float32", wide)


def test_a_candidate_is_not_judged_until_it_is():
    candidate = Candidate("f", "float32", "", Form("features", {}), Form("linear", {}), (), None)
    assert candidate.drop is None and candidate.drop_upper is None and candidate.facts == {}
