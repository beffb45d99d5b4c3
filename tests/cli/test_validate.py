import json

import pytest
from click.testing import CliRunner

from automl.cli import cli
from automl.errors import SpecError
from automl.spec.load import MINIMAL

GOOD = "data: nowhere.csv\ntask: {type: classification, target: y}\n"


def _validate(tmp_path, text, *arguments):
    (tmp_path / "s.yaml").write_text(text)
    return CliRunner().invoke(cli, ["validate", str(tmp_path / "s.yaml"), "--no-data", *arguments])


@pytest.mark.parametrize("text", [GOOD, MINIMAL, GOOD + "models: {include: [xgboost], space: {xgboost: {max_depth: 3}}}\n"])
def test_a_spec_without_fault_is_fine_though_its_data_are_not_there(tmp_path, text):
    done = _validate(tmp_path, text)
    assert done.exit_code == 0 and done.stdout == "s.yaml: fine.\n"


def test_every_fault_is_told_at_once(tmp_path):
    done = _validate(tmp_path, "data: a.csv\ntask: {type: classification, tagret: y}\nsed: 1\n")
    assert isinstance(done.exception, SpecError) and done.exception.exit_code == 2 and done.stdout == ""
    assert "tagret" in done.exception.text and "sed" in done.exception.text and "2 errors. Nothing was run." in done.exception.text


@pytest.mark.parametrize(
    ("models", "words", "place"),
    [
        ("{include: [xgbost]}", "xgboost", (3, 20)),
        ("{space: {xgboost: {max_dept: 3}}}", "max_depth", None),
        ("{space: {xgboost: {max_depth: {min: 9, max: 3}}}}", "not below", None),
        ("{include: [mlp], exclude: [mlp]}", "no family", None),
    ],
)
def test_families_and_their_options_are_checked_without_data(tmp_path, models, words, place):
    done = _validate(tmp_path, GOOD + f"models: {models}\n", "--json")
    (problem,) = json.loads(done.stdout)["diagnostics"]
    assert done.exit_code == 2 and problem["code"] == "C401" and problem["file"] == "s.yaml" and problem["line"] == 3
    assert words in problem["message"] and (place is None or (problem["line"], problem["column"]) == place)


def test_a_program_gets_an_empty_list_when_nothing_is_wrong(tmp_path):
    done = _validate(tmp_path, GOOD, "--json")
    assert done.exit_code == 0 and json.loads(done.stdout) == {"schema_version": 1, "diagnostics": []}


def test_a_program_gets_the_place_of_each_fault(tmp_path):
    done = _validate(tmp_path, GOOD + "sed: 1\n", "--json")
    (problem,) = json.loads(done.stdout)["diagnostics"]
    assert (problem["line"], problem["column"], problem["code"][0]) == (3, 1, "S") and "seed" in json.dumps(problem)


@pytest.mark.parametrize(
    ("models", "words"),
    [("{include: [xgboost, mlp]}", "no family in `models` has models that a person can follow"), ("{space: {decision_tree: {max_depth: 12}}}", "at least 12")],
)
def test_a_model_to_follow_that_no_family_can_give_is_found_without_data(tmp_path, models, words):
    done = _validate(tmp_path, GOOD + f"models: {models}\nconstraints: {{interpretable: require}}\n", "--json")
    found = json.loads(done.stdout)["diagnostics"]
    assert done.exit_code == 2 and len(found) == 1 and words in found[0]["message"] and found[0]["line"] in (3, 4)
