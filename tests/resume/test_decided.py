import dataclasses
import io
import json

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.act import treat
from automl.eda.finding import Change, Finding
from automl.hardware import probe
from automl.plan.plan import make_plan
from automl.plan.start import StartPoint
from automl.resume.decided import decided_facts, read_decided, terms
from automl.rundir import RunDir, write_bytes, write_json
from automl.vocabulary import Mode

from ..builders import dataset_of, spec_of

SPEC = spec_of(models={"include": ["logistic_regression"]})
CHANGES = [
    Change(drop=("d",)), Change(aliases={"k": {"X": "x"}}), Change(absent={"a": ("-9",)}), Change(recipe={"a": {"outliers": "rank"}}),
    Change(split={"repeats": 2, "because": "few rows"}), Change(remove=np.array([3, 5])),
]  # fmt: skip


@pytest.fixture
def first(tmp_path):
    """Return the data as read, as a first start treated them, its plan, and its folder."""
    rng = np.random.default_rng(0)
    dataset = dataset_of(rng.integers(0, 2, 80), a=rng.normal(size=80), b=rng.normal(size=80), d=rng.normal(size=80), k=(rng.integers(0, 2, 80), ("x", "X")))
    findings = [Finding("missing_values", (), Mode.FIX, "", "", "", change=change) for change in CHANGES]
    treated = treat(dataset, make_split(dataset, SPEC), findings, SPEC, [("a", "b")])
    plan = make_plan(SPEC, treated.dataset, treated.split, treated.recipe, probe())
    files = RunDir(tmp_path / "run")
    files.create()
    write_json(files.profile, {})
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **treated.split.arrays())
    write_bytes(files.split, buffer.getvalue())
    return dataset, treated, plan, files


def test_everything_that_was_decided_comes_back_as_it_was(first):
    dataset, treated, plan, files = first
    decided = read_decided(files, json.loads(json.dumps(decided_facts(treated, plan))))
    again = decided.treated(dataset)
    assert again.dataset.fields == treated.dataset.fields and list(again.dataset.table.columns) == list(treated.dataset.table.columns)
    for name, column in treated.dataset.table.columns.items():
        assert np.array_equal(column.values, again.dataset.table.columns[name].values, equal_nan=column.kind != "coded")
        assert column.levels == again.dataset.table.columns[name].levels
    assert again.recipe == treated.recipe and again.recipe["a"]["interactions"] == ("b",)
    assert again.split.strategy == treated.split.strategy and len(again.split.folds) == len(treated.split.folds) == 10
    assert [d.key for d in again.split.decisions] == [d.key for d in treated.split.decisions]
    replanned = make_plan(SPEC, again.dataset, again.split, again.recipe, probe(), decided.plan)
    assert terms(again.split, replanned) == terms(treated.split, plan)
    assert replanned.recipe == plan.recipe


def test_what_time_decided_is_taken_over(first):
    _, treated, plan, files = first
    facts = decided_facts(treated, dataclasses.replace(plan, fit_rows=20))
    decided = read_decided(files, json.loads(json.dumps(facts)))
    replanned = make_plan(SPEC, treated.dataset, treated.split, treated.recipe, probe(), decided.plan)
    assert replanned.fit_rows == 20 and any(d.key == "search.fit_rows" for d in replanned.decisions)
    assert terms(treated.split, replanned) == facts["sha256"]


def test_the_run_that_the_search_began_from_is_not_read_again(first):
    _, treated, plan, files = first
    points = (StartPoint("logistic_regression", {"C": 2.0, "penalty": "l2"}, "from churn-1, trial 7"),)
    decided = read_decided(files, json.loads(json.dumps(decided_facts(treated, dataclasses.replace(plan, start_points=points)))))
    spec = spec_of(models={"include": ["logistic_regression"]}, search={"start_from": "nowhere"})
    assert make_plan(spec, treated.dataset, treated.split, treated.recipe, probe(), decided.plan).start_points == points


def test_the_list_that_the_search_began_with_is_not_read_again(first):
    _, treated, plan, files = first
    points = (StartPoint("logistic_regression", {"C": 2.0, "penalty": "l2"}, "portfolio, place 1"),)
    decided = read_decided(files, json.loads(json.dumps(decided_facts(treated, dataclasses.replace(plan, portfolio=points)))))
    spec = spec_of(models={"include": ["logistic_regression"]}, search={"portfolio": "nowhere.json"})
    assert make_plan(spec, treated.dataset, treated.split, treated.recipe, probe(), decided.plan).portfolio == points


def test_trials_on_other_terms_are_told_apart(first):
    _, treated, plan, _ = first
    same = terms(treated.split, plan)
    assert same == terms(treated.split, dataclasses.replace(plan, seconds=5.0, workers=7, memory_mb_per_worker=1, max_trials=3, decisions=()))
    for changed in ({"metric": "log_loss"}, {"seed": 9}, {"fit_rows": 10}, {"class_weights": (1.0, 2.0)}, {"fields": plan.fields[1:]}, {"positive": 1}):
        assert terms(treated.split, dataclasses.replace(plan, **changed)) != same, changed
    folds = treated.split.folds
    assert terms(dataclasses.replace(treated.split, folds=(folds[1], folds[0], *folds[2:])), plan) != same


@pytest.mark.parametrize("damage", ["split", "profile", "half", "none"])
def test_without_its_files_the_look_is_taken_again(first, damage):
    _, treated, plan, files = first
    facts = decided_facts(treated, plan)
    if damage == "half":
        files.split.write_bytes(files.split.read_bytes()[: files.split.stat().st_size // 2])
    elif damage == "none":
        facts = None
    else:
        getattr(files, damage).unlink()
    assert read_decided(files, facts) is None
