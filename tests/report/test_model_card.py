from automl.report.model_card import card, cost_of

EVALUATION = {
    "metric": "roc_auc", "score": 0.9, "n_scored": 100, "family": "xgboost", "chosen_precision": "int8", "model_made_by": "a fit on all training rows",
    "confusion": [[60, 10], [30, 0]], "per_class": [{"label": "no", "rows": 70}, {"label": "yes", "rows": 30}], "holds_training_rows": False,
}  # fmt: skip
PROFILE = {"target": "kept", "training_rows": 400, "holdout_rows": 100, "source": "a.csv", "columns": [1, 2], "findings": []}
TRUST = {"light": "amber", "reasons": ["few rows"]}


def _card(evaluation=EVALUATION, profile=PROFILE, plan=None, description="", uses=None):
    return {row["name"]: " ".join(row["sentences"]) for row in card(evaluation, profile, plan or {"costs": []}, {"description": description}, uses, TRUST)}


def test_what_nobody_wrote_down_is_asked_for():
    assert "`description:`" in _card()["Intended use"] and "Who leaves?" in _card(description="Who leaves?")["Intended use"]
    assert (
        "does not say what an error costs" in _card()["Cost of errors"]
        and "cheapest in expectation" in _card(plan={"costs": [[0, 1], [5, 0]]})["Cost of errors"]
    )


def test_errors_and_classes_never_answered_are_counted():
    found = _card(EVALUATION | {"confusion": [[70, 0], [30, 0]]})
    assert "30 of 30 rows of “yes” (100 %)" in found["Cost of errors"] and "never answered “yes”" in found["Weak spots"]
    assert "10 of 70 rows of “no” (14 %)" in _card()["Cost of errors"] and "never" not in _card()["Weak spots"]
    assert "No group" in _card(EVALUATION | {"confusion": None})["Weak spots"]


def test_personal_columns_and_kept_rows_are_named():
    found = _card(EVALUATION | {"holds_training_rows": True}, PROFILE | {"findings": [{"check": "personal_data", "column": "mail"}]})
    assert "mail" in found["Personal data"] and "keeps training rows" in found["Personal data"]


def test_the_weakest_groups_are_named():
    worst = [{"column": "age", "group": "above 60", "rows": "50"}]
    assert "age is above 60 (50 rows)" in _card(uses={"slices": {"worst": worst}})["Weak spots"]


def test_the_cost_counts_cpu_by_threads_and_gpu_apart():
    trials = [{"seconds": 10.0, "device": "cpu", "peak_memory_mb": 200}, {"seconds": 4.0, "device": "cuda", "peak_memory_mb": 900}]
    found = {c["name"]: c["value"] for c in cost_of({"trials": trials}, {"threads_per_trial": 2, "workers": 3}, 60.0)}
    assert found == {
        "on the clock": "60 s" if "60 s" in found.values() else "1 min",
        "CPU in trials": "20 s",
        "GPU in trials": "4.0 s" if "4.0 s" in found.values() else "4 s",
        "largest trial": "900 MB",
    }
