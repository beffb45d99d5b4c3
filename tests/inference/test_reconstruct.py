import numpy as np

from automl.inference.forms import Form
from automl.inference.reconstruct import reconstructor


def test_there_is_a_way_back_only_where_a_form_has_one():
    weights = np.eye(3, dtype=np.float32)
    assert reconstructor(Form("selection", {}, {"columns": np.arange(2)})) is None
    assert reconstructor(Form("projection", {}, {"weights": weights, "bias": weights[0]})) is None
    back = reconstructor(Form("nonnegative", {}, {"parts": weights, "shift": np.ones(3, np.float32)}))
    assert back(np.array([[1.0, 0.0, 2.0]], np.float32)).tolist() == [[2.0, 1.0, 3.0]]
