"""Quantization-aware fine-tuning: a network at 8 bits learns to answer as it did at float32, while it is rounded as it ships."""

import sys
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays, Form
from automl.quantize.rounding import halves, scales

EPOCHS = 40
BATCH = 128
LEAST_ROWS = 64
APART = 0.1  # of the rows, that choose the epoch
STEP = 0.01  # of a level (a 127th of the largest weight of a unit), that Adam moves a weight by at first
SCALE_STEP = 0.002  # of itself, that it moves a scale by
IMPORT_SECONDS = 2.0  # below, there is no time to import torch


def ready(seconds: float) -> float:
    """Return what is left of so many seconds once torch is imported; 0 where it is not there, or there is no time for that."""
    if find_spec("torch") is None or seconds < (0.0 if "torch" in sys.modules else IMPORT_SECONDS):
        return 0.0
    began = time.monotonic()
    import_module("torch")
    return max(0.0, seconds - (time.monotonic() - began))


def tunable(arrays: Arrays, n_rows: int) -> bool:
    """Return whether a stored network can be fine-tuned on so many rows: it has a layer at 8 bits, and they are enough."""
    return n_rows >= LEAST_ROWS and any(array.dtype == np.int8 for array in arrays.values())


def tuned(form: Form, start: Form, rows: NDArray[np.float32], seconds: float, seed: int = 0) -> Form:
    """Return the network `start`, some of whose layers are 8 bits wide, with numbers that answer rows (n_rows, n_inputs) more as `form` does.

    What `form`, at float32, answers is learned (Hinton et al. 2015), so no label is needed, also not of rows that are mixed of two (Beyer et
    al. 2022, section 3): few rows would else be learned by heart. Forward, weights are rounded as they will be stored (Jacob et al. 2018,
    section 3); backward, rounding counts as if it were not there (Bengio et al. 2013), and scales learn too (Esser et al. 2020, equation 3).
    A tenth of the rows is kept apart and chooses the epoch, `start` itself among them. Steps shrink to nothing over EPOCHS, or as many as the
    first one says there is time for; `seconds` of wall clock end it in any case. torch must be there, and runs on one thread.
    """
    import torch

    began = time.monotonic()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(rows))
        apart = max(1, int(APART * len(rows)))
        kept, x = (torch.from_numpy(np.ascontiguousarray(rows[at], dtype=np.float32)) for at in (order[:apart], order[apart:]))
        teacher = [(w, b) for w, b, _ in _tensors(torch, form)]
        target = _logs(torch, teacher, kept).exp()
        student = _Rounded(torch, start, [sums.std(dim=0) for sums in _sums(teacher, x)])

        def lost(own: Any, wanted: Any) -> Any:
            return -(wanted * _logs(torch, student.layers(), own)).sum(dim=1).mean()

        with torch.no_grad():
            best, chosen = lost(kept, target).item(), start.arrays
        optimizer = torch.optim.Adam([{"params": student.moved}, {"params": student.grown}], betas=(0.9, 0.99))
        batches, epochs, epoch = -(-len(x) // BATCH), EPOCHS, 0
        while epoch < epochs:
            turn, first = torch.from_numpy(rng.permutation(len(x))), time.monotonic()
            for number in range(batches):
                if time.monotonic() - began > seconds:
                    return start.with_arrays(chosen)
                for group, step in zip(optimizer.param_groups, (STEP, SCALE_STEP), strict=True):
                    group["lr"] = step * (1 - (epoch + number / batches) / epochs)
                own = x[turn[number * BATCH : (number + 1) * BATCH]]
                share = np.where(rng.random((len(own), 1)) < 0.5, 1.0, rng.random((len(own), 1)))
                own = torch.lerp(own.flip(0), own, torch.from_numpy(share.astype(np.float32)))
                optimizer.zero_grad()
                lost(own, _logs(torch, teacher, own).exp()).backward()
                optimizer.step()
            with torch.no_grad():
                if (now := lost(kept, target).item()) < best:
                    best, chosen = now, {**start.arrays, **student.stored()}
            if not epoch:
                epochs = max(1, int(min(EPOCHS, (seconds - (first - began)) / max(time.monotonic() - first, 1e-6))))
            epoch += 1
        return start.with_arrays(chosen)
    finally:
        torch.set_num_threads(threads)


def _tensors(torch: Any, form: Form) -> list[tuple[Any, Any, Any]]:
    """Return weights as they are stored (n_in, n_out), bias (n_out,) and scale (n_out,) of each layer, as single precision."""
    stored = [form.arrays[f"weights.{i}"] for i in range(int(form.config["layers"]))]
    ends = np.cumsum([w.shape[1] for w in stored])[:-1]
    scale = form.arrays.get("scale", np.ones(sum(w.shape[1] for w in stored), np.float32))
    every = zip(stored, np.split(form.arrays["bias"], ends), np.split(scale, ends), strict=True)
    return [(torch.from_numpy(w.astype(np.float32)), torch.from_numpy(b.astype(np.float32)), torch.from_numpy(s.astype(np.float32))) for w, b, s in every]


def _sums(layers: list[tuple[Any, Any]], x: Any) -> list[Any]:
    """Return what the units of each layer sum up, (n_rows, n_units)."""
    out = []
    for weights, bias in layers:
        out.append(x @ weights + bias)
        x = out[-1].relu()
    return out


def _logs(torch: Any, layers: list[tuple[Any, Any]], x: Any) -> Any:
    """Return logarithms of probabilities (n_rows, n_classes); one sum of a row means two classes."""
    margin = _sums(layers, x)[-1]
    return torch.log_softmax(margin if margin.shape[1] > 1 else torch.cat([torch.zeros_like(margin), margin], dim=1), dim=1)


class _Rounded:
    """A network as it is stored, whose numbers can move: weights and biases by levels (`moved`), scales of layers at 8 bits by shares (`grown`).

    A level of a bias is a 127th of the `spread` (n_units,) of what its unit sums up.
    """

    def __init__(self, torch: Any, form: Form, spread: list[Any]) -> None:
        self._layers = _tensors(torch, form)
        self._eight = [form.arrays[f"weights.{i}"].dtype == np.int8 for i in range(len(self._layers))]
        self._level = [w.abs().amax(dim=0).clamp_min(1e-12) / 127 for w, _, _ in self._layers]
        self._spread = [s.clamp_min(1e-6) / 127 for s in spread]
        self._moves = [torch.zeros_like(w).requires_grad_() for w, _, _ in self._layers]
        self._shifts = [torch.zeros_like(b).requires_grad_() for _, b, _ in self._layers]
        self._growth = [torch.zeros_like(s).requires_grad_() for _, _, s in self._layers]
        self.moved = [*self._moves, *self._shifts]
        self.grown = [g for g, eight in zip(self._growth, self._eight, strict=True) if eight]

    def layers(self) -> list[tuple[Any, Any]]:
        """Return weights and bias of each layer as they act once stored."""
        out = []
        for i, (weights, bias, scale) in enumerate(self._layers):
            if self._eight[i]:
                whole = (weights + self._moves[i]).clamp(-127, 127)
                acts = (whole + (whole.round() - whole).detach()) * (scale * self._growth[i].exp())
            else:
                acts = weights + self._level[i] * self._moves[i]
            out.append((acts, bias + self._spread[i] * self._shifts[i]))
        return out

    def stored(self) -> Arrays:
        """Return the arrays: weights in whole numbers or halves, biases as halves, and scales."""
        arrays: Arrays = {}
        for i, (weights, _, _) in enumerate(self._layers):
            if self._eight[i]:
                arrays[f"weights.{i}"] = (weights + self._moves[i]).clamp(-127, 127).round().detach().numpy().astype(np.int8)
            else:
                arrays[f"weights.{i}"] = halves((weights + self._level[i] * self._moves[i]).detach().numpy())
        arrays["bias"] = halves(np.concatenate([bias.detach().numpy() for _, bias in self.layers()]))
        arrays["scale"] = scales(np.concatenate([(s * g.exp()).detach().numpy() for (_, _, s), g in zip(self._layers, self._growth, strict=True)]))
        return arrays
