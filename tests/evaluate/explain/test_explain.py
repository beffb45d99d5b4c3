import json
import time

import numpy as np
import pytest

from automl.data.split import Split
from automl.evaluate.explain import explain as under_test
from automl.evaluate.explain.explain import believed, explain, json_ready, rows_asked
from automl.plan.explaining import Explaining
from tests.builders import dataset_of
from tests.toys import toy_plan

from .planted import logistic, scored_of, values

N = 600
RNG = np.random.default_rng(0)
PERSONAL = {"check": "personal_data", "columns": ["mail"], "evidence": {}}


def run(model=None, seconds=20.0, profile=None, score_rows="holdout", trial=1, wanted=None, folds=(), **plan):
    """Return the explanation of a model of two numbers; `mail` holds personal data."""
    columns = {"x": RNG.normal(size=N), "z": RNG.normal(size=N), "mail": (np.arange(N) % 3, ["a@b.example", "c@d.example", "e@f.example"])}
    model = model or (lambda t: logistic(3 * values(t, "x") + values(t, "z")))
    scored = scored_of(columns, model)
    dataset = dataset_of(scored.y, **columns)
    rows = np.arange(N)
    holdout = rows[300:] if score_rows == "holdout" else rows[:0]
    train = rows[:300] if score_rows == "holdout" else rows
    split = Split(train, holdout, ((train[::2], train[1::2]), (train[1::2], train[::2])), ())
    made = toy_plan(fields=dataset.fields, explain=wanted or Explaining(), **plan)
    evaluation = {"trial": trial, "score_rows": score_rows}
    scored_proba = scored.proba[holdout if len(holdout) else rows]
    return explain(made, dataset, split, evaluation, scored_proba, profile or {"findings": [PERSONAL]}, lambda: model, lambda: folds, seconds)


def test_every_part_is_there_and_it_is_json():
    found = run()
    assert [c["column"] for c in found["importance"]["columns"]][:2] == ["x", "z"] and found["rows"]["kind"] == "holdout" and found["rows"]["n"] == 300
    assert {e["column"] for e in found["effects"]} == {"x", "z"}, "columns that are not used have no effect to show"
    assert found["slices"]["tested"] == 8 and len(found["examples"]["wrong"]) == 5 and found["notes"] == []
    json.dumps(found, allow_nan=False)


def test_no_personal_value_stands_anywhere():
    model = lambda t: logistic(2 * values(t, "x") + (values(t, "mail") == 1))  # noqa: E731
    found = run(model)
    assert "example" not in json.dumps({k: v for k, v in found.items() if k != "examples"})
    assert "b.example" not in json.dumps(found) and {e["column"] for e in found["effects"] if "skipped" in e} == {"mail"}


def test_without_sample_rows_no_cell_is_shown():
    found = run(wanted=Explaining(cells=False))
    assert found["examples"]["columns"] == [] and not any("cells" in row or "true" in row for row in found["examples"]["wrong"])


def test_what_is_not_asked_for_is_not_done():
    found = run(wanted=Explaining(importance=False, effects=0, examples=0, slices=False))
    assert found["importance"] is None is found["slices"] is found["examples"] and found["effects"] == [] and len(found["notes"]) == 1
    only = run(wanted=Explaining(importance=False, effects=1, examples=0, slices=False))
    assert len(only["effects"]) == 1 and only["importance"] is None


def test_rows_out_of_fold_are_asked_of_the_folds_and_rows_learned_from_are_told():
    model = lambda t: logistic(3 * values(t, "x"))  # noqa: E731
    assert run(model, score_rows="out_of_fold", folds=[model, model])["rows"]["kind"] == "out_of_fold"
    told = run(model, score_rows="out_of_fold")["rows"]
    assert told["kind"] == "training" and "learned" in told["words"]


def test_a_constant_has_nothing_to_explain():
    found = run(trial=None)
    assert found["importance"] is None and "constant" in found["notes"][0]


def test_a_failure_is_a_note_and_costs_no_other_part(monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError("no such luck")

    monkeypatch.setattr(under_test, "slices", broken)
    found = run()
    assert found["slices"] is None and found["examples"] is not None and any("no such luck" in note for note in found["notes"])
    monkeypatch.setattr(under_test, "scored_rows", broken)
    assert "ended early" in run()["notes"][0]


@pytest.mark.parametrize("pause", [0.02, 0.2, 1.0])
def test_the_deadline_holds_whatever_the_model_takes_and_what_was_left_out_is_told(pause):
    def slow(table):
        time.sleep(pause if table.n_rows < N else 0)
        return logistic(3 * values(table, "x"))

    began = time.monotonic()
    found = run(slow, seconds=1.5)
    assert time.monotonic() - began < 1.5 + 2.5 * pause + 2  # a busy machine may pause
    assert found["examples"] is not None and (pause < 0.1 or found["notes"])
    if pause == 1.0:
        assert found["importance"] is None and found["effects"] == [] and "want of time" in found["notes"][0] and found["slices"] is not None


def test_no_time_at_all_is_no_failure():
    found = run(seconds=0.0)
    assert found["importance"] is None and found["notes"] and found["examples"] is not None and "inf" not in " ".join(found["notes"])


def test_the_same_seed_gives_the_same():
    def once():
        global RNG
        RNG = np.random.default_rng(5)
        return {k: v for k, v in run(seconds=None).items() if k != "seconds"}

    assert once() == once()


def test_columns_come_in_the_order_of_what_they_tell():
    scored = scored_of({"a": np.zeros(9), "b": np.zeros(9), "c": np.zeros(9)}, lambda t: logistic(values(t, "a")))
    profile = {"relations": {"target": [{"column": "c", "auc": 0.9, "nmi": 0.0}, {"column": "b", "auc": None, "nmi": 0.3}]}}
    assert believed(scored, profile) == ["c", "b", "a"] and believed(scored, {"relations": {"skipped": "no time"}}) == ["a", "b", "c"]


def test_numbers_that_are_none_become_none():
    assert json_ready({"a": [np.float64("nan"), float("inf"), np.int64(3)], "b": (1.5, np.bool_(True))}) == {"a": [None, None, 3], "b": [1.5, True]}


def test_how_much_will_be_asked():
    assert rows_asked(toy_plan(explain=Explaining(importance=False, effects=0)), 500) == 0
    assert rows_asked(toy_plan(), 500) > rows_asked(toy_plan(explain=Explaining(importance=False)), 500) > 0
