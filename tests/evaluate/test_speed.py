import time

import numpy as np
import pytest

from automl.evaluate import speed
from automl.evaluate.speed import BATCH, time_rungs
from automl.inference.table import Column, Field, Table


class Rung:
    """Stands for a predictor: its model takes a known time per row."""

    fields = (Field("a", "number"),)

    def __init__(self, per_row=0.0, per_call=0.0, features=0.0):
        self.calls, self.features_calls, self.singles = [], 0, 0
        rung = self

        class Features:
            def transform(self, table):
                rung.features_calls += 1
                time.sleep(features * table.n_rows)
                return np.zeros((table.n_rows, 1), np.float32)

        class Net:
            def predict(self, x):
                rung.calls.append(len(x))
                time.sleep(per_call + per_row * len(x))
                return x

        self.features, self.model = Features(), Net()

    def proba(self, table):
        assert table.n_rows == 1
        self.singles += 1
        return self.model.predict(self.features.transform(table))


def _table(n):
    return Table({"a": Column("number", np.arange(float(n)))}, n)


def test_every_rung_is_timed_on_the_same_rows():
    rungs = [Rung(), Rung()]
    found = time_rungs(rungs, _table(500), 0.3)
    assert len(found) == 2 and {r["timed_rows"] for r in found} == {500}
    assert all(set(rung.calls) == {500, 1} and rung.singles >= 60 for rung in rungs)
    assert all(r["batch1_p50_ms"] <= r["batch1_p95_ms"] and r["rows_per_second"] > 0 for r in found)


def test_a_slower_model_is_seen_to_be_slower():
    slow, fast = time_rungs([Rung(per_call=0.004), Rung(per_call=0.001)], _table(200), 0.5)
    assert fast["model_rows_per_second"] > 2 * slow["model_rows_per_second"]
    assert slow["batch1_p50_ms"] > 4 > fast["batch1_p50_ms"] >= 1
    assert slow["model_rows_per_second"] == pytest.approx(200 / 0.004, rel=0.5)


def test_the_whole_artifact_counts_its_features_too():
    (found,) = time_rungs([Rung(per_call=0.002, features=2e-5)], _table(200), 0.5)
    assert found["rows_per_second"] == pytest.approx(200 / 0.006, rel=0.5) and found["rows_per_second"] < 0.7 * found["model_rows_per_second"]


def test_no_more_rows_than_a_batch_are_timed():
    assert time_rungs([Rung()], _table(BATCH + 500), 0.3)[0]["timed_rows"] == BATCH


def test_the_batch_shrinks_until_the_time_allows_it():
    (found,) = time_rungs([Rung(per_row=1e-4)], _table(4000), 0.5)
    assert 64 <= found["timed_rows"] < 1000
    assert found["model_rows_per_second"] == pytest.approx(1e4, rel=0.3)


def test_a_small_table_is_timed_as_it_is():
    (found,) = time_rungs([Rung(per_row=1e-4)], _table(5), 0.01)
    assert found["timed_rows"] == 5


def test_a_very_slow_model_does_not_take_the_run_with_it():
    began = time.monotonic()
    time_rungs([Rung(per_call=0.03)], _table(100), 0.1)
    assert time.monotonic() - began < 2.5


def test_rungs_take_turns():
    order = []
    rungs = [Rung(), Rung()]
    for name, rung in zip("ab", rungs, strict=True):
        true_predict = rung.model.predict
        rung.model.predict = lambda x, name=name, true=true_predict: (order.append(name) if len(x) > 1 else None, true(x))[1]
    time_rungs(rungs, _table(100), 0.1)
    assert "".join(order).count("ab") == len(order) // 2 >= 4


def test_the_clock_returns_what_was_called():
    seconds, result = speed._timed(lambda x: time.sleep(0.01) or x + 1, 1)
    assert result == 2 and 0.01 <= seconds < 0.5
