import json
import time

import numpy as np
import pytest

from automl.artifact.pack import pack
from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.evaluate.evaluate import _seconds_for_timing, choose, evaluate
from automl.families.base import Context
from automl.families.classifiers.logistic_regression import FAMILY
from automl.finalize.candidate import Candidate, FoldModel
from automl.finalize.refit import baseline_candidate
from automl.inference.decision import Decision
from automl.inference.forms import Form
from automl.metrics import METRICS
from automl.quantize.ladder import judge, out_of_fold, rungs
from automl.rundir import write_json
from automl.search.budget import Budget
from automl.search.workers.fitting import fit as fit_one
from automl.testing.contract import FIELDS, sample

from ..toys import toy_plan, toy_store

DROPS = {"float32": (0.0, 0.0), "float16": (0.001, 0.002), "int8": (0.003, 0.004)}


def _rungs(**drops):
    forms = Form("features", {"steps": []}), Form("linear", {"n_outputs": 2})
    return [Candidate("f", p, "", *forms, (), 1, {}, *v) for p, v in (DROPS | drops).items()]


SIZES, SPEEDS = (1000, 500, 300), (50.0, 90.0, 70.0)


@pytest.mark.parametrize(("prefer", "chosen"), [("smallest", "int8"), ("fastest", "float16"), ("most_accurate", "float32")])
def test_the_rung_that_ships_is_the_one_preferred(prefer, chosen):
    assert list(DROPS)[choose(_rungs(), SIZES, SPEEDS, toy_plan(prefer=prefer))] == chosen


@pytest.mark.parametrize(("max_drop", "chosen"), [(0.005, "int8"), (0.004, "int8"), (0.0039, "float16"), (0.001, "float32"), (0.0, "float32")])
def test_no_rung_ships_that_may_lose_more_than_was_allowed(max_drop, chosen):
    """The upper end of the loss decides, not its middle."""
    assert list(DROPS)[choose(_rungs(), SIZES, SPEEDS, toy_plan(max_drop=max_drop))] == chosen


def test_a_rung_that_was_not_asked_for_does_not_ship():
    assert choose(_rungs(), SIZES, SPEEDS, toy_plan(precisions=("float16",))) == 1
    assert choose(_rungs(int8=(0.5, 0.6)), SIZES, SPEEDS, toy_plan(precisions=("int8",))) == 0


def test_what_was_not_judged_stays_wide():
    unjudged = {"float16": (None, None), "int8": (None, None)}
    assert choose(_rungs(**unjudged), SIZES, SPEEDS, toy_plan(max_drop=1.0)) == 0


def test_a_rung_that_gains_is_the_most_accurate_and_ties_go_to_the_smaller():
    assert choose(_rungs(int8=(-0.01, 0.0)), SIZES, SPEEDS, toy_plan(prefer="most_accurate")) == 2
    assert choose(_rungs(int8=(0.0, 0.0)), SIZES, SPEEDS, toy_plan(prefer="most_accurate")) == 2


def test_timing_takes_a_hundredth_of_the_budget_at_most():
    assert _seconds_for_timing(Budget(0, 20)) == pytest.approx(0.2)
    assert _seconds_for_timing(Budget(0, 1e5)) == 3 == _seconds_for_timing(Budget(0, None))


@pytest.fixture
def evaluated(tmp_path):
    """Return a function that fits, packs and evaluates a linear model on the toy store; its last tenth is the holdout."""
    store = toy_store(tmp_path / "store", 200)

    def make(holdout=True, folds=True, y=None, scored=None, units=None, decision=None, **changes):
        plan = toy_plan(**changes)
        table, codes = sample(200)
        codes = codes if y is None else y
        rows = np.arange(180, 200) if holdout else np.arange(0)
        split = Split(store.train, rows, scored or store.folds, (), units=units)
        dataset = Dataset(table, FIELDS, (), "kept", ("no", "yes"), 1, codes, np.arange(1, 201), "toys", "", ())
        context = Context("classification", 180, 4, 2, text=True)

        def fit(fold):
            features, x, x_score = store.features(FAMILY.needs, fold)
            learn, score = store.rows(fold)
            return features, FAMILY.export(fit_one(FAMILY, {}, {"C": 1.0}, context, x, store.y[learn], float("inf")), context), x_score, store.y[score]

        features, model, _, _ = fit(None)
        kept = tuple(FoldModel(k, *fit(k)[1:]) for k in (0, 1)) if folds else ()
        facts = {"made_by": "a fit", "parity": 0.0, "library_bytes": None, "form_rows_per_second": 300.0, "library_rows_per_second": 100.0}
        first = Candidate("linear", "float32", "as trained", features, model, kept, 1, facts, decision=decision or Decision())
        candidates = judge(rungs(first, {"linear": "linear"}, plan.precisions), METRICS.get("classification", plan.metric), 1, 0)
        make.candidates = candidates
        folders = [tmp_path / c.precision for c in candidates]
        for folder, candidate in zip(folders, candidates, strict=True):
            pack(
                folder,
                candidate,
                FIELDS,
                {"task": "classification", "target": "kept", "classes": ["no", "yes"], "positive_class": "yes", "metric": plan.metric},
            )
        return evaluate(plan, dataset, split, candidates, folders, baseline_candidate(plan, store), Budget(time.monotonic(), 10.0))

    make.store = store
    return make


def test_the_score_is_that_of_the_packed_rung_on_the_holdout(evaluated):
    found, chosen = evaluated()
    predictions = found.pop("_predictions")
    y = evaluated.store.y[180:]
    assert found["score_rows"] == "holdout" and found["n_scored"] == 20 and predictions["row"].tolist() == list(range(181, 201))
    assert found["score"] == METRICS.get("classification", "roc_auc").score(y, predictions["proba"], 1) == found["precision_ladder"][chosen]["score"]
    assert found["baseline_score"] == 0.5 < found["score"] and set(predictions["fold"]) == {-1}
    assert found["interval"][0] <= found["score"] <= found["interval"][1]
    json.dumps(found, allow_nan=False)


def test_the_ladder_tells_of_every_rung_and_marks_one(evaluated):
    found, chosen = evaluated()
    ladder = found["precision_ladder"]
    assert [r["precision"] for r in ladder] == ["float32", "float16", "int8"]
    assert [r["chosen"] for r in ladder] == [i == chosen for i in range(3)] and found["chosen_precision"] == ladder[chosen]["precision"]
    assert ladder[0]["drop"] == 0 and ladder[0]["runtime_ratio"] == 1 and ladder[0]["library_ratio"] == pytest.approx(3.0)
    assert [r["library_ratio"] / r["runtime_ratio"] for r in ladder] == pytest.approx([3.0] * 3)
    assert ladder[0]["model_bytes"] > ladder[1]["model_bytes"] and ladder[0]["agreement"] == 1 and ladder[0]["model_share_of_float32"] == 1


def test_without_a_holdout_each_row_is_scored_by_the_model_that_did_not_see_it(evaluated):
    found, _ = evaluated(holdout=False)
    predictions = found["_predictions"]
    assert found["score_rows"] == "out_of_fold" and sorted(predictions["row"]) == list(range(1, 181))
    for fold in (0, 1):
        assert set(predictions["row"][predictions["fold"] == fold] - 1) == set(evaluated.store.folds[fold][1])
    assert np.array_equal(predictions["y"], evaluated.store.y[predictions["row"] - 1])


def test_a_row_that_several_folds_scored_counts_once_with_its_mean(evaluated):
    """Both folds are scored on the first 90 rows, and the rest on none."""
    valid = np.arange(90)
    scored = tuple((np.setdiff1d(learn, valid), valid) for learn, _ in evaluated.store.folds)
    found, chosen = evaluated(holdout=False, scored=scored)
    predictions = found["_predictions"]
    assert found["score_rows"] == "out_of_fold" and found["n_scored"] == 90 and predictions["row"].tolist() == list(range(1, 91))
    assert set(predictions["fold"]) == {0} and np.sum(found["confusion"]) == 90
    expected = np.mean(np.split(out_of_fold(evaluated.candidates[chosen]).astype(float), 2), axis=0)
    assert np.allclose(predictions["proba"], expected)


def test_the_interval_is_over_units_and_says_over_how_many(evaluated):
    single, _ = evaluated()
    found, _ = evaluated(units=np.arange(200) // 4)
    assert (single["n_units"], found["n_units"], found["n_scored"]) == (20, 5, 20) and found["score"] == single["score"]
    assert single["_predictions"]["unit"] is None and found["_predictions"]["unit"].tolist() == (np.arange(180, 200) // 4).tolist()


def test_with_nothing_else_to_score_on_the_training_rows_say_that_they_are(evaluated):
    found, chosen = evaluated(holdout=False, folds=False)
    assert found["score_rows"] == "training" and found["n_scored"] == 180 and chosen == 0


def test_other_metrics_are_told_beside(evaluated):
    found, _ = evaluated(metric="log_loss", greater_is_better=False, also_report=("roc_auc", "f1"))
    assert set(found["also"]) == {"roc_auc", "f1"} and found["score"] < found["baseline_score"] and not found["greater_is_better"]
    low, high = found["also_intervals"]["f1"]
    assert set(found["also_intervals"]) == {"roc_auc", "f1"} and low <= found["also"]["f1"] <= high
    assert found["positive_class"] == "yes" and np.sum(found["confusion"]) == 20


def test_a_holdout_without_the_rare_class_can_still_be_written(evaluated, tmp_path):
    """ROC AUC is not defined there; the run must end with what can be said, not with an error of JSON."""
    y = evaluated.store.y.copy()
    y[180:] = 0
    found, _ = evaluated(y=y)
    del found["_predictions"]
    write_json(tmp_path / "evaluation.json", found)


@pytest.mark.parametrize("holdout", [True, False])
def test_labels_are_those_of_the_decision_everywhere(evaluated, holdout):
    """At a threshold of 0.9 the positive answers are few, in the confusion, the predictions and the metrics of labels alike."""
    plain, _ = evaluated(holdout, metric="recall", also_report=("accuracy", "log_loss"))
    found, chosen = evaluated(holdout, metric="recall", also_report=("accuracy", "log_loss"), decision=Decision(threshold=0.9))
    predictions = found["_predictions"]
    y, codes = predictions["y"], predictions["codes"]
    assert np.array_equal(codes, predictions["proba"][:, 1] > 0.9) and 0 < codes.sum() < (predictions["proba"][:, 1] > 0.5).sum()
    assert found["confusion"] == [[int(((y == a) & (codes == b)).sum()) for b in (0, 1)] for a in (0, 1)]
    assert found["score"] == pytest.approx(codes[y == 1].mean()) == found["precision_ladder"][chosen]["score"] and found["score"] < plain["score"]
    assert found["also"]["accuracy"] == pytest.approx((codes == y).mean()) and found["also"]["log_loss"] == pytest.approx(plain["also"]["log_loss"], rel=0.01)
    assert found["interval"][0] <= found["score"] <= found["interval"][1] and found["per_class"][1]["recall"] == pytest.approx(found["score"])
    assert found["baseline_score"] == plain["baseline_score"]


@pytest.mark.parametrize("holdout", [True, False])
def test_probabilities_are_calibrated_wherever_they_are_judged(evaluated, holdout):
    terms = {"metric": "log_loss", "greater_is_better": False, "max_drop": 1.0}
    plain, _ = evaluated(holdout, **terms)
    found, _ = evaluated(holdout, **terms, decision=Decision(temperature=3.0))
    assert np.allclose(found["_predictions"]["proba"], Decision(temperature=3.0).calibrate(plain["_predictions"]["proba"]), atol=1e-5)
    assert found["score"] != plain["score"] and found["decision"]["reliability"] != plain["decision"]["reliability"]
