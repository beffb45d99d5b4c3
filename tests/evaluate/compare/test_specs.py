"""What differs between the specs and the findings of runs."""

import numpy as np

from automl.evaluate.compare.read import FinishedRun
from automl.evaluate.compare.specs import finding_differences, spec_differences

from .planted import answers, plant

Y = np.arange(40) % 2
PROBA = answers(Y, np.zeros(40))


def read(*folders):
    return [FinishedRun.read(letter, folder) for letter, folder in zip("ABC", folders, strict=False)]


def test_keys_that_differ_come_with_where_they_are_from(tmp_path):
    a = plant(tmp_path / "a", Y, PROBA)
    b = plant(tmp_path / "deep" / "er" / "b", Y, PROBA, spec="constraints: {time: 5m}\nmodels: {include: [xgboost, mlp]}\ndescription: 'a  # b'\n")
    found = {d["key"]: d["values"] for d in spec_differences(read(a, b))}
    assert found == {
        "constraints.time": [{"value": "600s", "from": "default"}, {"value": "300s", "from": "given.yaml:3"}],
        "models.include": [{"value": "all", "from": "default"}, {"value": "xgboost, mlp", "from": "given.yaml:4"}],
        "description": [{"value": "", "from": "default"}, {"value": "a  # b", "from": "given.yaml:5"}],
    }


def test_a_key_that_only_one_spec_has(tmp_path):
    a, b = plant(tmp_path / "a", Y, PROBA), plant(tmp_path / "b", Y, PROBA, spec="constraints: {trials: 3}\n")
    assert spec_differences(read(a, b)) == [{"key": "constraints.trials", "values": [None, {"value": "3", "from": "given.yaml:3"}]}]


def finding(check, column, action):
    return {"check": check, "column": ", ".join(column), "columns": column, "mode": "fix", "action": action}


def test_findings_that_differ_in_more_than_their_figures(tmp_path):
    first = [
        finding("constant", ["a"], "not learned from"),
        finding("skew", ["b"], "not done: the folds show no clear gain (+0.1)"),
        finding("pair", ["c", "d"], "not done: x"),
    ]
    second = [
        finding("constant", ["a"], "not learned from"),
        finding("skew", ["b"], "not done: the folds show no clear gain (-0.3)"),
        finding("pair", ["d", "c"], "one dropped"),
        finding("dup", [], "removed"),
    ]
    found = finding_differences(read(plant(tmp_path / "a", Y, PROBA, findings=first), plant(tmp_path / "b", Y, PROBA, findings=second)))
    assert found == [
        {"check": "pair", "column": "c, d", "done": ["fix, not done", "fix, one dropped"]},
        {"check": "dup", "column": "", "done": [None, "fix, removed"]},
    ]
