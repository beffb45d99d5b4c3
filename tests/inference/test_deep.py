"""Forms of networks against plain formulas, row by row."""

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import softmax

from automl.inference.forms import Form, Model

RNG = np.random.default_rng(0)


def f32(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def proba(margin):
    margin = np.atleast_2d(margin)
    return softmax(margin if margin.shape[1] > 1 else np.concatenate([0 * margin, margin], axis=1), axis=1)


@pytest.mark.parametrize("margins", [1, 3])
@pytest.mark.parametrize("rows", [1, 150])
def test_members_scale_the_features_share_the_layers_and_vote(rows, margins):
    k, d, w = 4, 5, 6
    form = Form("tabm", {"layers": 2}, {
        "members": f32(k, d), "weights.0": f32(d, w), "weights.1": f32(w, w), "bias": f32(2 * w), "heads": f32(w, k * margins), "heads.bias": f32(k, margins),
    })  # fmt: skip
    a, x = form.arrays, f32(rows, d)
    expected = np.zeros((rows, max(2, margins)))
    for m in range(k):
        h = np.maximum((x * a["members"][m]) @ a["weights.0"] + a["bias"][:w], 0)
        h = np.maximum(h @ a["weights.1"] + a["bias"][w:], 0)
        expected += proba(h @ a["heads"][:, m * margins : (m + 1) * margins] + a["heads.bias"][m]) / k
    assert np.abs(Model(form).predict(x) - expected).max() < 1e-5


@pytest.mark.parametrize("waves", [False, True])
def test_units_have_their_own_share_of_the_kink_and_numbers_come_as_waves(waves):
    d, w = 4, 7
    extra = {"wave.columns": np.array([0, 2], np.int32), "wave.rate": f32(2, 5), "wave.phase": f32(2, 5), "wave.mix": f32(2, 15), "wave.bias": f32(2, 3)}
    n_in = d + 6 * waves
    form = Form("realmlp", {"layers": 2}, {"weights.0": f32(n_in, w), "weights.1": f32(w, 3), "bias": f32(w + 3), "share": f32(w), **(extra if waves else {})})
    a, x = form.arrays, f32(300, d)
    inputs = x
    if waves:
        made = [
            np.cos(2 * np.pi * (x[:, [c]] * a["wave.rate"][i] + a["wave.phase"][i])) @ a["wave.mix"][i].reshape(5, 3) + a["wave.bias"][i]
            for i, c in enumerate((0, 2))
        ]
        inputs = np.concatenate([x, *made], axis=1)
    z = inputs @ a["weights.0"] + a["bias"][:w]
    selu = 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(z))
    expected = proba((z + a["share"] * (selu - z)) @ a["weights.1"] + a["bias"][w:])
    assert np.abs(Model(form).predict(x) - expected).max() < 1e-4


@pytest.mark.parametrize("layers", [2, 3])
def test_bags_are_added_up_dense_or_sparse(layers):
    sizes = [*[9, 4, 4, 3][:layers], 3]
    arrays = {f"weights.{i}": f32(a, b) for i, (a, b) in enumerate(itertools.pairwise(sizes))}
    form = Form("bag_network", {"layers": layers}, {**arrays, "bias": f32(sum(sizes[1:]))})
    x = f32(20, 9) * (RNG.random((20, 9)) < 0.3)
    h, at = x, 0
    for i, n_out in enumerate(sizes[1:]):
        h = h @ form.arrays[f"weights.{i}"] + form.arrays["bias"][at : at + n_out]
        h, at = np.maximum(h, 0) if i < layers - 1 else h, at + n_out
    dense, sparse = Model(form).predict(x), Model(form).predict(csr_array(x))
    assert np.abs(dense - proba(h)).max() < 1e-5 and np.abs(sparse - dense).max() < 1e-5


def test_a_network_may_stand_behind_an_encoding():
    arrays = {"weights.0": f32(3, 3), "bias": f32(3), "encode.numbers": np.array([0], np.int32), "encode.centre": np.float32([2]), "encode.scale": np.float32([4]),
              "encode.columns": np.array([1], np.int32), "encode.low": np.float32([0.5]), "encode.slope": np.float32([2])}  # fmt: skip
    x = np.array([[10.0, 0.75], [2.0, 3.0]], np.float32)
    bent = (x[:, 0] - 2) / 4
    inputs = np.stack([bent / np.sqrt(1 + (bent / 3) ** 2), x[:, 1], np.clip((x[:, 1] - 0.5) * 2, 0, 1)], axis=1)
    expected = proba(inputs @ arrays["weights.0"] + arrays["bias"])
    assert np.abs(Model(Form("encoded_network", {"layers": 1}, arrays)).predict(x) - expected).max() < 1e-6
