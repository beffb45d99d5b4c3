"""What must stay light stays light: the modules that a command may load, checked in a fresh process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "pandas", "sklearn", "torch", "xgboost", "optuna", "jinja2", "scipy", "pyarrow"}


def _loaded(code: str) -> set[str]:
    program = f"import sys, json\ntry:\n    {code}\nexcept SystemExit: pass\nprint('LOADED' + json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.rpartition("LOADED")[2]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["validate", "specs/quickstart.yaml"], ["run", "--help"]])
def test_light_commands_load_nothing_heavy(arguments, monkeypatch):
    monkeypatch.chdir(Path(__file__).resolve().parents[1])
    loaded = _loaded(f"import automl.cli; sys.argv = ['automl', *{arguments!r}]; automl.cli.main()")
    assert not loaded & HEAVY


def test_importing_the_package_and_the_families_loads_nothing_heavy():
    assert not _loaded("import automl, automl.families; automl.families.FAMILIES.names('classification')") & (HEAVY - {"numpy"})


def test_the_predictor_is_light(finished_run):
    loaded = _loaded(
        f"import automl; p = automl.load({str(finished_run)!r}); p.predict_row({{'size': 9.0, 'colour': 'red', 'comment': 'good', 'day': '2024-05-01'}})"
    )
    assert not loaded & {"sklearn", "torch", "optuna", "jinja2", "xgboost"}
