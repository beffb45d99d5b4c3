"""What `explain` and the pages say comes from the declarations."""

from pathlib import Path

import pytest

from automl.spec.explain import explain_key, field_of, section_page, sections
from automl.spec.keys import extra_of, section_of
from automl.spec.suggest import all_keys

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("key", all_keys(), ids=lambda k: k.path)
def test_every_key_is_described_and_has_an_example(key):
    info = field_of(key)
    assert info.description and info.description.endswith(".")
    assert extra_of(info)["example"] is not None
    text = explain_key(key.path)
    assert text is not None and text.startswith(key.path) and str(info.description) in text


@pytest.mark.parametrize("name", sections())
def test_the_page_of_a_section_is_current(name):
    assert (ROOT / "docs" / "spec" / f"{name}.md").read_text() == section_page(name), "run: make docs"


def test_what_auto_does_is_said():
    assert "roc_auc for two classes" in (explain_key("task.metric") or "")
    assert "not yet" in (explain_key("runtime.executor") or "") and "whole number" in (explain_key("validation.folds") or "")
    assert explain_key("no.such") is None


@pytest.mark.parametrize(
    ("key", "words"), [("constraints.time", "a number with its unit"), ("validation.test", "a number with its unit"), ("task.target", "text")]
)
def test_a_value_with_a_unit_says_so(key, words):
    assert f"takes    {words}" in (explain_key(key) or "")


def test_names_of_keys_and_their_words_stand_apart():
    assert "stop_after_no_gain  Trials in a row" in (explain_key("search") or "")


def test_every_section_of_the_format_is_declared():
    wanted = (
        "version name description seed notes data task validation checks features models search ensemble constraints quantize explain report output runtime"
    )
    assert set(sections()) == set(wanted.split())
    assert all(section_of(field_of(k)) is not None or "." in k.path or k.path in wanted for k in all_keys())


def test_only_other_executors_are_of_a_later_version():
    later = {k.path: extra_of(field_of(k))["later"] for k in all_keys() if extra_of(field_of(k))["later"]}
    assert later == {"runtime.executor": ("ray",)}
