"""Two runs: what differs in their specs, and a paired test that knows a difference from luck."""

import json

import pytest

import automl
from automl.evaluate.compare import compare

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


def test_the_command(finished_run, other_run):
    done = call("compare", finished_run, other_run)
    assert done.returncode == 0 and "models.include" in done.stdout
    assert json.loads(call("compare", finished_run, other_run, "--json").stdout)["schema_version"] == 1
    assert call("compare", finished_run, finished_run.parent).returncode == 2
