"""The schema says what pydantic says, and stays what is committed."""

import json
from pathlib import Path

import pytest

from automl.families import FAMILIES
from automl.spec.load import load
from automl.spec.nodes import parse
from automl.spec.schema import spec_schema, text_of

from .bad_specs import BAD, BASE

jsonschema = pytest.importorskip("jsonschema")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def schema():
    return spec_schema({task: FAMILIES.names(task) for task in FAMILIES.tasks()})


def test_the_committed_schema_is_current(schema):
    assert (ROOT / "schemas" / "spec.schema.json").read_text() == text_of(schema), "run: make docs"


def test_it_is_a_schema(schema):
    jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("path", sorted((ROOT / "specs").glob("*.yaml")), ids=lambda p: p.name)
def test_every_example_fits(path, schema):
    jsonschema.validate(parse(path.read_text())[0].value(), schema)


def test_what_it_lets_through_and_what_it_catches(schema, tmp_path):
    """Of the wrong specs that are YAML at all, the schema catches most; nothing that is right is caught."""
    validator = jsonschema.Draft7Validator(schema)
    shape = [b for b in BAD if b.code in ("S101", "S102", "S103", "S104", "S107") and b.text]
    caught = [b for b in shape if not validator.is_valid(parse(b.text)[0].value())]
    assert len(caught) >= 0.9 * len(shape), [b.text for b in shape if b not in caught]
    for good in (BASE, BASE + "quantize: int8\n", BASE + "validation: {test: none}\n", "data: {builtin: iris}\ntask: {type: classification, target: t}\n"):
        (tmp_path / "s.yaml").write_text(good)
        assert load(tmp_path / "s.yaml", with_data=False).spec is not None
        validator.validate(parse(good)[0].value())


def test_texts_for_editors(schema):
    time = schema["properties"]["constraints"]["properties"]["time"]
    assert "**Default:**" in time["markdownDescription"] and '"title": "' not in json.dumps(schema["properties"])
    kind = schema["properties"]["task"]["properties"]["type"]
    assert kind["enum"][0] == "classification" and len(kind["markdownEnumDescriptions"]) == len(kind["enum"])
