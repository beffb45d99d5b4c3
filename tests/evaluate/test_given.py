"""What is said of a table beside its answers."""

import numpy as np
import pytest

from automl.artifact.load import load
from automl.evaluate.given import score_of, unusual
from automl.inference.decision import Decision
from automl.inference.table import Column, Table
from automl.metrics import METRICS
from automl.testing.contract import sample
from tests.artifact.test_pack import packed


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given")
    packed(folder / "a")
    return load(folder / "a")


def test_levels_that_the_model_does_not_know_and_empty_rows_are_counted(predictor):
    table, _ = sample(40, seed=4)
    assert unusual(predictor, table) == {"unknown": {}, "empty": 0, "columns_empty": []}
    words = Column("coded", np.array([0, 1, 1, -1], np.int32), ("red", "never seen"))
    none = Column("number", np.full(4, np.nan))
    odd = Table({"number": none, "word": words, "text": Column("coded", np.full(4, -1, np.int32)), "day": Column("date", np.full(4, np.nan))}, 4)
    assert unusual(predictor, odd) == {"unknown": {"word": 2}, "empty": 1, "columns_empty": ["number", "text", "day"]}
    assert unusual(predictor, odd.take(np.arange(0))) == {"unknown": {}, "empty": 0, "columns_empty": []}


def test_a_table_with_the_target_is_scored(predictor):
    table, y = sample(60, seed=4)
    proba = predictor.proba(table)
    assert score_of(predictor, table, proba) is None
    labels = Column("coded", np.where(np.arange(60) == 7, -1, y).astype(np.int32), ("no", "yes"))
    found = score_of(predictor, Table({**table.columns, "y": labels}, 60), proba)
    kept = np.arange(60) != 7
    expected = METRICS.get("classification", "roc_auc").score(y[kept], proba[kept].astype(float), 1)
    assert found == {"metric": "roc_auc", "score": pytest.approx(expected), "rows": 59}
    other = Column("coded", np.zeros(60, np.int32), ("perhaps",))
    assert score_of(predictor, Table({**table.columns, "y": other}, 60), proba) is None


def test_a_metric_that_is_not_here_scores_nothing(predictor, monkeypatch):
    table, y = sample(20, seed=4)
    given = Table({**table.columns, "y": Column("coded", y.astype(np.int32), ("no", "yes"))}, 20)
    monkeypatch.setitem(predictor.manifest, "metric", "recall_gmean_of_nobody")
    assert score_of(predictor, given, predictor.proba(table)) is None
    monkeypatch.setitem(predictor.manifest, "metric", "accuracy")
    monkeypatch.setattr(predictor, "decision", Decision(threshold=0.0, positive=1))
    assert score_of(predictor, given, predictor.proba(table))["score"] == pytest.approx(0.5)
