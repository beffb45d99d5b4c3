"""AutoMLClassifier: scikit-learn's own checks, and what a table with names, text and gaps needs beyond them."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import automl
from automl import AutoMLClassifier
from automl.errors import SpecError
from automl.estimators.classifier import _texts

from ..conftest import mixed_frame


def quick(**options):
    return AutoMLClassifier(**{"time": None, "trials": 1, "families": ["decision_tree"], "in_process": True, **options})


def numbers(n=80, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    return x, np.where(x[:, 0] + rng.normal(size=n) * 0.2 > 0, "up", "down")


@pytest.mark.slow
@parametrize_with_checks([quick()])
def test_it_passes_scikit_learns_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


def test_it_learns_a_table_with_names_text_categories_and_gaps():
    frame = mixed_frame(200)
    frame["colour"] = frame["colour"].astype("category")
    x, y = frame.drop(columns="kept"), frame["kept"]
    model = quick(families=["logistic_regression"]).fit(x, y)
    assert model.score(x, y) > 0.8 and model.classes_.tolist() == ["no", "yes"]
    assert model.feature_names_in_.tolist() == list(x.columns) and model.n_features_in_ == 4
    assert np.array_equal(model.predict_proba(x.astype({"colour": object})), model.predict_proba(x))
    with pytest.raises(ValueError, match="feature names"):
        model.predict(x.rename(columns={"size": "sise"}))
    assert model.evaluation_["score_rows"] == "out_of_fold" and len(model.leaderboard_) == 2 and not hasattr(model, "run_")


@pytest.mark.parametrize("labels", [[3, 7], [True, False], ["NA", "none"], [0.5, 1.5], ["007", "7"], ["a b", " a"], [-1, 1], ["<b>", "\n"]])
def test_any_two_labels_come_back_as_they_were(labels):
    x, y = numbers(60)
    own = np.where(y == "up", *[np.array(labels)[i] for i in (0, 1)]) if not isinstance(labels[0], float) else np.where(y == "up", *map(str, labels))
    model = quick().fit(x, own)
    assert set(model.predict(x).tolist()) <= set(own.tolist()) and model.predict(x).dtype == own.dtype
    assert (model.predict(x) == own).mean() > 0.85
    assert np.array_equal(model.classes_[model.predict_proba(x).argmax(axis=1)], model.predict(x))


def test_labels_that_would_not_read_back_are_numbered():
    assert _texts(np.array([1, 2])) == ["1", "2"] and _texts(np.array(["a", "b c"])) == ["a", "b c"]
    for odd in ([1.5, 2.0], ["a", " a"], ["NaN", "x"], ["007", "7"], ["", "x"]):
        assert _texts(np.array(odd)) == ["class 0", "class 1"]


def test_a_pickle_has_the_model_and_no_training_data():
    x, y = numbers(80)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(name=[f"person{i} lives here" for i in range(80)])
    model = quick(spec={"features": {"text": {"encode": "length"}}}).fit(frame, y)
    content = pickle.dumps(model)
    assert b"person7 " not in content and x.tobytes()[:64] not in content
    again = pickle.loads(content)
    assert np.array_equal(again.predict_proba(frame), model.predict_proba(frame)) and again.classes_.tolist() == model.classes_.tolist()
    assert pickle.loads(pickle.dumps(quick())).get_params() == quick().get_params()


def test_it_works_in_a_pipeline_and_under_cross_validation():
    x, y = numbers(90)
    assert cross_val_score(make_pipeline(StandardScaler(), quick()), x, y, cv=3).mean() > 0.8
    groups = np.repeat(np.arange(30), 3)
    assert cross_val_score(quick(), x, y, cv=GroupKFold(3), groups=groups, scoring="roc_auc").mean() > 0.8


def test_of_few_rows_the_order_does_not_matter_and_whole_weights_are_so_many_rows():
    x, y = numbers(60)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(kind=np.where(np.arange(60) % 3 == 0, "odd", None))
    weight, shuffled = np.arange(60) % 4, np.random.default_rng(0).permutation(60)
    by_weight = quick().fit(frame.iloc[shuffled], y[shuffled], sample_weight=weight[shuffled])
    rows = np.repeat(np.arange(60), weight)
    by_rows = quick().fit(frame.iloc[rows], y[rows])
    assert np.array_equal(by_weight.predict_proba(frame), by_rows.predict_proba(frame)) and by_rows.evaluation_["weighted"] is None
    groups = np.arange(60) // 6
    grouped = quick().fit(frame, y, sample_weight=weight, groups=groups)
    assert np.array_equal(grouped.predict_proba(frame), quick().fit(frame.iloc[rows], y[rows], groups=groups[rows]).predict_proba(frame))


def test_weights_and_groups_reach_the_engine():
    x, y = numbers(120)
    wrong = np.random.default_rng(1).random(120) < 0.5
    spoilt = np.where(wrong, np.where(y == "up", "down", "up"), y)
    model = quick(trials=2).fit(x, spoilt, sample_weight=np.where(wrong, 0.0, 3.5))
    assert (model.predict(x) == y).mean() > 0.85 > (quick(trials=2).fit(x, spoilt).predict(x) == y).mean()
    assert model.evaluation_["weighted"]["without"] == pytest.approx(wrong.mean())
    model = quick().fit(x, y, groups=np.repeat(np.arange(40), 3))
    assert model.evaluation_["n_units"] == 40
    with pytest.raises(ValueError, match="only one class"):
        quick().fit(x, y, sample_weight=(y == "up").astype(float))
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        quick().fit(x, y, sample_weight=np.full(120, -1.0))


def test_metadata_can_be_routed():
    with sklearn.config_context(enable_metadata_routing=True):
        request = quick().set_fit_request(sample_weight=True, groups=True).get_metadata_routing()
    assert {"sample_weight", "groups"} <= set(request.fit.requests)


def test_a_spec_brings_further_sections_and_parameters_the_rest():
    x, y = numbers(60)
    model = quick(spec={"models": {"space": {"decision_tree": {"max_depth": 3}}}}, metric="neg_log_loss").fit(x, y)
    assert model.evaluation_["metric"] == "log_loss"
    assert quick(spec="ensemble: {method: none}\nseed: 4\n").fit(x, y).evaluation_["metric"] == "roc_auc"
    with pytest.raises(SpecError, match="decision_tre"):
        quick(families=["decision_tre"]).fit(x, y)
    with pytest.raises(SpecError, match="no mapping"):
        quick(spec="- a\n- b\n").fit(x, y)
    assert clone(quick(spec={"seed": 1})).spec == {"seed": 1}


def test_few_rows_count_several_times_and_copies_stay_together():
    x, y = numbers(9)
    y = np.array(["a", "b"] * 4 + ["a"])
    model = quick().fit(x, y)
    assert model.evaluation_["n_units"] == 9 and model.predict(x).shape == (9,)


def test_a_folder_keeps_the_run_with_its_report(tmp_path):
    x, y = numbers(60)
    model = quick(out=tmp_path / "run").fit(x, y)
    assert model.run_.report.is_file() and np.array_equal(
        automl.load(tmp_path / "run").predict_proba(pd.DataFrame(x, columns=["x0", "x1", "x2"])).argmax(1), model.predict_proba(x).argmax(1)
    )


def test_in_this_process_and_in_others_the_model_is_the_same():
    x, y = numbers(80)
    here, there = (quick(trials=2, in_process=own).fit(x, y) for own in (True, False))
    assert np.array_equal(here.predict_proba(x), there.predict_proba(x)) and here.evaluation_["score"] == there.evaluation_["score"]


@pytest.mark.parametrize(("y", "words"), [(np.zeros(60, int), "one class"), (np.random.default_rng(0).random(60), "continuous")])
def test_what_cannot_be_classified_is_refused(y, words):
    with pytest.raises(ValueError, match=words):
        quick().fit(numbers(60)[0], y)
