"""Shared pieces: a small table on disk, and a run of it made once for all tests that only read it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def mixed_frame(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Return a table with every kind of column, missing cells, and a target that can be learned."""
    rng = np.random.default_rng(seed)
    size = rng.normal(10, 3, n)
    colour = rng.choice(["red", "green", "blue", "grey"], n, p=[0.4, 0.3, 0.2, 0.1])
    words = np.array(["good", "bad", "fine", "awful", "great", "poor", "nice", "sad"])
    mood = rng.integers(0, 2, n)
    text = [" ".join(rng.choice(words[m::2], 6)) for m in mood]
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
    margin = (size - 10) / 3 + (colour == "red") * 1.5 - mood * 2 + rng.normal(0, 0.5, n)
    frame = pd.DataFrame({"size": size.round(3), "colour": colour, "comment": text, "day": day.strftime("%Y-%m-%d"), "kept": np.where(margin > 0, "yes", "no")})
    frame.loc[rng.choice(n, n // 10, replace=False), "size"] = np.nan
    frame.loc[rng.choice(n, n // 20, replace=False), "colour"] = None
    return frame


@pytest.fixture(scope="session")
def mixed_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of the mixed table as csv."""
    path = tmp_path_factory.mktemp("data") / "mixed.csv"
    mixed_frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def finished_run(mixed_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished short run on the mixed table."""
    import automl

    folder = tmp_path_factory.mktemp("runs")
    spec = folder / "spec.yaml"
    spec.write_text(f"data: {mixed_csv}\ntask: {{type: classification, target: kept}}\nconstraints: {{time: 20s, trials: 5}}\n")
    automl.run(spec, out=folder / "run")
    return folder / "run"


def shared(name: str) -> Path:
    """Return a table of the shared folder, or skip where it is not there."""
    path = SHARED / name / "data.csv.gz"
    if not path.exists():
        pytest.skip(f"the shared table {name} is not on this machine")
    return path
