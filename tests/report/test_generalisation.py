"""What is said about new rows: plain, with the rows each number is of, and never more than the numbers say."""

import pytest

from automl.report.generalisation import CURVE_READINGS, generalisation_words, margin_sentence


def _rival(kind="reference", family="xgboost", margin=0.02, interval=(0.01, 0.03), reading="ahead", score=0.8, trial=5):
    return {
        "kind": kind, "family": family, "margin": margin, "interval": list(interval), "reading": reading, "score": score, "trial": trial, "note": "its own",
        "n_rows": 800, "replicates": 300,
    }  # fmt: skip


def _curve(because="half", **changes):
    points = [{"share": s, "rows": int(640 * s), "score": 0.8, "train": 0.9, "train_rows": 640, "n_scored": 160} for s in (0.25, 0.5, 1.0)]
    gain = {"gain": 0.0123, "interval": [0.004, 0.02]}
    return {"points": points, "fold": 0, "whole": [0.7, 0.9], "half": gain, "quarter": gain, "reading": "rows", "because": because} | changes


def _evaluation(rivals=(), curve=None, permuted=None, greater=True, **gap):
    gap = {"train": 0.99, "folds": 0.9, "spread": 0.01, "n_folds": 5, "holdout": 0.89, "interval": [0.85, 0.93], "reading": "agree"} | gap
    found = {"trial": 1, "gap": gap, "rivals": list(rivals), "curve": curve, "permuted": permuted, "notes": ["A note."]}
    return {"metric": "roc_auc", "greater_is_better": greater, "n_scored": 200, "generalisation": found}


def test_nothing_is_said_where_nothing_was_found_out():
    assert generalisation_words({"metric": "roc_auc"}) is None and margin_sentence({"metric": "roc_auc"}) == ""
    assert generalisation_words({"metric": "roc_auc", "generalisation": None}) is None


def test_each_of_the_three_scores_names_its_rows():
    rows = generalisation_words(_evaluation())["gap"]
    assert [r["score"] for r in rows] == [0.99, 0.9, 0.89] and (rows[2]["low"], rows[2]["high"]) == (0.85, 0.93)
    for row, words in zip(rows, ("learned from", "did not see", "200 rows of the holdout"), strict=True):
        assert words in row["rows"]
    assert "5 folds" in rows[1]["rows"] and "0.0100" in rows[1]["rows"]
    assert len(generalisation_words(_evaluation(train=None, holdout=None, interval=None, reading=""))["gap"]) == 1


@pytest.mark.parametrize(("reading", "words"), [("agree", "agree"), ("promised", "promised more"), ("easier", "may be easier"), ("", "no holdout")])
def test_the_gap_is_read(reading, words):
    assert words in generalisation_words(_evaluation(reading=reading))["gap_reading"]


@pytest.mark.parametrize(
    ("rivals", "words", "absent"),
    [
        ([_rival()], "It beats XGBoost with the library's own defaults, by +0.0200 (95 % interval +0.0100 to +0.0300).", "best reference"),
        ([_rival(reading="same", interval=(-0.01, 0.03))], "It does not beat XGBoost with the library's own defaults beyond noise", "It beats"),
        ([_rival(reading="behind", margin=-0.02, interval=(-0.03, -0.01))], "It is worse than XGBoost", "It beats"),
        ([_rival(), _rival(family="baseline", score=0.5, trial=0)], "the best reference, XGBoost", "class shares"),
        ([_rival(family="baseline", score=0.5, trial=0)], "It beats the class shares alone", "defaults"),
    ],
)
def test_the_margin_over_the_best_reference_is_plain(rivals, words, absent):
    text = margin_sentence(_evaluation(rivals))
    assert words in text and absent not in text and "800 training rows" in text


def test_the_best_reference_is_the_best_in_the_direction_of_the_metric():
    rivals = [_rival(score=0.3), _rival(family="baseline", score=0.6, trial=0)]
    assert "best reference, XGBoost" in margin_sentence(_evaluation(rivals, greater=False))
    assert "best reference, the class shares" in margin_sentence(_evaluation(rivals, greater=True))


def test_not_beating_xgboost_is_said_also_where_another_reference_is_better():
    rivals = [_rival(family="hist_gradient_boosting", score=0.9), _rival(reading="same", score=0.89, trial=6)]
    text = margin_sentence(_evaluation(rivals))
    assert "best reference" in text and "does not beat XGBoost with the library's own defaults beyond noise" in text
    beaten = [rivals[0], _rival(score=0.89, trial=6)]
    assert "XGBoost" not in margin_sentence(_evaluation(beaten))


def test_runner_up_and_other_families_are_told_apart_or_not():
    rivals = [_rival("runner_up", reading="same"), _rival("other_family"), _rival()]
    found = generalisation_words(_evaluation(rivals))
    assert found["apart"] == (
        "The winner cannot be told from the runner-up, another configuration, and can be told from the best of another family on these rows."
    )
    assert [r["said"] for r in found["rivals"]] == ["cannot be told apart", "the winner is better", "the winner is better"]
    assert generalisation_words(_evaluation([_rival()]))["apart"] == "" and found["rivals_rows"] == 800


@pytest.mark.parametrize("because", CURVE_READINGS)
def test_the_curve_is_one_sentence_with_its_rows(because):
    found = generalisation_words(_evaluation(curve=_curve(because)))["curve"]
    assert "from 320 to 640 rows the ROC AUC on rows not seen got better by 0.0123 (95 % interval of the gain +0.0040 to +0.0200)" in found["sentence"]
    assert "{" not in found["sentence"] and ("from 160 to 640" in found["sentence"]) == (because == "quarter")
    assert "160 rows of fold 1" in found["rows"] and "640 rows at most" in found["rows"]


def test_a_curve_without_a_reading_or_a_quarter_still_stands():
    assert "too short" in generalisation_words(_evaluation(curve=_curve(reading="", because="")))["curve"]["sentence"]
    assert "fifth of the training rows" in generalisation_words(_evaluation(curve=_curve(fold=None, quarter=None)))["curve"]["rows"]


PERMUTED = {"score": 0.51, "low": 0.4, "high": 0.6, "n_scored": 160, "n_learned": 640, "n_units": 160, "shuffles": 200, "leak": False}


def test_permuted_labels_say_what_they_show_and_what_not():
    text = generalisation_words(_evaluation(permuted=PERMUTED))["permuted"]
    for words in ("640 rows", "160 others", "0.5100", "0.4000 to 0.6000", "would not show here"):
        assert words in text
    assert "whole groups" not in text and "whole groups" in generalisation_words(_evaluation(permuted=PERMUTED | {"n_units": 20}))["permuted"]
    assert "cannot be trusted" in generalisation_words(_evaluation(permuted=PERMUTED | {"leak": True}))["permuted"]
    assert "was not made: few rows." in generalisation_words(_evaluation(permuted={"why_not": "few rows"}))["permuted"]
    assert generalisation_words(_evaluation())["permuted"] == ""
