"""Models that are tables of numbers: which arrays are stored in fewer bits, and how; all else of such a model stays as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays, Form
from automl.quantize.rounding import eight_bits, halves, scales, stored_bytes

Store = Callable[[str, NDArray[np.floating]], Arrays]


def as_halves(name: str, values: NDArray[np.floating]) -> Arrays:
    """Return the array as halves."""
    return {name: halves(values)}


def by_column(name: str, values: NDArray[np.floating]) -> Arrays:
    """Return the array (n_rows, n_columns) as 8-bit whole numbers with a scale per column."""
    whole, scale = eight_bits(values)
    return {name: whole, f"{name}.scale": scale}


def by_row(name: str, values: NDArray[np.floating]) -> Arrays:
    """Return lower triangles (n_classes, n * (n + 1) / 2), row after row, as 8-bit whole numbers with a scale for each row of each of them."""
    width = int(np.sqrt(2 * values.shape[1] + 0.25) - 0.5)
    starts = np.cumsum(np.arange(width))
    top = np.maximum.reduceat(np.abs(values), starts, axis=1) if width else np.zeros((len(values), 0))
    scale = np.where(top > 0, top / 127.0, 1.0).astype(np.float32)
    whole = np.clip(np.rint(values / np.repeat(scale, np.arange(1, width + 1), axis=1)), -127, 127).astype(np.int8)
    return {name: whole, f"{name}.scale": scales(scale)}


@dataclass(frozen=True)
class Narrow:
    """How the tables of a kind are stored: arrays as halves at float16, and at int8 as `eight` says; `words` tell of the latter.

    Nothing there: whole numbers lose too much, so that there is no rung at int8. `steps` are further ways, each tried where the one
    before it lost too much.
    """

    half: tuple[str, ...]
    eight: Mapping[str, Store]
    words: str
    computed: str = "float32"
    steps: tuple[tuple[Mapping[str, Store], str], ...] = ()


MOST_LAYERS = 4  # of an encoder or a decoder
HIDDEN = tuple(f"weights.{i}" for i in range(10))  # layers of a network
ENCODER = (
    "weights", "inverse", *(f"{side}.{name}" for side in ("encoder", "decoder") for name in ("linear", *(f"weights.{i}" for i in range(MOST_LAYERS)))),
)  # fmt: skip

TABLES: Mapping[str, Narrow] = {
    "kernel": Narrow(
        ("support", "dual"), {"support": stored_bytes, "dual": by_column}, "8-bit support vectors, a scale per column, and 8-bit weights",
        steps=(({"support": stored_bytes, "dual": as_halves}, "8-bit support vectors, a scale per column, and weights as halves"),),
    ),
    "neighbours": Narrow(("rows", "weight"), {"rows": stored_bytes, "weight": as_halves}, "8-bit rows, a scale per column", "float64"),
    "naive_bayes": Narrow(
        ("means", "precision", "weights"), {"means": as_halves, "precision": as_halves, "weights": by_column},
        "8-bit weights of what is there or not, a scale per class; means and spreads as halves", "float64",
    ),
    "tabm": Narrow(
        (*HIDDEN, "heads", "bias", "heads.bias"), {**dict.fromkeys((*HIDDEN, "heads"), by_column), "bias": as_halves, "heads.bias": as_halves},
        "8-bit weights, a scale per unit",
    ),
    "realmlp": Narrow(
        (*HIDDEN, "bias", "share", "wave.mix"), {**dict.fromkeys(HIDDEN, by_column), "bias": as_halves, "share": as_halves, "wave.mix": as_halves},
        "8-bit weights, a scale per unit; waves as halves",
    ),
    "bag_network": Narrow((*HIDDEN, "bias"), {**dict.fromkeys(HIDDEN, by_column), "bias": as_halves}, "8-bit vectors and weights, a scale per unit"),
    "centroids": Narrow(("centres", "project.axes"), {"centres": stored_bytes, "project.axes": by_column}, "8-bit centres, a scale per column", "float64"),
    "mixture": Narrow(("means", "whiten", "project.axes"), {}, "", "float64"),  # whole numbers put too many rows into other clusters
    "cores": Narrow(("rows", "project.axes"), {"rows": stored_bytes, "project.axes": by_column}, "8-bit rows, a scale per column", "float64"),
    "quadratic": Narrow(("means", "whiten"), {"means": as_halves, "whiten": by_row}, "8-bit triangles, a scale per row", "float64"),
    "projection": Narrow(
        ("weights", "inverse"), {"weights": by_column, "inverse": by_column}, "8-bit weights, a scale per coordinate",
        steps=(({"weights": as_halves, "inverse": by_column}, "weights as halves, and 8 bits on the way back"),),
    ),
    "kernel_map": Narrow(
        ("rows", "dual"), {"rows": stored_bytes, "dual": by_column}, "8-bit rows, a scale per column, and 8-bit weights", "float64",
        steps=(({"rows": stored_bytes, "dual": as_halves}, "8-bit rows, a scale per column, and weights as halves"),),
    ),
    "random_features": Narrow(
        ("frequencies", "phase", "weights"), {"frequencies": by_column, "phase": as_halves, "weights": by_column}, "8-bit waves and weights, scales of both",
        steps=(({"frequencies": as_halves, "phase": as_halves, "weights": by_column}, "waves as halves, and 8-bit weights"),),
    ),
    "nonnegative": Narrow(("parts",), {"parts": by_column}, "8-bit parts, a scale per column"),
    "placement": Narrow(
        ("weights", "rows", "coordinates"), {"weights": by_column, "rows": stored_bytes, "coordinates": as_halves},
        "8-bit rows, a scale per column, and places as halves",
        steps=(({"weights": as_halves, "rows": as_halves, "coordinates": stored_bytes}, "rows as halves, and 8-bit places"),),
    ),
    "encoder": Narrow(
        ENCODER, dict.fromkeys(ENCODER, by_column), "8-bit weights, a scale per unit",
        steps=(
            ({**dict.fromkeys(ENCODER, as_halves), **dict.fromkeys((n for n in ENCODER if n.startswith("decoder")), by_column), "inverse": by_column},
             "weights as halves, and 8 bits on the way back"),
        ),
    ),
}  # fmt: skip


def steps_of(kind: str) -> int:
    """Return how many ways there are to store a kind at 8 bits."""
    return 1 + len(TABLES[kind].steps)


def store(form: Form, precision: str, step: int = 0) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words."""
    how = TABLES[form.kind]
    if precision == "float32":
        return form, "float32, as trained"
    if precision == "float16":
        chosen: Mapping[str, Store] = dict.fromkeys(how.half, as_halves)
        words = "float16 numbers"
    else:
        chosen, words = (how.eight, how.words) if step == 0 else how.steps[step - 1]
    arrays = dict(form.arrays)
    small = False
    for name, stored in chosen.items():
        if name in arrays and arrays[name].size:
            made, narrow = stored(name, arrays[name]), as_halves(name, arrays[name])
            small |= (wider := _bytes(made) > _bytes(narrow))  # of few rows, scales weigh more than they save
            arrays |= narrow if wider else made
    return form.with_arrays(arrays), f"{words}{'; small arrays as halves' if small else ''}; computed in {how.computed}"


def _bytes(arrays: Arrays) -> int:
    return sum(array.nbytes for array in arrays.values())
