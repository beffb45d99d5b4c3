import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity, polynomial_kernel, rbf_kernel

from automl.inference import kernel_map
from automl.inference.forms import Form, Model
from automl.inference.kernel_map import similarities


@pytest.mark.parametrize("kernel", ["rbf", "poly", "cosine"])
def test_similarities_are_the_librarys(kernel):
    rng = np.random.default_rng(0)
    x, rows = rng.normal(size=(6, 3)), rng.normal(size=(4, 3))
    expected = {
        "rbf": rbf_kernel(x, rows, 0.3), "poly": polynomial_kernel(x, rows, 3, 0.3, 1.0), "cosine": cosine_similarity(x, rows)
    }[kernel]  # fmt: skip
    assert similarities(x, rows, kernel, 0.3) == pytest.approx(expected, abs=1e-9)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    arrays = {"rows": rng.normal(size=(5, 3)), "dual": rng.normal(size=(5, 2)), "bias": np.array([1.0, 2.0])}
    form = Form("kernel_map", {"kernel": "rbf", "gamma": 0.5}, {k: v.astype(np.float32) for k, v in arrays.items()})
    x = rng.normal(size=(7, 3)).astype(np.float32)
    whole = Model(form).predict(x)
    monkeypatch.setattr(kernel_map, "CELLS", 10)
    assert (Model(form).predict(x) == whole).all() and whole.dtype == np.float32
