"""The verbs that list things: text for people, JSON with a version for programs, nothing else on stdout."""

import json

import pandas as pd
import pytest

from ..test_run import call


@pytest.mark.parametrize(
    ("arguments", "word", "key"),
    [(["models"], "xgboost", "models"), (["models", "mlp"], "adamw", "models"), (["metrics"], "roc_auc", "metrics"), (["doctor"], "cores", "packages")],
)  # fmt: skip
def test_text_and_json(arguments, word, key):
    done = call(*arguments)
    assert done.returncode == 0 and word in done.stdout, done.stderr
    found = json.loads(call(*arguments, "--json").stdout)
    assert found["schema_version"] == 1 and found[key]


def test_an_unknown_model_gets_the_nearest():
    done = call("models", "xgbost")
    assert done.returncode == 2 and "did you mean `xgboost`" in done.stderr


def test_columns_of_a_file_and_of_a_spec(mixed_csv, tmp_path):
    (tmp_path / "s.yaml").write_text(f"data: {mixed_csv}\ntask: {{type: classification, target: kept}}\n")
    for source in (mixed_csv, tmp_path / "s.yaml"):
        found = json.loads(call("columns", source, "--json").stdout)
        assert {c["name"]: c["type"] for c in found["columns"]} == {
            "size": "number",
            "colour": "category",
            "comment": "text",
            "day": "date",
            "kept": "category",
        }


def test_columns_that_number_the_rows_are_called_ids(tmp_path):
    rows = "\n".join(f"K{i:04d},{i + 1000},{i % 7 / 3:.2f},{'ab'[i % 2]}" for i in range(60))
    (tmp_path / "t.csv").write_text(f"key,number,size,kept\n{rows}\n")
    found = json.loads(call("columns", tmp_path / "t.csv", "--json").stdout)["columns"]
    assert {c["name"]: c["type"] for c in found} == {"key": "id", "number": "id", "size": "number", "kept": "category"}
    assert all("numbers the rows" in c["because"] for c in found[:2])


@pytest.mark.parametrize("verb", [("validate",), ("plan",), ("run", "--out", "r"), ("eda", "--out", "e")])
def test_a_wrong_target_ends_alike_whatever_the_verb(tmp_path, verb, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("a,kept\n" + "1,x\n2,y\n" * 30)
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: {type: classification, target: kep}\n")
    done = call(verb[0], "s.yaml", *verb[1:])
    assert done.returncode == 3 and "did you mean `kept`" in done.stderr


@pytest.mark.parametrize("verb", [("init",), ("eda", "--out", "e")])
def test_a_wrong_target_beside_a_table_too(tmp_path, verb, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("a,kept\n" + "1,x\n2,y\n" * 30)
    done = call(verb[0], "t.csv", "--target", "kep", *verb[1:])
    assert done.returncode == 3 and "did you mean `kept`" in done.stderr


@pytest.mark.parametrize(("what", "word"), [("constraints.time", "10m"), ("S101", "unknown key"), ("task", "target"), ("d301", "not in the data")])
def test_explain(what, word):
    done = call("explain", what)
    assert done.returncode == 0 and word in done.stdout


def test_explain_names_the_nearest():
    done = call("explain", "constraints.tme")
    assert done.returncode == 2 and "did you mean `constraints.time`" in done.stderr
    assert "`constraints.time`" in call("explain", "time").stderr


def test_schema_is_json():
    assert json.loads(call("schema").stdout)["title"] == "automl spec"


def test_completion_lines():
    assert "bash_source" in call("completion", "bash").stdout
    assert call("completion", "cmd").returncode == 2


def test_leaderboard(finished_run):
    done = call("leaderboard", finished_run, "-n", "2")
    assert done.returncode == 0 and "logistic_regression" in call("leaderboard", finished_run).stdout and "more" in done.stdout
    assert len(json.loads(call("leaderboard", finished_run, "--json").stdout)["trials"]) == 8, "five trials and three references"
    assert call("leaderboard", finished_run.parent).returncode == 2


def test_a_verb_that_is_not_there_yet_is_refused_by_name():
    done = call("serve")
    assert done.returncode == 2 and "not yet" in done.stderr


@pytest.mark.parametrize("form", ["concise", "json", "github", "sarif"])
def test_validate_writes_every_form_on_stdout(form, tmp_path):
    (tmp_path / "s.yaml").write_text("data: {builtin: iris}\ntask: {type: classification, tagret: y}\n")
    done = call("validate", tmp_path / "s.yaml", "--format", form)
    assert done.returncode == 2 and "S101" in done.stdout and done.stderr == ""


def test_validate_tells_data_from_spec_by_its_code(tmp_path):
    (tmp_path / "s.yaml").write_text("data: a.csv\ntask: {type: classification, target: y}\n")
    assert call("validate", tmp_path / "s.yaml").returncode == 3
    assert call("validate", tmp_path / "s.yaml", "--no-data").returncode == 0
    pd.DataFrame({"y": [1]}).to_csv(tmp_path / "a.csv", index=False)
    assert call("validate", tmp_path / "s.yaml").returncode == 0


def test_json_of_what_acts(finished_run, mixed_csv, tmp_path):
    import json

    found = json.loads(call("predict", finished_run, mixed_csv, "-o", tmp_path / "o.csv", "--json").stdout)
    assert found["rows"] == 400 and found["schema_version"] == 1
    assert json.loads(call("report", finished_run, "--json").stdout)["report"].endswith("report.html")
    assert "unknown key" in json.loads(call("explain", "S101", "--json").stdout)["text"]
    (tmp_path / "s.yaml").write_text(f"data: {mixed_csv}\ntask: {{type: classification, target: kept}}\nmodels: {{include: logistic_regression}}\n")
    done = call("run", tmp_path / "s.yaml", "--set", "constraints.trials=1", "--time", "15s", "--out", tmp_path / "run", "--json")
    assert {member["family"] for member in json.loads(done.stdout)["evaluation"]["members"]} == {"logistic_regression"}


def test_validate_names_every_wrong_family_and_option(tmp_path):
    import json

    (tmp_path / "s.yaml").write_text(
        "data: {builtin: iris}\ntask: {type: classification, target: target}\n"
        "models: {include: [xgbost, mpl, mlp], exclude: [foo], space: {mlp: {layrs: 2, width: wide}}}\n"
    )
    found = json.loads(call("validate", tmp_path / "s.yaml", "--json").stdout)["diagnostics"]
    assert [d["code"] for d in found] == ["C401"] * 5
