import dataclasses
import json

import numpy as np
import pytest

from automl.errors import DataError, UsageError
from automl.inference.table import Column
from automl.resume.identity import check_data, check_spec, data_facts, spec_facts

from ..builders import dataset_of, spec_of


def _facts(**sections):
    return json.loads(json.dumps(spec_facts(spec_of(**sections))))


@pytest.mark.parametrize(
    "sections",
    [
        {"constraints": {"time": "5m", "trials": 3, "memory": "2GB", "cpus": 1, "gpu": "off"}}, {"name": "other"}, {"description": "x"}, {"notes": {"a": 1}},
        {"output": {"dir": "elsewhere"}}, {"report": {"sample_rows": 0}}, {"runtime": {"workers": 1}}, {"data": "/elsewhere/t.csv"},
        {"data": {"train": "t.csv"}}, {"validation": {"test": "20%"}}, {"seed": 0},
    ],
)  # fmt: skip
def test_what_is_spent_or_shown_or_written_otherwise_is_the_same_run(sections):
    check_spec(_facts(), _facts(**sections), "run")


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"task": {"metric": "log_loss"}}, "task.metric: the default there, \"log_loss\" now"),
        ({"target": "z"}, 'task.target: "y" there, "z" now'),
        ({"validation": {"folds": 7}}, "validation.folds: the default there, 7 now"),
        ({"seed": 3}, "seed: the default there, 3 now"),
        ({"models": {"space": {"xgboost": {"max_depth": 3}}}}, "models.space.xgboost.max_depth: the default there, 3 now"),
        ({"data": {"train": "t.csv", "columns": {"drop": ["a"]}}}, 'data.columns.drop: the default there, ["a"] now'),
        ({"search": {"stop_after_no_gain": 9}}, "search.stop_after_no_gain"),
    ],
)  # fmt: skip
def test_another_spec_is_refused_with_every_key_and_both_values(sections, words):
    with pytest.raises(UsageError) as fault:
        check_spec(_facts(), _facts(**sections), "runs/a")
    assert words in fault.value.problem and "runs/a" in fault.value.problem and "new folder with --out" in fault.value.fix
    assert fault.value.exit_code == 2


def test_a_value_that_was_taken_out_differs_too():
    with pytest.raises(UsageError, match="seed: 3 there, the default now"):
        check_spec(_facts(seed=3), _facts(), "run")


def _dataset(**changes):
    made = dataset_of([0, 1] * 20, a=np.arange(40.0), k=([0, 1] * 20, ("x", "y")))
    return dataclasses.replace(made, **changes)


def test_the_same_content_is_the_same_data_wherever_it_came_from():
    facts = data_facts(_dataset(), 10**9)
    assert facts == data_facts(_dataset(source="other.parquet", sha256="f" * 64, notes=("n",)), 5) and facts["rows"] == 40 and facts["limit"] is None
    check_data(facts, json.loads(json.dumps(facts)), "run")


def _other_cell():
    made = _dataset()
    made.table.columns["a"].values[7] = -1
    return made


def _other_level():
    made = _dataset()
    made.table.columns["k"] = Column("coded", made.table.columns["k"].values, ("x", "z"))
    return made


@pytest.mark.parametrize(
    "changed",
    [
        _other_cell(), _other_level(), _dataset(y=np.array([1, 0] * 20)), _dataset(classes=("no", "yes")), _dataset(target="t"),
        _dataset(group=np.zeros(40, np.int64)), _dataset(time=np.arange(40.0)), _dataset(tested=np.arange(40) > 30),
    ],
)  # fmt: skip
def test_whatever_differs_in_the_data_is_told_with_rows_and_hash(changed):
    there, now = data_facts(_dataset(), None), data_facts(changed, None)
    with pytest.raises(DataError, match="40 rows") as fault:
        check_data(there, now, "runs/a")
    assert there["sha256"][:12] in fault.value.problem and now["sha256"][:12] in fault.value.problem and fault.value.exit_code == 3
    assert "--out" in fault.value.fix


def test_the_memory_that_a_sample_was_drawn_for_is_kept():
    assert data_facts(_dataset(whole={"rows": 10**9}), 12345)["limit"] == 12345


def test_texts_that_run_together_are_told_apart():
    one, other = _dataset(), _dataset()
    one.table.columns["k"] = Column("coded", one.table.columns["k"].values, ("ab", "c"))
    other.table.columns["k"] = Column("coded", one.table.columns["k"].values, ("a", "bc"))
    assert data_facts(one, None)["sha256"] != data_facts(other, None)["sha256"]
