import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.families.base import FitData
from automl.families.classifiers import logistic_regression
from automl.inference.forms import Model
from automl.inference.storage import read_form
from automl.search.workers import trial as under_test
from automl.search.workers.fitting import STOP_SHARE, hold_back
from automl.search.workers.refit import run_refit
from automl.search.workers.trial import PREDICTIONS, run_trials

from ...toys import LINEAR, toy_plan, toy_store

SPY = f"{__name__}:SPIED"
SEEN: list[FitData] = []


def _spy_fit(estimator, data, progress):
    SEEN.append(data)
    return estimator.fit(data.x, data.y)


SPIED = replace(logistic_regression.FAMILY, name="spy", fit=_spy_fit, rounds=lambda estimator: 11)


@pytest.fixture
def job(tmp_path):
    """Return a function that makes a job on the toy store."""
    SEEN.clear()
    toy_store(tmp_path / "store")

    def make(family=LINEAR, kind="trial", rounds=None, **changes):
        folder = tmp_path / kind
        folder.mkdir(exist_ok=True)
        plan = toy_plan()
        base = {
            "kind": kind, "family": family, "params": {"C": 1.0}, "store": str(tmp_path / "store"), "folder": str(folder), "log": str(tmp_path / "log"),
            "context": plan.context(plan.candidates[0], 1, rounds), "metric": "roc_auc", "positive": 1, "memory_mb": None, "deadline": None,
        }  # fmt: skip
        base |= changes
        return {**base, "trials": [{"number": 7, "params": base["params"], "folder": base["folder"], "deadline": base["deadline"]}]}

    return make


def go():
    """Say, whenever asked, that the next fold may start."""
    return {"go": True}


def run_trial(job, send, told=go):
    run_trials(job, send, told)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=300), st.integers(0, 99))
def test_rows_to_stop_on_are_held_back_of_each_class_alike(codes, seed):
    y = np.array(codes)
    learn, stop = hold_back(y, seed)
    assert sorted([*learn, *stop]) == list(range(len(y)))
    for code in np.unique(y):
        assert (y[stop] == code).sum() == int((y == code).sum() * STOP_SHARE)
        assert (y[learn] == code).any()


def test_what_is_held_back_depends_on_the_seed_alone():
    y = np.arange(200) % 3
    assert np.array_equal(hold_back(y, 1)[1], hold_back(y, 1)[1])
    assert not np.array_equal(hold_back(y, 1)[1], hold_back(y, 2)[1])


@given(st.integers(0, 999), st.integers(20, 300), st.integers(3, 60))
def test_units_are_not_parted_to_stop_on(seed, n, n_units):
    rng = np.random.default_rng(seed)
    y, unit = rng.integers(0, 2, n), rng.integers(0, n_units, n) * 5
    learn, stop = hold_back(y, seed, unit)
    assert sorted([*learn, *stop]) == list(range(n)) and not set(unit[learn]) & set(unit[stop])
    assert set(y[learn]) == set(y) and len(stop) < 0.6 * n


def test_a_few_large_units_leave_one_to_stop_on():
    y, unit = np.arange(90) % 2, np.arange(90) // 30
    assert len(hold_back(y, 0, unit)[1]) == 30 and len(hold_back(y[:60], 0, unit[:60])[1]) == 0


def test_rows_drawn_twice_are_not_on_both_sides():
    """In a bootstrap the unit of a row is the row itself, and it may be there several times."""
    drawn = np.random.default_rng(0).integers(0, 100, 100)
    learn, stop = hold_back(drawn % 2, 0, drawn)
    assert len(stop) and not set(drawn[learn]) & set(drawn[stop])


def test_forward_in_time_the_latest_rows_are_to_stop_on():
    rng = np.random.default_rng(0)
    time, y = rng.integers(0, 80, 200).astype(float), np.arange(200) % 2
    learn, stop = hold_back(y, 0, None, time)
    assert time[learn].max() < time[stop].min() and 15 <= len(stop) <= 35
    unit = np.where(np.arange(200) < 150, np.arange(200), 1000 + np.arange(200) % 20)
    learn, stop = hold_back(y, 0, unit, time)
    assert time[learn].max() < time[stop].min() and not set(unit[learn]) & set(unit[stop]) and len(learn) + len(stop) < 200


def test_one_moment_or_a_class_that_comes_late_leave_nothing_to_stop_on():
    y = np.arange(50) % 2
    assert len(hold_back(y, 0, None, np.zeros(50))[1]) == 0
    assert len(hold_back((np.arange(50) >= 48).astype(int), 0, None, np.arange(50.0))[0]) == 50


def test_a_trial_leaves_its_predictions_and_models_before_it_speaks(job, tmp_path):
    sent = []

    def send(message):
        fold = message["fold"]
        assert (tmp_path / "trial" / PREDICTIONS).stat().st_size >= (fold + 1) * 36 * 2 * 4 and (tmp_path / "trial" / f"fold{fold}.model.safetensors").exists()
        sent.append(message)

    run_trial(job(), send)
    assert [m["fold"] for m in sent] == [0, 1] and all(m["score"] > 0.8 and m["rounds"] is None and m["seconds"] > 0 for m in sent)
    json.dumps(sent)


def test_the_scores_are_of_the_models_that_stay(job, tmp_path):
    sent = []
    run_trial(job(), sent.append)
    from automl.metrics import roc_auc
    from automl.search.store import Store

    store = Store.open(tmp_path / "store")
    kept = np.split(np.load(tmp_path / "trial" / PREDICTIONS), 2)
    for fold in (0, 1):
        _, _, x = store.features(logistic_regression.FAMILY.needs, fold)
        output = Model(read_form(tmp_path / "trial" / f"fold{fold}.model.safetensors")).predict(x)
        assert np.array_equal(output, kept[fold])
        assert sent[fold]["score"] == pytest.approx(roc_auc(store.y[store.folds[fold][1]], output.astype(np.float64)))


def test_a_fit_never_sees_the_rows_it_is_scored_on(job, tmp_path):
    """Every row has a number of its own in `number`; what the fit got is traced by it."""
    from automl.search.store import Store

    store = Store.open(tmp_path / "store")
    np.save(tmp_path / "store" / "column0.npy", np.arange(80.0))
    sent = []
    run_trial(job(SPY), sent.append)
    for fold, data in enumerate(SEEN):
        step = store.features(SPIED.needs, fold)[0].config["steps"][0]
        rows = [np.rint(np.asarray(x.todense() if hasattr(x, "todense") else x)[:, 0] * step["scale"] + step["centre"]) for x in (data.x, data.x_stop)]
        learn, score = store.folds[fold]
        assert set(rows[0]) | set(rows[1]) == set(learn) and not set(rows[0]) & set(rows[1])
        assert not (set(rows[0]) | set(rows[1])) & set(score)
        assert len(data.y) + len(data.y_stop) == len(learn) and [m["rounds"] for m in sent] == [11, 11]


def test_a_length_that_is_known_holds_nothing_back(job, tmp_path):
    run_refit(job(SPY, "refit", rounds=11), lambda message: None, go)
    assert len(SEEN) == 1 and SEEN[0].x_stop is None and len(SEEN[0].y) == 72


def test_each_fold_is_fitted_with_a_seed_of_its_own(job):
    seeds = []
    build = logistic_regression.FAMILY.build
    globals()["SEEDED"] = replace(logistic_regression.FAMILY, build=lambda params, context: seeds.append(context.seed) or build(params, context))
    run_trial(job(f"{__name__}:SEEDED"), lambda message: None)
    assert seeds == [0, 1]


def test_fold_models_beyond_the_limit_are_not_kept_but_scored(job, tmp_path, monkeypatch):
    monkeypatch.setattr(under_test, "KEEP_BYTES", 1)
    sent = []
    run_trial(job(), sent.append)
    assert len(sent) == 2 and not list((tmp_path / "trial").glob("*.model.safetensors")) and np.load(tmp_path / "trial" / PREDICTIONS).shape == (72, 2)


def test_pooled_predictions_are_scored_once_and_folds_are_not(job, tmp_path):
    from automl.metrics import roc_auc
    from automl.search.store import Store

    sent = []
    run_trial(job(pooled=True), sent.append)
    assert [m["kind"] for m in sent] == ["fold", "fold", "pooled"] and [m["score"] for m in sent[:2]] == [None, None]
    store = Store.open(tmp_path / "store")
    y = store.y[np.concatenate([valid for _, valid in store.folds])]
    assert sent[2]["score"] == pytest.approx(roc_auc(y, np.load(tmp_path / "trial" / PREDICTIONS).astype(float))) and sent[2]["spread"] >= 0


def test_a_fit_holds_back_by_the_units_and_times_of_the_store(job, tmp_path):
    from automl.search.store import Store

    old = Store.open(tmp_path / "store")
    units, time = np.arange(80) // 4, np.arange(80.0)
    for more in ({"units": units}, {"time": time}):
        SEEN.clear()
        store = Store.create(tmp_path / f"store-{len(more)}-{next(iter(more))}", old.table, old.fields, old.y, old.train, old.folds, **more)
        np.save(store.folder / "column0.npy", np.arange(80.0))
        run_trial(job(SPY, store=str(store.folder), folder=str(_new(tmp_path, next(iter(more))))), lambda message: None)
        for fold, data in enumerate(SEEN):
            step = store.features(SPIED.needs, fold)[0].config["steps"][0]
            dense = (np.asarray(x.todense() if hasattr(x, "todense") else x) for x in (data.x, data.x_stop))
            learn, stop = (np.rint(x[:, 0] * step["scale"] + step["centre"]).astype(int) for x in dense)
            assert not set(units[learn]) & set(units[stop]) if "units" in more else learn.max() < stop.min()


def _new(folder, name):
    (folder / name).mkdir()
    return folder / name


def test_a_refit_leaves_its_forms_and_compares_them_with_the_library(job, tmp_path):
    sent = []
    run_refit(job(kind="refit"), sent.append, go)
    assert len(sent) == 1 and sent[0]["kind"] == "refitted" and sent[0]["parity"] < 1e-5 and sent[0]["sample_rows"] == 72
    assert sent[0]["form_rows_per_second"] > 0 and sent[0]["library_rows_per_second"] > 0 and sent[0]["library_bytes"] is None
    assert read_form(tmp_path / "refit" / "features.safetensors").kind == "features"
    assert read_form(tmp_path / "refit" / "model0.safetensors").kind == "linear" and sent[0]["copies"] == 1


def test_copies_are_fits_with_other_seeds_as_many_as_the_time_allows(job, tmp_path):
    tree = {"family": "automl.families.classifiers.extra_trees:FAMILY", "params": {"n_estimators": 3}}
    for asked, left, expected in ((3, 60.0, 3), (1, 60.0, 1), (3, 0.0, 1)):
        sent = []
        run_refit(job(kind="refit", copies=asked, deadline=time.monotonic() + left, **tree), sent.append, go)
        assert sent[-1]["copies"] == expected
    run_refit(job(kind="refit", copies=2, **tree), sent.append, go)
    first, second = (read_form(tmp_path / "refit" / f"model{n}.safetensors") for n in (0, 1))
    assert any(not np.array_equal(first.arrays[name], second.arrays[name]) for name in first.arrays)


FAULTS = {
    "memory": ("raise MemoryError", "memory", "4000 MB"),
    "cuda": ("raise RuntimeError('CUDA out of memory. Tried to allocate')", "memory", "CUDA out of memory"),
    "alloc": ("raise RuntimeError('DefaultCPUAllocator: not enough memory')", "memory", "not enough memory"),
    "xgboost": ("raise RuntimeError('io.h:362: bad_malloc: Failed to allocate 475136000 bytes.')", "memory", "bad_malloc"),
    "std": ("raise RuntimeError('std::bad_alloc')", "memory", "bad_alloc"),
    "other": ("raise KeyError('memorable')", "error", "KeyError"),
    "long": ("raise ValueError('x' * 100_000)", "error", "ValueError: xxx"),
    "empty": ("raise ValueError", "error", "ValueError"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_short_packet_and_its_traceback_is_in_the_log(name, job, tmp_path):
    """In a process of its own, as run_job gives away stdout and stderr."""
    body, state, words = FAULTS[name]
    (tmp_path / "toy_fault.py").write_text(body)
    path = tmp_path / "job.json"
    path.write_text(json.dumps(job("toy_fault:X", memory_mb=4000)))
    code = textwrap.dedent(f"""
        import json, sys
        from automl.search.workers.job import run_job
        sent = []
        code = run_job({str(path)!r}, sent.append, dict)
        open({str(tmp_path / "sent")!r}, "w").write(json.dumps([code, sent]))
    """)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])})
    code, sent = json.loads((tmp_path / "sent").read_text())
    assert code == 1 and len(sent) == 1 and sent[0]["kind"] == "fault" and sent[0]["state"] == state
    assert words in sent[0]["cause"] and len(sent[0]["cause"]) < 400 and "\n" not in sent[0]["cause"]
    assert ("Traceback" in (tmp_path / "log").read_text()) == (name != "memory")


def test_each_packet_says_which_trial_it_is_about_and_one_process_can_hold_several(job, tmp_path):
    made, sent = job(), []
    made["trials"].append({**made["trials"][0], "number": 8, "params": {"C": 0.01}, "folder": str(_new(tmp_path, "other"))})
    run_trial(made, sent.append)
    assert [(m["trial"], m["fold"]) for m in sent] == [(7, 0), (7, 1), (8, 0), (8, 1)]
    assert (tmp_path / "other" / PREDICTIONS).exists() and sent[0]["score"] != sent[2]["score"]


def test_a_fold_that_may_not_start_does_not(job, tmp_path):
    sent = []
    run_trial(job(), sent.append, lambda: {"go": False})
    assert [m["fold"] for m in sent] == [0] and not (tmp_path / "trial" / "fold1.model.safetensors").exists()


def test_the_next_fold_has_the_deadline_it_was_given(job):
    ends = []
    fit = logistic_regression.FAMILY.fit
    globals()["TIMED"] = replace(logistic_regression.FAMILY, fit=lambda e, data, progress: ends.append(progress.deadline) or fit(e, data, progress))
    run_trial(job(f"{__name__}:TIMED"), lambda message: None, lambda: {"go": True, "deadline": 5e9})
    assert ends == [float("inf"), 5e9]


def test_a_fold_says_how_its_model_does_on_the_rows_it_learned_and_what_it_costs(job):
    sent = []
    run_trial(job(), sent.append)
    assert all(m["train_score"] >= m["score"] - 0.1 and m["size_bytes"] > 0 and m["latency_ms"] > 0 for m in sent)


def test_rows_weigh_what_their_class_does(job):
    run_trial(job(SPY, class_weights=[0.5, 1.5]), lambda message: None)
    for data in SEEN:
        assert np.array_equal(data.weight, np.where(data.y == 1, np.float32(1.5), np.float32(0.5))) and len(data.weight_stop) == len(data.y_stop)
