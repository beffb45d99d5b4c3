"""What a winner is compared with: libraries as they come, and a constant, on the rows and folds of the search."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.families.base import Context
from automl.metrics import METRICS
from automl.search.references import CONSTANT, ROUNDS, constant_outputs, constant_trial, references
from automl.search.study import Trial
from automl.search.workers.trial import run_trial
from automl.vocabulary import State

from ..toys import toy_plan, toy_store


def test_libraries_come_with_their_own_defaults_whatever_competes():
    found = {r.family: r for r in references(toy_plan())}
    assert "xgboost" in found and set(found) <= {"xgboost", "hist_gradient_boosting"}
    assert all(r.rounds == ROUNDS and "own defaults" in r.words and FAMILIES.locator("classification", r.family) == r.locator for r in found.values())


def test_xgboost_is_as_its_own_interface_makes_it(tmp_path):
    """The same trees as XGBClassifier() on the same matrix: no row is held back, and nothing stops early."""
    xgboost = pytest.importorskip("xgboost")
    plan, store = toy_plan(), toy_store(tmp_path / "store", 400)
    found = next(r for r in references(plan) if r.family == "xgboost")
    family = FAMILIES.get("classification", "xgboost")
    packets = []
    job = {
        "family": found.locator, "store": str(store.folder), "context": plan.context(found.candidate(), 1, found.rounds), "metric": "log_loss", "positive": 1,
    }  # fmt: skip
    run_trial(job, {"params": found.params, "folder": str(tmp_path), "deadline": None}, packets.append, lambda: {"go": True})
    learn, valid = store.folds[0]
    _, x, x_score = store.features(family.needs, 0)
    theirs = xgboost.XGBClassifier(n_jobs=1, base_score=float(store.y[learn].mean())).fit(x, store.y[learn]).predict_proba(x_score)
    ours = np.load(tmp_path / "out_of_fold.npy")[: len(valid)]
    assert np.abs(ours - theirs).max() < 1e-4 and packets[0]["rounds"] == ROUNDS


def test_a_library_that_is_not_there_is_left_out(monkeypatch):
    monkeypatch.setattr("automl.search.references.find_spec", lambda package: None)
    assert references(toy_plan()) == [r for r in references(toy_plan()) if not FAMILIES.get("classification", r.family).requires]


def test_a_reference_may_be_of_a_family_that_does_not_compete():
    plan = toy_plan()
    found = next(r for r in references(plan) if r.family == "xgboost")
    context = Context(**plan.context(found.candidate(), 1, found.rounds))
    assert context.rounds == ROUNDS and context.device == "cpu"


@pytest.mark.parametrize(("metric", "score"), [("roc_auc", 0.5), ("log_loss", None)])
def test_the_constant_answers_with_the_shares_of_the_learning_rows(tmp_path, metric, score):
    plan, store = toy_plan(metric=metric), toy_store(tmp_path / "store")
    trial = constant_trial(plan, store)
    assert (trial.number, trial.family, trial.state, trial.reference) == (CONSTANT, "baseline", State.OK, True)
    expected = []
    for (learn, valid), output in zip(store.folds, constant_outputs(plan, store), strict=True):
        share = np.bincount(store.y[learn], minlength=2) / len(learn)
        assert np.allclose(output, share) and output.shape == (len(valid), 2)
        expected.append(METRICS.get("classification", metric).score(store.y[valid], output.astype(float), 1))
    assert trial.fold_scores == pytest.approx(expected) and trial.score == pytest.approx(np.mean(expected) if score is None else score)
    assert Trial.from_record(trial.record()) == trial


def test_pooled_the_constant_is_scored_on_all_predictions_at_once(tmp_path):
    plan, store = toy_plan(metric="log_loss", pooled=True), toy_store(tmp_path / "store")
    trial = constant_trial(plan, store)
    y = store.y[np.concatenate([valid for _, valid in store.folds])]
    whole = METRICS.get("classification", "log_loss").score(y, np.concatenate(list(constant_outputs(plan, store))).astype(float), 1)
    assert trial.fold_scores == (None, None) and trial.score == pytest.approx(whole)
