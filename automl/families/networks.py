"""What the families of networks share: an encoding of the features, rows to stop on, epochs, and how forms are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from automl.families.base import Context, FitData, Progress
from automl.families.space import Choice, Float, Params, Space
from automl.families.spill import or_on_cpu

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form


PRUNE = Choice({"no": Space(), "units": Space({"sparsity": Float(0.25, 0.9, 0.5)})}, "no")
"""Whether hidden units are taken out by magnitude while a network trains, and which share of them."""
SPARSITY = "prune.units.sparsity"


class Trained:
    """Options, and after the fit the network, the encoding before it, the epochs it was trained for and what that took of a device."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.network: Any = None
        self.arrays: dict[str, NDArray[Any]] = {}
        self.encode: Callable[[Any], NDArray[np.float32]] = lambda x: x
        self.epochs = 0
        self.ledger: Any = None
        self.tried: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What went otherwise than asked, in words: less at once, or on the CPU."""
        return self.tried + (() if self.ledger is None else tuple(self.ledger.notes))

    def encoded_by(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take an encoding over."""
        from automl.inference.encoding import encoding

        self.arrays, self.encode = arrays, encoding(arrays)


def n_margins_of(context: Context) -> int:
    """Return how many margins a network has: one for two classes."""
    return 1 if context.n_outputs == 2 else context.n_outputs


def epochs_of(context: Context, most: int) -> int:
    """Return the epochs that were learned before, or the most there may be."""
    return context.rounds or most


def smoothing_of(asked: float, y: NDArray[np.int64], n_outputs: int) -> float:
    """Return how much labels are smoothed: less where classes are of unequal size, by the entropy of their shares over that of equal ones.

    Smoothing lifts every class to the same least share, which is far off for a class of one row in fifty.
    """
    import numpy as np

    shares = np.bincount(y, minlength=n_outputs) / max(1, len(y))
    entropy = -float((shares[shares > 0] * np.log(shares[shares > 0])).sum())
    return asked * entropy / math.log(max(2, n_outputs))


def step_of(asked: int, n_rows: int = 1 << 40) -> int:
    """Return the rows per step: the power of two nearest to those asked for, fewer where an epoch would have less than eight steps."""
    return min(1 << round(math.log2(asked)), max(8, n_rows // 8))


def rounds(estimator: Trained) -> int:
    """Return the epochs whose weights were kept."""
    return max(1, int(estimator.epochs))


def train_encoded(
    estimator: Trained, data: FitData, progress: Progress, make: Callable[[int], tuple[Any, Any]], *, bins: int, epochs: int, patience: int,
    ready: Callable[[Any, NDArray[np.float32]], None] = lambda network, x: None, encoded: bool = True, **options: Any,
) -> Trained:  # fmt: skip
    """Encode the rows, make a network and its optimizer for as many inputs as that gives, and train it; `ready` may look at the inputs before.

    `bins`: parts that each number's range is cut into; `options` go to automl.neural.training.train. Where the device's memory runs out
    it is all done on the CPU, and the ledger says so.
    """
    import time

    import torch

    from automl.neural.batched.run import Ledger
    from automl.neural.encoding import fit_encoding
    from automl.neural.peaks import begin_peak, peak_mb
    from automl.neural.training import train

    params, context = estimator.params, estimator.context
    if encoded:
        estimator.encoded_by(fit_encoding(data.x, bins))
    x, x_stop = (None if rows is None else estimator.encode(rows) for rows in (data.x, data.x_stop))

    def on(device: str) -> Ledger:
        began = time.monotonic()
        begin_peak(device)
        torch.manual_seed(context.seed)
        estimator.network, optimizer = make(x.shape[1])  # type: ignore[union-attr]
        ready(estimator.network, x)  # type: ignore[arg-type]
        estimator.epochs = train(
            estimator.network, optimizer, x, data.y, x_stop, data.y_stop, epochs=epochs, batch=step_of(params["batch"], len(data.y)), patience=patience,
            device=device, seed=context.seed, fixed=context.rounds is not None, deadline=progress.deadline,
            weight=data.weight, weight_stop=data.weight_stop, **options,
        )  # fmt: skip
        return Ledger(device, time.monotonic() - began, 1, peak_mb(device))

    ledger, notes = or_on_cpu(context.device, on)
    estimator.ledger = replace(ledger, notes=notes)
    return estimator


def torch_probabilities(network: Any, x: Any) -> NDArray[np.float32]:
    """Return what a network says of rows (n_rows, n_inputs), by torch on one thread: the library's own way."""
    import torch

    from automl.neural.tables import table

    torch.set_num_threads(1)
    with torch.no_grad():
        margin = network(table(x, "cpu").take(torch.arange(x.shape[0])))
        if margin.shape[1] == 1:
            margin = torch.cat([torch.zeros_like(margin), margin], dim=1)
        proba: NDArray[np.float32] = torch.softmax(margin, dim=1).numpy()
        return proba


def export_encoded(estimator: Trained, kind: str, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Form:
    """Return a form of this kind with the arrays of the encoding beside its own."""
    import numpy as np

    from automl.inference.forms import Form

    return Form(kind, dict(config), {name: np.ascontiguousarray(array) for name, array in {**estimator.arrays, **arrays}.items()})
