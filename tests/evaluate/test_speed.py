import time

import numpy as np
import pytest

from automl.evaluate.speed import BATCH, LEAST_BATCH, time_rungs
from automl.inference.table import Column, Field, Table


class Rung:
    """Stands for a predictor: its model takes a known time per call and row; its first calls are slower."""

    fields = (Field("a", "number"), Field("b", "category"))

    def __init__(self, per_row=0.0, per_call=0.0, features=0.0, cold=0.0):
        self.calls, self.singles = [], []
        rung = self

        class Net:
            def predict(self, x):
                rung.calls.append(len(x))
                time.sleep(per_call + per_row * len(x) + (cold if len(rung.calls) == 1 else 0.0))
                return x

        self.model, self.per_row_features = Net(), features

    def matrix(self, table):
        time.sleep(self.per_row_features * table.n_rows)
        return np.zeros((table.n_rows, 1), np.float32)

    def predict_row(self, row):
        self.singles.append(row)
        return self.model.predict(np.zeros((1, 1)))


def _table(n):
    return Table({"a": Column("number", np.arange(float(n))), "b": Column("coded", np.arange(n, dtype=np.int32) % 2, ("x", "y"))}, n)


def test_every_rung_is_timed_on_the_same_rows_and_rows_are_mappings():
    rungs = [Rung(), Rung()]
    found = time_rungs(rungs, _table(500), 0.3)
    assert {r["timed_rows"] for r in found} == {500}
    assert all(set(rung.calls) == {500, 1} for rung in rungs)
    assert rungs[0].singles[1] == {"a": 1.0, "b": "y"} or rungs[0].singles[1] == {"a": 0.0, "b": "x"}
    assert all(r["batch1_p50_ms"] <= r["batch1_p95_ms"] and r["rows_per_second"] > 0 for r in found)


def test_a_slower_model_is_seen_to_be_slower_whatever_the_order():
    for slow_first in (True, False):
        rungs = [Rung(per_call=0.004), Rung(per_call=0.001)]
        found = time_rungs(rungs if slow_first else rungs[::-1], _table(200), 0.5)
        slow, fast = found if slow_first else found[::-1]
        assert fast["model_rows_per_second"] > 2 * slow["model_rows_per_second"]
        assert slow["batch1_p50_ms"] > 4 > fast["batch1_p50_ms"] >= 1
        ratio = found[1]["runtime_ratio"]
        assert ratio > 2 if slow_first else ratio < 0.5


def test_equal_models_have_a_ratio_of_one():
    found = time_rungs([Rung(per_call=0.003, cold=0.2), Rung(per_call=0.003)], _table(200), 0.5)
    assert found[1]["runtime_ratio"] == pytest.approx(1, abs=0.15) and found[0]["runtime_ratio"] == 1


def test_the_whole_artifact_counts_its_features_too():
    (found,) = time_rungs([Rung(per_call=0.002, features=2e-5)], _table(200), 0.5)
    assert found["rows_per_second"] < 0.6 * found["model_rows_per_second"]


def test_batches_shrink_no_further_than_a_batch_is_work():
    (found,) = time_rungs([Rung(per_row=2e-5)], _table(10 * BATCH), 0.3)
    assert found["timed_rows"] == LEAST_BATCH
    (found,) = time_rungs([Rung()], _table(10 * BATCH), 0.3)
    assert found["timed_rows"] == BATCH


def test_a_slow_model_does_not_take_the_run_with_it():
    began = time.monotonic()
    time_rungs([Rung(per_call=0.02)] * 3, _table(100), 0.1)
    assert time.monotonic() - began < 5


def test_it_says_whether_compiled_code_was_there_in_time(monkeypatch):
    asked = []
    monkeypatch.setattr("automl.evaluate.speed.settle", lambda wait: asked.append(wait) or wait > 1)
    assert [time_rungs([Rung()], _table(50), 0.01, wait)[0]["compiled"] for wait in (0.5, 2.0)] == [False, True] and asked == [0.5, 2.0]
