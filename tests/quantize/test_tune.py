"""A network that 8 bits spoil answers more as it did once it is fine-tuned: on rows it has not seen, within its time, and the same each time."""

import sys
import time
from itertools import pairwise

import numpy as np
import pytest

from automl.inference.forms import Form, Model
from automl.inference.storage import from_bytes, to_bytes
from automl.quantize import tune
from automl.quantize.network import TUNED, store
from tests.quantize.test_network import made


def spiked(sizes=(20, 64, 64, 1), factor=30.0, seed=0):
    """A network of which half of the units inside have one weight so large that little of the others is left at 8 bits."""
    rng = np.random.default_rng(seed)
    form = made(sizes, seed)
    arrays = {**form.arrays, "bias": form.arrays["bias"] * np.float32(0.1)}
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        arrays[f"weights.{i}"] = arrays[f"weights.{i}"] * np.float32(np.sqrt(2 / n_in))
        if 0 < i < len(sizes) - 2:
            arrays[f"weights.{i}"][rng.integers(0, n_in, n_out // 2), np.arange(n_out // 2)] *= np.float32(factor)
    return Form("network", {**form.config, "n_outputs": max(2, sizes[-1])}, arrays)


def rows(n, seed, width=20):
    """Rows that lie near a plane, as rows of tables do."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, 6)) @ np.random.default_rng(9).normal(size=(6, width)) / 2 + 0.1 * rng.normal(size=(n, width))).astype(np.float32)


def lost(form, reference, x):
    """Return the mean divergence of answers to rows from those of another form, in nats."""
    wanted, found = (np.clip(Model(f).predict(x).astype(np.float64), 1e-9, 1) for f in (reference, form))
    return float((wanted * np.log(wanted / found)).sum(axis=1).mean())


@pytest.mark.parametrize("sizes", [(20, 64, 64, 1), (20, 48, 48, 48, 3)])
def test_it_loses_less_on_rows_it_has_not_seen(sizes):
    form, x, unseen = spiked(sizes), rows(1500, 1), rows(4000, 2)
    plain, kept, learned = (store(form, "int8", *how) for how in ((0,), (2, x), (2, x, 60.0)))
    assert learned[1] == kept[1].replace("; computed", f", {TUNED}; computed")
    shapes = [{k: (v.dtype, v.shape) for k, v in s[0].arrays.items()} for s in (kept, learned)]
    assert shapes[0] == shapes[1] and learned[0].n_bytes == kept[0].n_bytes
    before, after = lost(kept[0], form, unseen), lost(from_bytes(to_bytes(learned[0]), "m"), form, unseen)
    assert after < 0.7 * before and after < 0.3 * lost(plain[0], form, unseen)


def test_the_same_each_time_and_other_random_numbers_are_left_alone():
    import torch

    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    form, x = spiked(), rows(300, 1)
    first, again = (store(form, "int8", 2, x, np.inf)[0].arrays for _ in range(2))
    assert all(np.array_equal(first[name], again[name]) for name in first) and torch.equal(torch.rand(3), expected)


def test_its_time_holds_and_what_is_had_by_then_is_no_worse():
    form, x = spiked((20, 256, 256, 256, 1)), rows(2048, 1)
    assert tune.ready(60.0) > 0
    start = store(form, "int8", 2, x)[0]
    began = time.process_time()
    found = tune.tuned(form, start, x, 0.2)
    assert time.process_time() - began < 0.6
    assert lost(found, form, rows(2000, 3)) <= lost(start, form, rows(2000, 3)) * 1.02
    assert tune.tuned(form, start, x, 1e-9).arrays["weights.1"] is start.arrays["weights.1"]


def test_without_torch_time_or_rows_nothing_is_tried(monkeypatch):
    import torch

    form, x = spiked(), rows(200, 1)
    assert tune.ready(0.5) > 0 and torch.get_num_threads() > 0  # it is imported
    for given in (None, x[: tune.LEAST_ROWS - 1]):
        assert TUNED not in store(form, "int8", 2, given, 5.0)[1]
    assert TUNED not in store(made([20, 16, 3]), "int8", 2, x, 5.0)[1]  # of two layers both are halves: nothing is left at 8 bits
    assert tune.ready(0.0) == 0.0
    monkeypatch.setitem(sys.modules, "torch", None)
    assert tune.ready(60.0) == 0.0
    monkeypatch.delitem(sys.modules, "torch")
    assert tune.ready(tune.IMPORT_SECONDS - 0.1) == 0.0
