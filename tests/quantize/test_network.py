"""Layers of a network at 16 and 8 bits."""

import numpy as np
import pytest

from automl.inference.forms import Form, Model
from automl.inference.storage import from_bytes, to_bytes
from automl.quantize.network import store
from tests.inference.test_network import made

X = np.random.default_rng(1).normal(size=(60, 20)).astype(np.float32)


@pytest.mark.parametrize(("precision", "most", "share"), [("float32", 0, 1), ("float16", 0.05, 0.5), ("int8", 0.6, 0.35)])
def test_a_stored_form_is_smaller_and_predicts_almost_the_same(precision, most, share):
    form = made([20, 64, 64, 3])
    stored, words = store(form, precision)
    assert stored.n_bytes <= share * form.n_bytes and words.startswith({"int8": "8-bit"}.get(precision, precision))
    difference = np.abs(Model(from_bytes(to_bytes(stored), "m")).predict(X) - Model(form).predict(X))
    assert difference.max() <= most and difference.mean() <= most / 10


def test_weights_are_whole_numbers_and_biases_halves():
    stored, _ = store(made([20, 8, 1]), "int8")
    assert {k: v.dtype for k, v in stored.arrays.items()} == {
        "weights.0": np.int8, "weights.1": np.int8, "scale": np.float16, "bias": np.float16,
    }  # fmt: skip


@pytest.mark.parametrize("factor", [1e-6, 1e8])
def test_a_scale_that_is_no_half_is_kept_wide(factor):
    form = made([20, 8, 2])
    form = form.with_arrays({**form.arrays, "weights.0": form.arrays["weights.0"] * np.float32(factor)})
    stored, _ = store(form, "int8")
    assert stored.arrays["scale"].dtype == np.float32
    scale = stored.arrays["scale"][: stored.arrays["weights.0"].shape[1]]
    assert np.allclose(stored.arrays["weights.0"] * scale, form.arrays["weights.0"], atol=scale.max())


@pytest.mark.parametrize("step", [0, 1, 2])
def test_further_ways_round_for_rows_and_keep_the_ends(step):
    rng = np.random.default_rng(0)
    shapes = [(20, 32), (32, 32), (32, 3)]
    arrays = {f"weights.{i}": rng.normal(size=s).astype(np.float32) / np.float32(np.sqrt(s[0])) for i, s in enumerate(shapes)}
    form = Form("network", {"layers": 3, "n_outputs": 3}, {**arrays, "bias": rng.normal(size=67).astype(np.float32)})
    x = (rng.normal(size=(800, 4)) @ rng.normal(size=(4, 20))).astype(np.float32)
    stored, words = store(form, "int8", step, x[:400])
    kinds = [stored.arrays[f"weights.{i}"].dtype for i in range(3)]
    assert kinds == ([np.float16, np.int8, np.float16] if step == 2 else [np.int8] * 3) and ("halves" in words) is (step == 2)
    reference = Model(form).predict(x[400:])
    lost = np.abs(Model(from_bytes(to_bytes(stored), "m")).predict(x[400:]) - reference).mean()
    plain = np.abs(Model(store(form, "int8")[0]).predict(x[400:]) - reference).mean()
    assert lost == plain if step == 0 else lost < 0.8 * plain
