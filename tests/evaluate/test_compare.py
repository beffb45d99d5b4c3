"""Two runs: what differs in their specs, and a paired test that knows a difference from luck."""

import json

import numpy as np
import pytest

import automl
import automl.evaluate.compare as module
from automl.evaluate.compare import compare
from automl.rundir import RunDir

from ..test_run import call, write_spec


@pytest.fixture(scope="module")
def other_run(mixed_csv, tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    spec = write_spec(
        folder,
        mixed_csv,
        "models: {include: [logistic_regression], space: {logistic_regression: {C: {min: 1.0e-9, max: 1.0e-8}}}}\nconstraints: {time: 20s, trials: 1}",
    )
    return automl.run(spec, out=folder / "run").folder


def test_a_run_does_not_differ_from_itself(finished_run):
    found = compare(finished_run, finished_run)
    assert found["spec"] == [] and found["paired"]["difference"] == 0 and "no difference beyond luck" in found["verdict"]


def test_what_differs_is_listed_and_tested(finished_run, other_run):
    found = compare(finished_run, other_run)
    assert {"models.include", "constraints.trials"} <= {row["key"] for row in found["spec"]}
    assert found["paired"]["rows"] == 80
    low, high = found["paired"]["interval"]
    assert low <= found["paired"]["difference"] <= high
    assert compare(other_run, finished_run)["paired"]["difference"] == pytest.approx(-found["paired"]["difference"])


def test_other_data_are_not_compared(finished_run, tmp_path):
    (tmp_path / "s.yaml").write_text("data: {builtin: breast_cancer}\ntask: {type: classification, target: target}\nmodels: {include: logistic_regression}\n")
    run = automl.run(tmp_path / "s.yaml", out=tmp_path / "run", overrides={"constraints.trials": "1"})
    assert compare(finished_run, run.folder)["paired"] is None


def test_rows_of_a_group_are_drawn_together(monkeypatch, tmp_path):
    """A hundred rows that are five rows twenty times: over the groups nothing is certain."""
    rng = np.random.default_rng(0)
    unit = np.arange(100) % 5
    y = np.array([0, 1, 0, 1, 1])[unit]
    good, bad = (np.stack([1 - p, p], axis=1)[unit] for p in (np.array([0.1, 0.9, 0.2, 0.8, 0.3]), rng.random(5)))
    record = {"metric": "log_loss", "score_rows": "holdout", "positive_class": "yes"}
    widths = []
    for units in (None, unit):
        pair = iter([(np.arange(100), y, good, ["no", "yes"], units), (np.arange(100), y, bad, ["no", "yes"], units)])
        monkeypatch.setattr(module, "_predictions", lambda files, pair=pair: next(pair))
        monkeypatch.setattr(module, "read_json", lambda path: {"sha256": "same"})
        low, high = module._paired(RunDir(tmp_path), RunDir(tmp_path), record, record)["paired"]["interval"]
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]


def test_the_command(finished_run, other_run):
    done = call("compare", finished_run, other_run)
    assert done.returncode == 0 and "models.include" in done.stdout
    assert json.loads(call("compare", finished_run, other_run, "--json").stdout)["schema_version"] == 1
    assert call("compare", finished_run, finished_run.parent).returncode == 2
