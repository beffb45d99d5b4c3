"""Will it hold: the winner on three kinds of rows, against its rivals on the same rows, and the diagnosis read."""

import json
from dataclasses import replace

import numpy as np
import pytest

from automl.evaluate.generalise import generalisation
from automl.metrics import METRICS
from automl.rundir import RunDir
from automl.search.references import constant_trial
from automl.search.study import Study
from automl.search.workers.trial import PREDICTIONS
from automl.vocabulary import State

from ..toys import toy_plan, toy_store, toy_trial

AUC = METRICS.get("classification", "roc_auc")
EVALUATION = {"trial": 1, "score": 0.8, "interval": [0.7, 0.9], "score_rows": "holdout"}


@pytest.fixture
def bench(tmp_path):
    """Return a function that compares trials whose answers know the class with some strength."""
    files = RunDir(tmp_path / "run")
    files.create()
    store = toy_store(files.store, 400)
    rng = np.random.default_rng(0)
    noise = [rng.normal(0, 1, len(valid)) for _, valid in store.folds]

    def answers(number, strength, own=0.0):
        folder = files.trial(number)
        folder.mkdir(exist_ok=True)
        margins = [strength * (2 * store.y[v] - 1) + n + own * rng.normal(0, 1, len(v)) for (_, v), n in zip(store.folds, noise, strict=True)]
        p = 1 / (1 + np.exp(-np.concatenate(margins)))
        np.save(folder / PREDICTIONS, np.stack([1 - p, p], axis=1).astype(np.float32))
        scores = tuple(AUC.score(store.y[v], np.stack([-m, m], axis=1), 1) for (_, v), m in zip(store.folds, margins, strict=True))
        return toy_trial(number, float(np.mean(scores)), fold_scores=scores, spread=0.02, train_scores=(0.95, 0.97), params={"C": float(number)})

    def run(trials, evaluation=EVALUATION, diagnosis=None, seconds=None, **plan):
        made = toy_plan(**plan)
        study = Study(made.greater_is_better, 2, trials, pooled=made.pooled)
        found = generalisation(made, study, store, files, evaluation, diagnosis, seconds)
        json.dumps(found, allow_nan=False)
        return found

    run.answers, run.store = answers, store
    return run


def test_the_winner_is_held_against_runner_up_family_and_references(bench):
    best, close = bench.answers(1, 1.0), bench.answers(2, 1.0, own=0.05)
    other = replace(bench.answers(3, 0.5), family="forest")
    poor = replace(bench.answers(4, 0.1), family="xgboost", reference=True, params={})
    found = bench([best, close, other, poor, constant_trial(toy_plan(), bench.store)])
    rivals = {(r["kind"], r["trial"]): r for r in found["rivals"]}
    assert set(rivals) == {("runner_up", 2), ("other_family", 3), ("reference", 4), ("reference", 0)}
    assert rivals["runner_up", 2]["reading"] == "same"
    assert all(rivals[key]["reading"] == "ahead" for key in [("other_family", 3), ("reference", 4), ("reference", 0)])
    for (_, number), rival in rivals.items():
        low, high = rival["interval"]
        score = 0.5 if number == 0 else next(t.score for t in (close, other, poor) if t.number == number)
        assert low <= rival["margin"] <= high and rival["margin"] == pytest.approx(best.score - score, abs=1e-6) and rival["n_rows"] == 360
    assert found["notes"] == [] and found["trial"] == 1


def test_a_runner_up_of_another_family_stands_once(bench):
    found = bench([bench.answers(1, 1.0), replace(bench.answers(2, 0.5), family="forest")])
    assert [(r["kind"], r["trial"]) for r in found["rivals"]] == [("runner_up_of_another_family", 2)]


def test_margins_are_in_the_direction_of_the_metric(bench):
    trials = [bench.answers(1, 1.0), bench.answers(2, 0.3)]
    better = bench([replace(trials[0], score=0.4), replace(trials[1], score=0.6)], metric="log_loss", greater_is_better=False)["rivals"][0]
    assert better["margin"] > 0 and better["interval"][0] > 0 and better["reading"] == "ahead"


def test_a_reference_that_is_better_says_so(bench):
    poor = bench.answers(1, 0.1)
    strong = replace(bench.answers(2, 1.0), family="xgboost", reference=True)
    assert bench([poor, strong])["rivals"][0]["reading"] == "behind"


def test_the_same_configuration_tried_again_is_no_rival(bench):
    best = bench.answers(1, 1.0)
    assert bench([best, replace(bench.answers(2, 1.0), params=best.params)])["rivals"] == []


def test_pooled_predictions_are_compared_all_at_once(bench, tmp_path):
    best, other = bench.answers(1, 1.0), bench.answers(2, 0.3)
    found = bench([best, other], pooled=True)["rivals"][0]
    y = bench.store.y[np.concatenate([valid for _, valid in bench.store.folds])]
    whole = [AUC.score(y, np.load(tmp_path / "run" / "trials" / f"{n:06d}" / PREDICTIONS), 1) for n in (1, 2)]
    assert found["margin"] == pytest.approx(whole[0] - whole[1], abs=1e-6) and found["reading"] == "ahead"


def test_what_cannot_be_compared_is_a_sentence(bench):
    best = bench.answers(1, 1.0)
    assert "No other trial" in bench([best])["notes"][0]
    unfinished = replace(best, state=State.TIMEOUT, fold_scores=best.fold_scores[:1])
    assert "did not finish all folds" in bench([unfinished, bench.answers(2, 0.3)])["notes"][0]
    assert "no time" in bench([best, bench.answers(2, 0.3)], seconds=0.0)["notes"][0]
    assert bench([best], evaluation=EVALUATION | {"trial": None}) is None


def test_a_comparison_that_fails_does_not_end_the_run(bench, tmp_path, monkeypatch):
    trials = [bench.answers(1, 1.0), bench.answers(2, 0.5)]
    (tmp_path / "run" / "trials" / "000002" / PREDICTIONS).write_bytes(b"torn")
    assert bench(trials)["rivals"] == [] and bench(trials)["notes"]

    def fail(*arguments, **options):
        raise MemoryError("too large")

    monkeypatch.setattr("automl.evaluate.generalise.paired", fail)
    assert bench([bench.answers(1, 1.0), bench.answers(2, 0.5)])["notes"] == ["The winner was not compared with other trials: MemoryError: too large."]


@pytest.mark.parametrize(
    ("score", "interval", "reading"), [(0.8, [0.7, 0.9], "agree"), (0.95, [0.7, 0.9], "promised"), (0.6, [0.7, 0.9], "easier"), (0.8, [None, None], "")]
)
def test_the_gap_between_folds_and_holdout(bench, score, interval, reading):
    trial = replace(bench.answers(1, 1.0), score=score)
    gap = bench([trial], evaluation=EVALUATION | {"interval": interval})["gap"]
    assert gap["reading"] == reading and gap["train"] == pytest.approx(0.96) and gap["folds"] == score and gap["holdout"] == 0.8
    assert bench([trial], evaluation=EVALUATION | {"score_rows": "out_of_fold"})["gap"]["holdout"] is None


def test_less_is_better_turns_the_gap_round(bench):
    trial = replace(bench.answers(1, 1.0), score=0.6)
    assert bench([trial], metric="log_loss", greater_is_better=False)["gap"]["reading"] == "promised"


def _diagnosis(gain=(0.0, -0.01, 0.01), quarter=(0.0, -0.01, 0.01), train=0.9, score=0.8, whole=(0.75, 0.85), permuted=None, note=""):
    points = [{"share": s, "rows": int(320 * s), "score": score, "train": train, "train_rows": 320, "n_scored": 80} for s in (0.25, 0.5, 1.0)]
    parts = {name: {"difference": d, "interval": [low, high]} for name, (d, low, high) in (("half", gain), ("quarter", quarter))}
    return {"permuted": permuted, "points": points, "growth": {"whole": list(whole), **parts}, "fold": 0, "note": note}


@pytest.mark.parametrize(
    ("changes", "reading", "because"),
    [
        ({"gain": (0.03, 0.01, 0.05)}, "rows", "half"),
        ({"gain": (0.01, -0.01, 0.03), "quarter": (0.05, 0.02, 0.08)}, "rows", "quarter"),
        ({"gain": (-0.01, -0.04, 0.02), "quarter": (0.05, 0.02, 0.08)}, "neither", "fits"),
        ({"gain": (0.01, -0.1, 0.12)}, "unclear", "wide"),
        ({"train": 0.99}, "neither", "fits"),
        ({"train": 0.81}, "richer", "alike"),
        ({"score": 0.999, "train": 1.0, "whole": (0.99, 1.0), "gain": (0.03, 0.01, 0.05)}, "neither", "perfect"),
    ],
)
def test_the_curve_is_read(bench, changes, reading, because):
    curve = bench([bench.answers(1, 1.0)], diagnosis=_diagnosis(**changes))["curve"]
    assert (curve["reading"], curve["because"]) == (reading, because)


def test_a_richer_model_that_was_tried_and_was_no_better_is_not_advised(bench):
    plain = replace(bench.answers(1, 1.0), train_scores=(0.81, 0.81))
    rich = replace(bench.answers(2, 0.6), train_scores=(1.0, 1.0))
    curve = bench([plain, rich], diagnosis=_diagnosis(train=0.81))["curve"]
    assert (curve["reading"], curve["because"]) == ("neither", "tried")


def test_a_curve_of_a_loss_is_read_the_other_way_round(bench):
    diagnosis = _diagnosis(gain=(-0.03, -0.05, -0.01), score=0.4, train=0.3, whole=(0.35, 0.45))
    curve = bench([bench.answers(1, 1.0)], diagnosis=diagnosis, metric="log_loss", greater_is_better=False)["curve"]
    assert curve["reading"] == "rows" and curve["half"]["gain"] == 0.03 and curve["half"]["interval"] == [0.01, 0.05]


def test_a_curve_that_broke_off_is_shown_unread(bench):
    curve = bench([bench.answers(1, 1.0)], diagnosis=_diagnosis() | {"growth": None, "note": "It was out of time."})
    assert curve["curve"]["reading"] == "" and curve["notes"][0] == "It was out of time."


PERMUTED = {"score": 0.5, "chance": 0.5, "deviation": 0.05, "low": 0.4, "high": 0.6, "worst": 0.35, "best": 0.65, "n_units": 80, "n_scored": 80}


@pytest.mark.parametrize(
    ("changes", "leak"),
    [
        ({}, False), ({"score": 0.6}, False), ({"score": 0.9}, True), ({"score": 0.9, "n_units": 4}, False), ({"score": 0.1}, False),
        ({"score": 0.9, "deviation": 0.0}, False), ({"score": 0.9, "best": 0.95}, False),
    ],
)  # fmt: skip
def test_only_what_luck_cannot_do_is_a_leak(bench, changes, leak):
    found = bench([bench.answers(1, 1.0)], diagnosis=_diagnosis(permuted=PERMUTED | changes))["permuted"]
    assert found["leak"] is leak


def test_a_check_that_was_not_made_says_why(bench):
    assert bench([bench.answers(1, 1.0)], diagnosis=_diagnosis(permuted={"why_not": "few"}))["permuted"] == {"why_not": "few"}


def test_a_model_with_a_decision_is_held_against_its_folds_under_the_same_decision(bench):
    """The search scored the most probable class: that says nothing of a threshold, nor do its scores on rows it learned from."""
    trials = [bench.answers(1, 1.0), bench.answers(2, 0.3)]
    chosen = {"rule": {"kind": "threshold"}, "calibrate": {"method": "none"}, "folds": 0.85}
    gap = bench(trials, EVALUATION | {"decision": chosen})["gap"]
    assert gap["folds"] == 0.85 and gap["train"] is None and gap["reading"] == "agree"
    plain = {"rule": {"kind": "argmax"}, "calibrate": {"method": "none"}, "folds": 0.85}
    assert bench(trials, EVALUATION | {"decision": plain})["gap"] == bench(trials)["gap"]
