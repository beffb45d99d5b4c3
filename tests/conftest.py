"""Shared pieces: a small table on disk, and a run of it made once for all tests that only read it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl.families import FAMILIES
from automl.metrics import METRICS

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
    spec.write_text(
        f"data: {mixed_csv}\ntask: {{type: classification, target: kept}}\nmodels: {{include: [logistic_regression, xgboost, mlp]}}\nconstraints: {{time: 2m, trials: 5}}\n"
    )
    automl.run(spec, out=folder / "run")
    return folder / "run"


@pytest.fixture(scope="session")
def plugin_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the package of tests/plugin installed in it.

    By pip itself, from a copy, as building leaves files behind; without an index, as a test machine may have no network: the
    builder is setuptools because torch, which this project needs, brings it along. hatchling need not be there.
    """
    if importlib.util.find_spec("pip") is None or importlib.util.find_spec("setuptools") is None:
        pytest.skip("pip and setuptools install the plug-in, and are not there")
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(Path(__file__).parent / "plugin", folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    quiet = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, "-m", "pip", "install", *quiet, "--target", str(folder / "site"), str(folder / "source")], check=True, cwd=folder)
    return folder / "site"


@pytest.fixture
def plugin(plugin_site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the installed plug-in visible in this process, to all but the registries that other tests share; its modules are forgotten again."""
    for registry in (FAMILIES, METRICS):
        registry.tasks()  # they look once, and have looked now
    monkeypatch.syspath_prepend(str(plugin_site))
    yield plugin_site
    for name in [n for n in sys.modules if n.partition(".")[0] == "automl_toys"]:
        del sys.modules[name]


def shared(name: str) -> Path:
    """Return a table of the shared folder, or skip where it is not there."""
    path = SHARED / name / "data.csv.gz"
    if not path.exists():
        pytest.skip(f"the shared table {name} is not on this machine")
    return path
