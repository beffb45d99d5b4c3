"""Reads a library: of each table the loss of every row under every configuration, and seconds."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FLOOR = 1e-6
OVERHEAD = 0.25  # seconds of a trial beside its fits: a process, features, files
MOST_ROWS = 2000  # out-of-fold rows of a table that count, drawn once


@dataclass(frozen=True)
class Measured:
    """A table: `p` (n_configs, n) and `test` (n_configs, m) the probability of the true class, `seconds` (n_configs,); prior losses."""

    name: str
    configs: tuple[str, ...]
    p: np.ndarray
    test: np.ndarray
    seconds: np.ndarray
    prior: float
    prior_test: float
    n_classes: int
    n_rows: int

    def index(self) -> dict[str, int]:
        """Return where each configuration stands."""
        return {name: i for i, name in enumerate(self.configs)}


def described(library: Path) -> dict[str, dict[str, Any]]:
    """Return the configurations by name."""
    return {c["name"]: c for c in json.loads((library / "configs.json").read_text())}


def measured(library: Path, which: str = "test_bag") -> list[Measured]:
    """Return every table of the library."""
    names = list(described(library))
    out = []
    for rows in sorted(library.glob("*/rows.npz")):
        about = np.load(rows)
        y, y_test = about["y_oof"], about["y_test"]
        kept = np.sort(np.random.default_rng(0).choice(len(y), min(len(y), MOST_ROWS), replace=False))
        found, p, test, seconds = [], [], [], []
        for name in names:
            path = rows.parent / f"{name}.npz"
            if not path.exists():
                continue
            z = np.load(path)
            if z["skipped"]:
                continue
            found.append(name)
            p.append(z["oof"][kept, y[kept]])
            test.append(z[which][np.arange(len(y_test)), y_test])
            seconds.append(float(z["seconds"]) + float(z["feature_seconds"]) / 10 + OVERHEAD)
        share = np.bincount(y, minlength=int(about["n_outputs"])) / len(y)
        out.append(
            Measured(
                rows.parent.name, tuple(found), np.clip(np.array(p, dtype=np.float64), FLOOR, 1), np.clip(np.array(test, dtype=np.float64), FLOOR, 1),
                np.array(seconds), float(-np.log(share[y[kept]]).mean()), float(-np.log(np.clip(share[y_test], FLOOR, 1)).mean()), len(share), len(y),
            )
        )  # fmt: skip
    return out


def loss(p: np.ndarray) -> np.ndarray:
    """Return the mean log loss over the last axis."""
    return -np.log(p).mean(axis=-1)


def ensemble(p: np.ndarray, rounds: int = 25) -> np.ndarray:
    """Return weights (n_models,) of the greedy ensemble with replacement on p (n_models, n), the best prefix of its rounds [Caruana et al. 2004]."""
    total, counts = np.zeros(p.shape[1]), np.zeros(len(p))
    best, kept = np.inf, counts
    for size in range(1, rounds + 1):
        losses = loss((total + p) / size)
        chosen = int(losses.argmin())
        total, counts = total + p[chosen], counts.copy()
        counts[chosen] += 1
        if losses[chosen] < best - 1e-6:
            best, kept = float(losses[chosen]), counts
        elif size > 5 and losses[chosen] > best + 1e-3:
            break
    return kept / kept.sum()
