import json

import pytest

from automl.spec.formats import FORMATS, write
from automl.spec.load import load

from .bad_specs import BASE


@pytest.fixture
def loaded(tmp_path):
    (tmp_path / "s.yaml").write_text(BASE + "sed: 1\nconstraints: {time: 0}\n")
    return load(tmp_path / "s.yaml", with_data=False)


def test_json_has_its_fields(loaded):
    found = json.loads(write(loaded.found, loaded.text, "json"))
    assert found["schema_version"] == 1
    assert [(d["code"], d["file"], d["line"], d["column"]) for d in found["diagnostics"]] == [("S101", "s.yaml", 5, 1), ("S103", "s.yaml", 6, 21)]
    assert all({"message", "fix"} <= set(d) for d in found["diagnostics"])


def test_concise_is_a_line_each(loaded):
    assert write(loaded.found, loaded.text, "concise").splitlines()[0].startswith("s.yaml:5:1: S101 unknown key `sed`")


def test_github_commands_are_one_line_and_escaped(loaded):
    lines = write(loaded.found, loaded.text, "github").splitlines()
    assert len(lines) == 2 and lines[0].startswith("::error file=s.yaml,line=5,col=1,title=S101::")


def test_sarif_has_rules_and_places(loaded):
    run = json.loads(write(loaded.found, loaded.text, "sarif"))["runs"][0]
    assert {r["id"] for r in run["tool"]["driver"]["rules"]} == {"S101", "S103"}
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 5


def test_nothing_found_is_a_valid_document():
    assert json.loads(write([], "", "json"))["diagnostics"] == [] and json.loads(write([], "", "sarif"))["runs"][0]["results"] == []
    assert {write([], "", form) for form in FORMATS if form not in ("json", "sarif")} == {""}
