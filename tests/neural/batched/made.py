"""Slots for tests: networks from one seed each, and a problem that can be learned."""

import numpy as np
import torch

from automl.neural.batched.layout import Layout
from automl.neural.batched.slots import Rows, Slot
from automl.neural.network import Mlp
from automl.neural.optimizers import OPTIMIZERS

WIDTHS = [16, 12]


def rows(n=400, k=2, seed=0, stop=100, weight=None):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + stop, 6)).astype(np.float32)
    y = np.digitize(x[:, 0] + x[:, 1] * x[:, 2], (0,) if k == 2 else (-0.7, 0, 0.7)[: k - 1]).astype(np.int64)
    return Rows(x[:n], y[:n], x[n:] if stop else None, y[n:] if stop else None, weight)


def options(name="adamw", **changes):
    return {"optimizer": name, **OPTIMIZERS.options[name].default(f"optimizer.{name}."), **{f"optimizer.{name}.{k}": v for k, v in changes.items()}}


def network(seed=0, k=2, n_features=6):
    torch.manual_seed(seed)
    return Mlp(n_features, WIDTHS, 1 if k == 2 else k, 0.0)


def layout(k=2, n_features=6):
    return Layout(n_features, WIDTHS, 1 if k == 2 else k)


def slot(of, seed=0, k=2, name="adamw", epochs=3, patience=10, shuffle=0, rate=None, **more):
    given = options(name) if rate is None else options(name, lr=rate)
    return Slot(of, layout(k).row_of(network(seed, k).linears()), given, epochs, patience, shuffle, **more)
