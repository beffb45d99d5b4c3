"""A diagnosis in a worker: shares of rows under the contract of the split, and labels that mean nothing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from automl.inference.forms import Form
from automl.metrics import METRICS
from automl.search.store import Store
from automl.search.workers.diagnose import SHARES, permuted_labels, run_diagnose

from ...toys import LINEAR, toy_plan, toy_store


def _store(folder, n=400, units=None, time=None):
    made = toy_store(folder / "first", n)
    return Store.create(folder / "store", made.table, made.fields, made.y, made.train, made.folds, units, time)


def _run(store, folder, **changes):
    plan = toy_plan()
    job = {
        "family": LINEAR, "params": {"C": 1.0}, "store": str(store.folder), "context": plan.context(plan.candidates[0], 1), "fold": 0, "model": None, "permuted": True,
        "metric": "log_loss", "positive": 1, "costs": [], "class_weights": [], "deadline": None,
    } | changes  # fmt: skip
    packets = []
    run_diagnose(job, packets.append, dict)
    return packets


def test_labels_change_places_and_units_get_the_label_of_another_whole(tmp_path):
    store = _store(tmp_path)
    rows = store.train
    y = permuted_labels(store, rows, np.random.default_rng(0))
    assert np.array_equal(np.sort(y[rows]), np.sort(store.y[rows])) and (y[rows] != store.y[rows]).mean() > 0.3
    outside = np.setdiff1d(np.arange(400), rows)
    assert np.array_equal(y[outside], store.y[outside])
    units = np.arange(400) // 5
    grouped = replace(store, units=units, y=(units % 3 == 0).astype(np.int64))
    y = permuted_labels(grouped, rows, np.random.default_rng(0))
    assert all(len(set(y[rows][units[rows] == u])) == 1 for u in np.unique(units[rows])) and (y[rows] != grouped.y[rows]).mean() > 0.2


def test_pairs_of_one_case_and_one_control_change_places_within_themselves(tmp_path):
    store = replace(_store(tmp_path), units=np.arange(400) // 2)  # the toy classes alternate
    rows = store.train
    y = permuted_labels(store, rows, np.random.default_rng(0))
    assert (np.bincount(store.units[rows], weights=y[rows]) == 1).all() and 0.3 < (y[rows] != store.y[rows]).mean() < 0.7


def test_the_packets_of_an_honest_model(tmp_path):
    store = _store(tmp_path)
    first, *points, growth = _run(store, tmp_path)
    assert first["kind"] == "permuted" and abs(first["score"] - first["chance"]) < 3 * first["deviation"]
    assert first["n_learned"] == len(store.folds[0][0]) and first["n_scored"] == len(store.folds[0][1])
    assert [p["kind"] for p in points] == ["point"] * 4 and [p["share"] for p in points] == list(SHARES)
    assert points[-1]["rows"] == len(store.folds[0][0]) and points[-1]["train"] < first["score"]
    low, high = growth["whole"]
    assert growth["kind"] == "growth" and low < points[-1]["score"] < high
    assert growth["half"]["difference"] == pytest.approx(points[-1]["score"] - points[-2]["score"])
    assert growth["quarter"]["difference"] == pytest.approx(points[-1]["score"] - points[-3]["score"])


def test_it_is_the_same_again(tmp_path):
    store = _store(tmp_path, 200)
    assert _run(store, tmp_path) == _run(store, tmp_path)


def test_the_model_of_the_whole_is_taken_where_it_was_kept(tmp_path):
    from automl.inference.storage import to_bytes

    store = _store(tmp_path)
    path = tmp_path / "kept.safetensors"
    share = np.array([0.25, 0.75], np.float32)
    path.write_bytes(to_bytes(Form("constant", {"n_outputs": 2}, {"output": share})))
    whole = [p for p in _run(store, tmp_path, model=str(path)) if p["kind"] == "point"][-1]
    y = store.y[store.folds[0][1]]
    assert whole["score"] == pytest.approx(METRICS.get("classification", "log_loss").score(y, np.tile(share.astype(float), (len(y), 1)), 1))


def _with(x, y):
    return sparse.hstack([x, sparse.csr_matrix(y[:, None])], format="csr", dtype=np.float32)


class _Peeking(Store):
    """Features that tell the label of every row, also of the scored ones: a fault of the machine, planted."""

    def fresh(self, needs, fold):
        form, x, x_score = super().fresh(needs, fold)
        learn, scored = self.rows(fold)
        return form, _with(x, self.y[learn]), _with(x_score, self.y[scored])


def test_labels_that_reach_the_fit_show(tmp_path, monkeypatch):
    store = _store(tmp_path)
    monkeypatch.setattr("automl.search.workers.diagnose.Store", type("Opens", (), {"open": staticmethod(_Peeking.open)}))
    found = _run(store, tmp_path)[0]
    assert found["score"] < found["chance"] - 5 * found["deviation"] and found["score"] < found["worst"]


def test_the_curve_alone_can_be_asked_for(tmp_path):
    assert [p["kind"] for p in _run(_store(tmp_path), tmp_path, permuted=False)] == ["point"] * 4 + ["growth"]


def test_where_a_fold_is_a_row_a_fifth_of_the_rows_is_scored(tmp_path):
    first, *points, _ = _run(_store(tmp_path), tmp_path, fold=None)
    assert first["n_scored"] == pytest.approx(72, abs=2) and points[-1]["rows"] == 360 - first["n_scored"]


def test_few_groups_cannot_change_places(tmp_path):
    units = (toy_store(tmp_path / "other", 400).y == 1).astype(np.int64)
    found = _run(_store(tmp_path, units=units), tmp_path, fold=0)[0]
    assert set(found) == {"kind", "why_not"} or found["n_units"] <= 2


def test_a_fit_that_its_deadline_cut_is_not_told(tmp_path):
    packets = _run(_store(tmp_path), tmp_path, deadline=0.0)
    assert [p["kind"] for p in packets] == ["permuted", "late"] and "did not end in time" in packets[0]["why_not"]
