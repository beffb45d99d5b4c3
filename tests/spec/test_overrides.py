"""Overrides are nodes of the tree: short forms open, values stay in their line."""

import pytest

from automl.errors import SpecError
from automl.spec.nodes import parse
from automl.spec.overrides import apply


def applied(text, **overrides):
    root, _ = parse(text)
    lines = apply(root, {k.replace("__", "."): v for k, v in overrides.items()}, 10)
    return root.value(), lines, root


def test_values_and_lines():
    value, lines, root = applied("data: a.csv\nseed: 1\n", data__csv__separator=";", seed="2", models__include="[mlp]")
    assert value == {"data": {"train": "a.csv", "csv": {"separator": ";"}}, "seed": 2, "models": {"include": ["mlp"]}}
    assert lines == ["--set data.csv.separator=;", "--set seed=2", "--set models.include=[mlp]"]
    assert root.child("seed").span.line == 11 and root.child("seed").span.column == 12


@pytest.mark.parametrize("key", ["a..b", "", "<<", "a.<<"])
def test_keys_of_another_form(key):
    with pytest.raises(SpecError):
        applied("seed: 1\n", **{key: "1"})
