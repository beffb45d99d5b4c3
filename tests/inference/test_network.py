"""Networks against a plain chain of products, across the block size."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import softmax

from automl.inference.forms import Form, Model
from automl.inference.network import BLOCK


def made(sizes, seed=0):
    rng = np.random.default_rng(seed)
    arrays = {}
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        arrays[f"weights.{i}"] = rng.normal(size=(n_in, n_out)).astype(np.float32)
    arrays["bias"] = rng.normal(size=sum(sizes[1:])).astype(np.float32)
    return Form("network", {"layers": len(sizes) - 1}, arrays)


@pytest.mark.parametrize("sizes", [(5, 3), (5, 16, 3), (5, 16, 8, 1)])
@pytest.mark.parametrize("rows", [0, 1, BLOCK, BLOCK + 1])
def test_is_a_chain_of_products_and_kinks(sizes, rows):
    form = made(sizes)
    x = np.random.default_rng(1).normal(size=(rows, 5)).astype(np.float32)
    before, value = x.copy(), x.astype(np.float64)
    biases = np.split(form.arrays["bias"], np.cumsum(sizes[1:])[:-1])
    for i in range(len(sizes) - 1):
        value = value @ form.arrays[f"weights.{i}"] + biases[i]
        value = np.maximum(value, 0) if i < len(sizes) - 2 else value
    value = value if value.shape[1] > 1 else np.concatenate([np.zeros_like(value), value], axis=1)
    found = Model(form).predict(x)
    assert found.dtype == np.float32 and np.allclose(found, softmax(value, axis=1), atol=1e-5)
    assert np.array_equal(x, before)
