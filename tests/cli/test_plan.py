import json

import pytest
from click.testing import CliRunner

from automl.cli import cli
from automl.cli.plan import treatment
from automl.features.recipe import NumberOptions, Recipe


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
    assert "400 rows, target `kept` with 2 classes" in text and "320 rows to learn from, 80 kept for the report, 5 folds" in text
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


def test_what_becomes_of_each_column_is_what_was_asked_for(spec):
    text = _plan(spec)
    assert "a column per level; where levels are many" in text and "weights of words (TF-IDF), and lengths" in text and "those that vary" in text
    asked = {"numeric.outliers": "rank", "numeric.impute": "mean", "categorical.encode": "target", "text.encode": "hashing", "datetime.parts": "[year]"}
    text = _plan(spec, *(word for key, value in asked.items() for word in ("--set", f"features.{key}={value}")))
    line = {line.split(":")[0].strip(): line for line in text.splitlines()}
    assert "imputed (mean), as ranks" in line["size"] and "shares of the classes" in line["colour"]
    assert "hashed words" in line["comment"] and "; year (" in line["day"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scale": "robust", "outliers": "keep"}, "for linear models and networks: imputed (median), in half the range of the middle half from the median"),
        ({"scale": "none"}, "in their own unit, at most eight scales out"),
        ({}, "trees take it as it is; for linear models and networks: imputed (median), in standard deviations from the mean, at most eight scales out"),
    ],
)
def test_what_becomes_of_a_number(options, words):
    assert words in treatment(Recipe(numbers={"a": NumberOptions(**options)}), "a", "number")
    left_out = Recipe(numbers={"a": NumberOptions(**options)}, not_scaled=("a",))
    assert treatment(left_out, "a", "number") == "trees take it as it is; for linear models and networks: left out"
