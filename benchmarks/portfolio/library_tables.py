"""The tables that a portfolio is learned on: those of a folder, scikit-learn's own, and made ones of unlike kinds."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

MOST_ROWS = 6000
TARGET = "target"


@dataclass(frozen=True)
class Sample:
    """A table as the engine reads it: a frame, its target, and columns that must not be features."""

    frame: pd.DataFrame
    target: str = TARGET
    drop: tuple[str, ...] = ()


def tables(folder: Path, exclude: list[str]) -> dict[str, "Sample | None"]:
    """Return names of all tables; those of the folder are read by `table` only."""
    shared = [p.parent.name for p in sorted(folder.glob("*/meta.json")) if json.loads(p.read_text())["task"] in ("binary", "multiclass")]
    return {name: None for name in [*shared, *(f"sk_{n}" for n in BUNDLED), *(f"made_{n}" for n in MADE)] if name not in exclude}


def table(name: str, folder: Path) -> Sample:
    """Return one table, of at most MOST_ROWS rows."""
    if name.startswith("sk_"):
        sample = bundled(name[3:])
    elif name.startswith("made_"):
        sample = made(name[5:])
    else:
        meta = json.loads((folder / name / "meta.json").read_text())
        sample = Sample(pd.read_csv(folder / name / "data.csv.gz"), meta["target"], tuple(meta["drop"] + meta["id_columns"]))
    if len(sample.frame) > MOST_ROWS:
        share = MOST_ROWS / len(sample.frame)
        kept = sample.frame.groupby(sample.target, group_keys=False).sample(frac=share, random_state=0).sort_index()
        return Sample(kept, sample.target, sample.drop)
    return sample


BUNDLED = ("iris", "wine", "breast_cancer", "digits")


def bundled(name: str) -> Sample:
    """Return a table that comes with scikit-learn."""
    import sklearn.datasets

    frame = getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame
    frame[TARGET] = [f"class {c}" for c in frame[TARGET]]
    return Sample(frame)


def made(name: str) -> Sample:
    """Return a made table."""
    rng = np.random.default_rng([MADE.index(name), 5])
    x, margin = _margins(name, rng)
    code = (margin + rng.gumbel(size=margin.shape)).argmax(axis=1)
    frame = x.copy() if isinstance(x, pd.DataFrame) else pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
    if name == "missing":
        hole = rng.random(frame.shape) < 0.25
        hole[:, :2] |= frame.iloc[:, :2].to_numpy() > 1.2  # where they are missing tells something
        frame = frame.mask(hole)
    frame[TARGET] = [f"class {c}" for c in code]
    return Sample(frame)


MADE = ("categories", "interactions", "linear", "imbalanced", "multiclass", "missing")


def _margins(name: str, rng: np.random.Generator) -> tuple[object, np.ndarray]:
    """Return (columns, margins (n_rows, n_classes)) of a kind of table."""
    if name == "categories":  # most of what is told is told by levels, a few of them rare, and by two together
        n = 2500
        sizes = (3, 5, 8, 12, 20, 60, 4, 6)
        levels = np.stack([np.minimum(rng.geometric(2.5 / k, n) - 1, k - 1) for k in sizes], axis=1)
        effects = [rng.normal(0, 0.7, k) for k in sizes]
        pair = rng.normal(0, 0.9, (5, 8))
        score = sum(e[levels[:, i]] for i, e in enumerate(effects)) + pair[levels[:, 1], levels[:, 2]]
        number = rng.normal(size=n)
        frame = pd.DataFrame({f"c{i}": [f"{'abcdefgh'[i]}{v}" for v in levels[:, i]] for i in range(len(sizes))} | {"number": number})
        return frame, np.stack([np.zeros(n), score + 0.6 * number], axis=1)
    if name == "interactions":  # products and steps, nothing linear
        n, d = 3000, 12
        x = rng.normal(size=(n, d))
        score = 1.6 * x[:, 0] * x[:, 1] + 1.5 * np.sign(x[:, 2]) * (x[:, 3] > 0.3) + np.sin(2 * x[:, 4]) * x[:, 5] + 0.8 * (np.abs(x[:, 6]) > 1)
        return x, np.stack([np.zeros(n), score], axis=1)
    if name == "linear":  # a few true columns among many, much noise
        n, d = 800, 40
        x = rng.normal(size=(n, 8)) @ rng.normal(size=(8, d)) * 0.4 + rng.normal(size=(n, d))
        return x, np.stack([np.zeros(n), x[:, :6] @ rng.normal(0, 0.5, 6)], axis=1)
    if name == "imbalanced":  # one class in twenty, curved
        n, d = 4000, 10
        x = rng.normal(size=(n, d)) ** np.array([1, 1, 3, 1, 1, 3, 1, 1, 1, 1])
        score = -4.3 + 1.2 * x[:, 0] + x[:, 1] ** 2 - 0.8 * np.abs(x[:, 3]) + 0.3 * np.tanh(x[:, 2]) * x[:, 4]
        return x, np.stack([np.zeros(n), score], axis=1)
    if name == "multiclass":  # seven classes, each of two clusters
        n, d = 1500, 16
        centre = rng.normal(0, 1.3, (14, d))
        which = rng.integers(0, 14, n)
        x = centre[which] + rng.normal(0, 1.6, (n, d))
        margin = np.zeros((n, 7))
        margin[np.arange(n), which % 7] = 6.0
        return x, margin
    n, d = 1500, 15  # missing
    x = rng.normal(size=(n, d))
    x[:, 8:] += x[:, :7]
    return x, np.stack([np.zeros(n), 1.2 * x[:, 0] + np.maximum(x[:, 1], 0) * 1.5 - x[:, 2] * (x[:, 9] > 0)], axis=1)
