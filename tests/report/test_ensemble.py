"""What the ensemble bought, as the report says it."""

from automl.report.ensemble import ensemble_words
from automl.report.verdict import verdict

FOUND = {"score": 0.9, "single_score": 0.88, "gain": 0.02, "interval": [0.01, 0.03], "single": 4, "considered": 12, "log_loss_gain": 0.01}
EVALUATION = {
    "metric": "roc_auc", "family": "ensemble", "ensemble": FOUND, "members": [{"family": "xgboost", "trial": 4, "weight": 0.75}, {"family": "lda", "trial": 2, "weight": 0.25}],
    "precision_ladder": [{"chosen": True, "rows_per_second": 12345.6, "batch1_p50_ms": 1.25, "batch1_p95_ms": 2.0, "size_bytes": 2000, "precision": "int8"}],
}  # fmt: skip


def said(**changes):
    return ensemble_words({**EVALUATION, "ensemble": {**FOUND, **changes}})


def test_one_model_needs_no_section():
    assert ensemble_words({**EVALUATION, "ensemble": None}) is None and ensemble_words({}) is None


def test_the_gain_stands_beside_what_it_is_over_and_how_sure_it_is():
    found = said()
    assert "0.9000" in found["bought"] and "trial 4" in found["bought"] and "+0.0200" in found["bought"] and "clear of chance" in found["bought"]
    assert "2 models" in found["how"] and "12 trials" in found["how"] and "12,346 rows per second" in found["price"]
    assert [m["name"] for m in found["members"]] == ["XGBoost", "LDA"]


def test_a_gain_that_may_be_chance_is_called_so_and_the_way_out_is_named():
    found = said(interval=[-0.01, 0.03])
    assert "may be chance" in found["bought"] and "ensemble: {method: none}" in found["bought"]
    assert "no time" in said(interval=None)["bought"]
    worse = said(gain=-0.01, interval=[-0.03, 0.01], log_loss_gain=-0.001)["bought"]
    assert "no better" in worse and "other tables" in worse


def test_the_verdict_names_the_members():
    evaluation = {
        **EVALUATION, "score": 0.9, "interval": [0.85, 0.95], "n_scored": 300, "score_rows": "holdout", "baseline_score": 0.5, "greater_is_better": True,
        "budget": {"used_seconds": 9.0, "asked_seconds": None},
    }  # fmt: skip
    sentence = verdict(evaluation, {"target": "y"}, {"by_user": "", "counts": {"complete": 3}})["sentence"]
    assert sentence.startswith("An ensemble of 2 models (XGBoost, LDA) reaches")


def test_a_model_that_was_to_learn_from_an_ensemble_that_there_is_not_is_told_of():
    none = {"members": 0, "ensemble_score": None, "why_not": "one is as good", "trial": None, "score": None}
    found = ensemble_words({**EVALUATION, "ensemble": None, "distilled": none})
    assert found["members"] == [] and "`ensemble.distill: always`" in found["learned"] and found["learned"].endswith("There is none: one is as good.")
