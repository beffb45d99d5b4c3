import json

import pytest
from click.testing import CliRunner

from automl.cli import cli


@pytest.fixture
def spec(mixed_csv, tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(f"data: {mixed_csv}\ntask: {{type: classification, target: kept}}\nconstraints: {{time: 20s}}\n")
    return path


def _plan(*arguments):
    done = CliRunner().invoke(cli, ["plan", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_a_reader_sees_rows_roles_decisions_and_candidates(spec, tmp_path):
    before = set(tmp_path.iterdir())
    text = _plan(spec)
    assert "400 rows, target `kept` with 2 classes" in text and "320 rows to learn from, 80 kept for the report, 5 fold(s)" in text
    for words in (
        "  size: number (",
        "  comment: text (",
        "  day: date (",
        "  kept: target (",
        "task.metric = roc_auc: ",
        "logistic_regression on cpu: roughly ",
    ):
        assert words in text
    assert set(tmp_path.iterdir()) == before


def test_a_program_sees_one_json_value(spec):
    found = json.loads(_plan(spec, "--json"))
    assert found["schema_version"] == 1 and found["metric"] == "roc_auc" and found["n_folds"] == 5 and found["seconds"] == 20
    assert {c["family"] for c in found["candidates"]} >= {"logistic_regression", "xgboost", "random_forest", "mlp"}
    assert all({"key", "value", "because"} <= set(d) for d in found["decisions"]) and isinstance(found["findings"], list)


def test_what_is_set_changes_the_plan(spec):
    found = json.loads(_plan(spec, "--json", "--set", "models.include=[mlp]", "--set", "task.metric=f1", "--set", "validation.folds=3"))
    assert [c["family"] for c in found["candidates"]] == ["mlp"] and found["metric"] == "f1" and found["n_folds"] == 3


def test_a_column_that_is_left_out_is_marked(mixed_csv, tmp_path):
    lines = mixed_csv.read_text().splitlines()
    (tmp_path / "t.csv").write_text("\n".join([lines[0] + ",same", *(line + ",1" for line in lines[1:])]) + "\n")
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: {type: classification, target: kept}\n")
    text = _plan(tmp_path / "s.yaml")
    line = next(line for line in text.splitlines() if line.startswith("  same:"))
    assert "left out" in line and "same:" in text.split("findings:")[1]
