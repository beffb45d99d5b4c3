"""Every example in specs/ runs."""

from pathlib import Path

import pytest

import automl

SPECS = sorted((Path(__file__).resolve().parents[1] / "specs").glob("*.yaml"))


QUICK = ("quickstart.yaml", "clustering.yaml", "reduction_compress.yaml")  # one of each task; the others are slow


@pytest.mark.parametrize("path", [pytest.param(p, id=p.name, marks=() if p.name in QUICK else pytest.mark.slow) for p in SPECS])
def test_it_runs(path, tmp_path):
    run = automl.run(path, out=tmp_path / "run", overrides={"constraints.time": "20s", "constraints.trials": "4"})
    assert run.report.is_file() and run.evaluation["family"] != "baseline"
