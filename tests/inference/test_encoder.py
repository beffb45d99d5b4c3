import numpy as np
import pytest

from automl.inference import encoder
from automl.inference.forms import Form, Model
from automl.inference.reconstruct import reconstructor


def _form():
    rng = np.random.default_rng(0)
    arrays = {"weights": rng.normal(size=(5, 4)), "bias": rng.normal(size=4), "inverse": rng.normal(size=(4, 5)), "centre": rng.normal(size=5)}
    for side, n_in, n_out in (("encoder", 4, 2), ("decoder", 2, 4)):
        arrays |= {f"{side}.linear": rng.normal(size=(n_in, n_out)), f"{side}.weights.0": rng.normal(size=(n_in, 3)), f"{side}.bias.0": rng.normal(size=3)}
        arrays |= {f"{side}.weights.1": rng.normal(size=(3, n_out)), f"{side}.bias.1": rng.normal(size=n_out)}
    return Form("encoder", {"layers": 2}, {name: a.astype(np.float32) for name, a in arrays.items()})


def _side(a, side, t):
    return t @ a[f"{side}.linear"] + np.maximum(t @ a[f"{side}.weights.0"] + a[f"{side}.bias.0"], 0) @ a[f"{side}.weights.1"] + a[f"{side}.bias.1"]


def test_the_linear_and_the_curved_part_are_added_both_ways(monkeypatch):
    form, x = _form(), np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    a = form.arrays
    z = _side(a, "encoder", x @ a["weights"] + a["bias"])
    assert Model(form).predict(x) == pytest.approx(z, abs=1e-4)
    assert reconstructor(form)(z) == pytest.approx(_side(a, "decoder", z) @ a["inverse"] + a["centre"], abs=1e-3)
    monkeypatch.setattr(encoder, "BLOCK", 2)
    assert Model(form).predict(x) == pytest.approx(z, abs=1e-4)
