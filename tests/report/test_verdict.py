import pytest

from automl.report.verdict import FEW_ROWS, next_steps, scored_rows, trust, verdict


def _trial(number=1, score=0.9, state="ok", started=1.0, seconds=2.0):
    return {"number": number, "score": score, "state": state, "started": started, "seconds": seconds}


def _evaluation(**changes):
    rung = {"precision": "int8", "size_bytes": 41_000, "batch1_p50_ms": 0.42, "batch1_p95_ms": 0.5, "rows_per_second": 1e4, "chosen": True}
    return {
        "metric": "roc_auc", "greater_is_better": True, "score": 0.9, "interval": [0.85, 0.95], "score_rows": "holdout", "n_scored": 1000,
        "baseline_score": 0.5, "family": "xgboost", "trial": 1, "model_made_by": "a fit on all training rows", "precision_ladder": [rung],
        "budget": {"asked_seconds": 600.0, "used_seconds": 580.0},
    } | changes  # fmt: skip


def _study(trials=None, failed=0, by_user=""):
    trials = [_trial()] if trials is None else trials
    return {"trials": trials, "counts": {"failed": failed, "complete": sum(t["state"] == "ok" for t in trials)}, "by_user": by_user}


def test_green_when_nothing_speaks_against_it():
    found = trust(_evaluation(), _study())
    assert found["light"] == "green" and len(found["reasons"]) == 3 and "inside" in found["reasons"][2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"score_rows": "out_of_fold"}, "out of fold"),
        ({"n_scored": FEW_ROWS - 1}, "only 199 rows"),
        ({"n_units": 7}, "only 7 groups"),
        ({"interval": [0.6, 0.7]}, "outside the interval"),
        ({"model_made_by": "the model of fold 2: the fit on all training rows did not end in time"}, "fold 2"),
    ],
)
def test_amber_for_what_a_reader_should_know(changes, words):
    found = trust(_evaluation(**changes), _study())
    assert found["light"] == "amber" and words in found["reasons"][0]


def test_an_interval_without_width_is_no_certainty():
    found = trust(_evaluation(score=1.0, interval=[1.0, 1.0]), _study([_trial(score=1.0)]))
    assert found["light"] == "amber" and "no width" in found["reasons"][0]


def test_cross_validation_is_that_of_what_is_shipped():
    """A threshold chosen out of fold moves the score far from that of the trial, which took the most probable class."""
    found = trust(_evaluation(score=0.21, interval=[0.15, 0.27], baseline_score=0.0, decision={"folds": 0.2}), _study([_trial(score=0.0)]))
    assert found["light"] == "green" and "0.200, inside" in found["reasons"][2]


def _finding(check, mode="warn", change=None, **evidence):
    return {"check": check, "column": "when", "mode": mode, "evidence": evidence, "effect": change and {"change": change}}


@pytest.mark.parametrize(
    ("finding", "light"),
    [
        (_finding("drift", roc_auc=0.8), "amber"), (_finding("time_leak"), "amber"), (_finding("group_leak"), "amber"), (_finding("group_leak", "fix"), "green"),
        (_finding("target_leakage", change=-0.2), "red"), (_finding("target_leakage", change=-0.01), "green"), (_finding("label_noise"), "green"),
        (_finding("split_overlap", share=0.3, share_by_chance=0.01), "red"), (_finding("split_overlap", share=0.3, share_by_chance=0.29), "green"),
    ],
)  # fmt: skip
def test_doubts_that_the_look_at_the_data_left_are_told(finding, light):
    found = trust(_evaluation(), _study(), [finding])
    assert found["light"] == light
    if light != "green":
        assert any("`when`" in r or "when" in r or "30%" in r for r in found["reasons"])


def test_a_comparison_that_was_left_out_for_want_of_time_is_a_light_doubt():
    found = trust(_evaluation(), _study(), [_finding("split_overlap")])
    assert found["light"] == "amber" and any("time" in reason for reason in found["reasons"])


def test_amber_when_more_trials_failed_than_completed():
    faults = [_trial(number=n, state="error", score=None) for n in (5, 6)]
    assert trust(_evaluation(), _study([_trial(), faults[0]]))["light"] == "green"
    found = trust(_evaluation(), _study([_trial(), *faults]))
    assert found["light"] == "amber" and found["reasons"][0] == "2 trials failed and 1 completed"
    late = [_trial(number=n, state="timeout", score=None) for n in (5, 6)]
    assert trust(_evaluation(), _study([_trial(), *late]))["light"] == "green"


@pytest.mark.parametrize(("repeated", "light"), [(0.0, "green"), (0.2, "amber"), (0.9, "red")])
def test_scored_rows_that_repeat_training_rows_are_no_proof(repeated, light):
    assert trust(_evaluation(repeated_inputs=repeated), _study())["light"] == light


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family": "baseline", "trial": None, "score": 0.5, "interval": [0.5, 0.5]}, "constant baseline"),
        ({"interval": [0.5, 0.95]}, "reaches the baseline"),
        ({"score_rows": "training"}, "training rows"),
    ],
)
def test_red_when_the_score_proves_nothing(changes, words):
    found = trust(_evaluation(**changes), _study())
    assert found["light"] == "red" and words in found["reasons"][0]


def test_the_gravest_reason_comes_first_and_there_are_four_at_most():
    changes = {"interval": [0.4, 0.6], "score_rows": "out_of_fold", "n_scored": 10, "model_made_by": "the model of fold 1"}
    found = trust(_evaluation(**changes), _study(failed=9))
    assert found["light"] == "red" and len(found["reasons"]) == 4 and "baseline" in found["reasons"][0]


@pytest.mark.parametrize(("won", "greater", "light"), [(0.99, True, "amber"), (0.7, True, "amber"), (0.7, False, "amber"), (0.92, True, "green")])
def test_a_search_that_disagrees_with_the_scored_rows_is_held_against_them(won, greater, light):
    """On the better side the search promised too much; on the worse side the scored rows may be copies of training rows."""
    found = trust(_evaluation(greater_is_better=greater, baseline_score=0.5 if greater else 1.5), _study([_trial(score=won)]))
    assert found["light"] == light and any(("inside" if light == "green" else "outside") + " the interval" in r for r in found["reasons"])


def test_less_is_better_turns_the_comparison_with_the_baseline_round():
    assert trust(_evaluation(greater_is_better=False, baseline_score=1.2), _study())["light"] == "green"
    assert trust(_evaluation(greater_is_better=False, baseline_score=0.9), _study())["light"] == "red"


def test_the_sentence_gives_the_score_its_interval_its_rows_and_the_baseline():
    found = verdict(_evaluation(), {"target": "kept"}, _study())
    assert found["headline"] == "ROC AUC 0.900" and found["target"] == "kept" and found["stopped"] == ""
    for words in ("XGBoost", "0.900", "0.850 to 0.950", "1,000 rows", "0.500"):
        assert words in found["sentence"]
    assert all(words in found["size"] for words in ("41 kB", "int8", "0.42 ms", "9 min 40 s"))


def test_the_sentence_says_when_the_rows_were_not_kept_apart():
    assert "a little bright" in verdict(_evaluation(score_rows="out_of_fold"), {"target": "y"}, _study())["sentence"]
    assert "proves nothing" in verdict(_evaluation(score_rows="training"), {"target": "y"}, _study())["sentence"]


def test_the_baseline_is_called_what_it_is():
    found = verdict(_evaluation(family="baseline", score=0.5), {"target": "y"}, _study([], by_user="Stopped by you"))
    assert "No trial finished" in found["sentence"] and found["stopped"] == "Stopped by you"


def test_more_time_is_advised_only_when_the_best_came_late():
    plan = {"greater_is_better": True}
    late = [_trial(1, 0.8), _trial(2, 0.9, started=500.0)]
    steps = next_steps(_evaluation(), _study(late), plan)
    assert any(s["paste"] == "constraints: {time: 30m}" for s in steps)
    assert not any("constraints" in s["paste"] for s in next_steps(_evaluation(), _study(late), {"greater_is_better": False}))
    no_limit = _evaluation(budget={"asked_seconds": None, "used_seconds": 580.0})
    assert not any("constraints" in s["paste"] for s in next_steps(no_limit, _study(late), plan))


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("late", [True, False])
def test_there_are_two_or_three_steps_and_the_first_is_to_predict(few, late):
    evaluation = _evaluation(n_scored=50 if few else 1000)
    steps = next_steps(evaluation, _study([_trial(started=500.0 if late else 1.0)]), {"greater_is_better": True})
    assert 2 <= len(steps) <= 3 and steps[0]["paste"].startswith("automl predict")
    assert any("validation: {test: none}" in s["paste"] for s in steps) == few


def test_steps_without_any_trial_do_not_fail():
    assert next_steps(_evaluation(family="baseline", trial=None), _study([]), {"greater_is_better": True})


def test_references_are_neither_trials_nor_gains():
    reference = _trial(number=9, score=0.99, started=580.0) | {"reference": True}
    failed = [_trial(number=n, state="error", score=None) | {"reference": True} for n in (10, 11)]
    study = _study([_trial()]) | {"trials": [_trial(), reference, *failed]}
    assert trust(_evaluation(), study)["light"] == "green"
    assert not any("constraints" in s["paste"] for s in next_steps(_evaluation(), study, {"greater_is_better": True}))


def test_a_leak_that_permuted_labels_show_is_red():
    found = trust(_evaluation(generalisation={"permuted": {"leak": True}}), _study())
    assert found["light"] == "red" and "permuted labels" in found["reasons"][0]
    for quiet in ({"permuted": {"leak": False}}, {"permuted": {"why_not": "few"}}, {"permuted": None}, None):
        assert trust(_evaluation(generalisation=quiet), _study())["light"] == "green"


def test_the_scored_rows_are_named():
    assert "1,000 rows of the holdout" in scored_rows(_evaluation())
    assert "out of fold" in scored_rows(_evaluation(score_rows="out_of_fold"))


@pytest.mark.parametrize(("metric", "words"), [("roc_auc", "a ROC AUC of"), ("accuracy", "an accuracy of"), ("f1", "an F1 of"), ("log_loss", "a log loss of")])
def test_a_metric_has_its_article(metric, words):
    assert f"reaches {words}" in verdict(_evaluation(metric=metric), {"target": "y"}, _study())["sentence"]
