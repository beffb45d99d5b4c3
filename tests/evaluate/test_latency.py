"""The time of an answer of an artifact that was loaded again: of as many rows as were asked for, at the percentile asked for."""

import time

import numpy as np
import pytest

from automl.artifact.load import Predictor
from automl.artifact.pack import pack
from automl.evaluate.latency import FEWEST_CALLS, LEAST_CALLS, latency_ms
from automl.finalize.candidate import Candidate
from automl.inference.forms import Form
from automl.inference.table import Column, Field, Table

TABLE = Table({"a": Column("number", np.arange(7.0))}, 7)


@pytest.fixture
def predictor(tmp_path):
    form = Form("features", {"steps": [{"kind": "raw", "column": "a"}], "sparse": False})
    weights = {"weights": np.ones((1, 2), np.float32), "bias": np.zeros(2, np.float32)}
    candidate = Candidate("linear", "float32", "", form, Form("linear", {"n_outputs": 2}, weights), (), 1)
    facts = {"task": "classification", "target": "y", "classes": ["a", "b"], "positive_class": "b", "metric": "roc_auc"}
    pack(tmp_path / "artifact", candidate, (Field("a", "number"),), facts)
    return Predictor(tmp_path / "artifact")


def slowed(predictor, seconds):
    """Make the n-th call take so many seconds; note how many rows each has."""
    inner, rows = predictor.proba, []

    def proba(table):
        rows.append(table.n_rows)
        time.sleep(seconds(len(rows)))
        return inner(table)

    predictor.proba = proba
    return rows


def test_each_call_has_the_rows_that_were_asked_for_repeated_where_the_table_has_fewer(predictor):
    rows = slowed(predictor, lambda n: 0.0)
    latency_ms(predictor, TABLE, 20, 95, 0.0)
    assert set(rows) == {20} and len(rows) >= LEAST_CALLS
    alone = slowed(predictor, lambda n: 0.0)
    latency_ms(predictor, TABLE, 1, 95, 0.0)
    assert set(alone) == {1}


def test_the_percentile_is_of_the_calls(predictor):
    slowed(predictor, lambda n: 0.02 if n % 10 == 0 else 0.001)
    high, features = latency_ms(predictor, TABLE, 1, 99, 0.0)
    assert high >= 20 and latency_ms(predictor, TABLE, 1, 50, 0.0)[0] < 15 and 0 < features < high


def test_slow_calls_end_after_few(predictor):
    rows = slowed(predictor, lambda n: 0.1)
    assert latency_ms(predictor, TABLE, 1, 95, 0.05)[0] >= 100
    assert FEWEST_CALLS <= len(rows) < LEAST_CALLS
