from automl.report.alternatives import MOST, alternatives

PLAN = {"task": "classification"}


def _trial(number, family, score, size=1000, latency=1.0, **more):
    return {"number": number, "family": family, "state": "ok", "score": score, "size_bytes": size, "latency_ms": latency, "reference": False, **more}


def _evaluation(members=(1,), precision="int8", **more):
    ladder = [{"precision": p, "chosen": p == precision, "size_bytes": s, "batch1_p50_ms": 0.5} for p, s in (("float32", 4000), ("int8", 1000))]
    weights = [{"family": "xgboost", "trial": n, "weight": 1 / len(members)} for n in members]
    return {
        "metric": "roc_auc", "greater_is_better": True, "members": weights, "trial": members[0] if len(members) == 1 else None, "baseline_score": 0.5,
        "family": "xgboost" if len(members) == 1 else "ensemble", "interval": [0.88, 0.92], "chosen_precision": precision, "precision_ladder": ladder, **more,
    }  # fmt: skip


def test_what_ships_comes_first_and_a_plain_model_is_offered_with_what_it_gives_up():
    trials = [_trial(1, "xgboost", 0.9), _trial(2, "logistic_regression", 0.85)]
    first, plain, whole = alternatives(_evaluation(), {"trials": trials}, PLAN)
    assert first["why"] == "the score counts most" and "1.0 kB" in first["cost"] and not first["paste"]
    assert (
        plain["model"] == "logistic regression, trial 2"
        and "−0.0500 against what ships" in plain["cost"]
        and plain["paste"] == "constraints: {interpretable: require}"
    )
    assert whole["paste"] == "quantize: float32" and "4.0 kB rather than 1.0 kB" in whole["cost"]


def test_of_an_ensemble_the_best_alone_is_offered():
    trials = [_trial(1, "xgboost", 0.9), _trial(2, "xgboost", 0.89)]
    found = alternatives(_evaluation((1, 2), ensemble={"score": 0.91}), {"trials": trials}, PLAN)
    assert "ensemble of 2 models" in found[0]["model"] and found[1]["paste"] == "ensemble: {method: none}" and "−0.0100" in found[1]["cost"]


def test_a_cheaper_model_is_offered_only_within_noise_and_much_cheaper_and_one_card_has_all_its_reasons():
    near = _trial(2, "random_forest", 0.89, size=10, latency=0.1)
    far, alike = _trial(3, "mlp", 0.6, size=1, latency=0.01), _trial(4, "mlp", 0.89, size=900, latency=0.9)
    cards = alternatives(_evaluation(precision="float32"), {"trials": [_trial(1, "xgboost", 0.9), near, far, alike]}, PLAN)
    assert [c["model"] for c in cards[1:]] == ["random forest, trial 2"]
    assert cards[1]["why"] == "answers must be quicker, or the model must be smaller" and cards[1]["cost"].count("rather than") == 2


def test_references_and_failures_are_no_alternatives_and_nothing_is_said_of_a_baseline():
    trials = [_trial(1, "xgboost", 0.9), _trial(2, "logistic_regression", 0.89, reference=True), _trial(3, "logistic_regression", None) | {"state": "error"}]
    assert len(alternatives(_evaluation(precision="float32"), {"trials": trials}, PLAN)) == 1
    assert alternatives(_evaluation() | {"members": [], "trial": None}, {"trials": []}, PLAN) == []


def test_there_are_never_many():
    trials = [_trial(i, name, 0.9, size=10 ** (5 - i), latency=10.0 ** (3 - i)) for i, name in enumerate(("xgboost", "mlp", "knn", "logistic_regression"), 1)]
    assert len(alternatives(_evaluation((1, 2), ensemble={"score": 0.9}), {"trials": trials}, PLAN)) <= MOST
