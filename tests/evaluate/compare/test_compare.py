"""Finished runs against each other: planted differences are found with their size, and none is found where there is none."""

import json
import time

import numpy as np
import pytest

import automl
from automl.errors import DataError, UsageError
from automl.evaluate.compare import compare
from automl.metrics import METRICS
from automl.metrics.probabilities import log_loss, roc_auc
from automl.rundir import RunDir, read_json, write_json

from .planted import answers, plant


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def truth(rng):
    return (rng.random(600) < 0.4).astype(np.int64)


@pytest.fixture(scope="module")
def trio(truth, rng, tmp_path_factory):
    """A run, an equally good one, and a clearly better one."""
    place = tmp_path_factory.mktemp("trio")
    common = rng.normal(size=600)
    runs = [
        answers(truth, common + rng.normal(scale=0.7, size=600), 0.6),
        answers(truth, common + rng.normal(scale=0.7, size=600), 0.6),
        answers(truth, common, 1.5),
    ]
    return [plant(place / name, truth, proba) for name, proba in zip(("base", "equal", "better"), runs, strict=True)], runs


def test_a_better_run_is_found_with_its_size(trio, truth):
    (base, _, better), probas = trio
    test = compare([base, better]).facts["tests"][0]
    gain = roc_auc(truth, probas[2]) - roc_auc(truth, probas[0])
    assert test["verdict"] == "better" and test["rows"] == 600 and test["better_by"] == pytest.approx(gain)
    assert test["low"] < gain < test["high"] and test["p"] < 0.001
    assert test["words"].startswith(f"run B is better than A by {gain:.3f} in roc_auc (")


def test_the_other_way_round_it_is_worse(trio):
    (base, _, better), _ = trio
    there, back = compare([base, better]), compare([better, base])
    test = back.facts["tests"][0]
    assert test["verdict"] == "worse" and test["better_by"] == pytest.approx(-there.facts["tests"][0]["better_by"])
    assert "run B is worse than A by" in test["words"] and "−" not in test["words"]
    assert back.last_is_worse and not there.last_is_worse


def test_equal_runs_show_no_difference_and_what_could_not_be_seen(trio):
    (base, equal, _), _ = trio
    test = compare([base, equal]).facts["tests"][0]
    assert test["verdict"] == "none" and test["low"] < 0 < test["high"]
    assert "no difference between B and A in roc_auc that these 600 rows can show" in test["words"]
    assert 0.3 < test["smallest_seen"] / (test["high"] - test["low"]) < 1.2 and f"below {test['smallest_seen']:.3f} could well go unseen" in test["words"]


def test_lower_is_better_for_a_loss(trio, truth, tmp_path):
    _, probas = trio
    a, b = (plant(tmp_path / name, truth, proba, metric="log_loss") for name, proba in (("a", probas[0]), ("b", probas[2])))
    test = compare([a, b]).facts["tests"][0]
    assert test["verdict"] == "better" and test["better_by"] == pytest.approx(log_loss(truth, probas[0]) - log_loss(truth, probas[2]))


def test_a_run_against_itself_is_the_same(trio):
    (base, *_), _ = trio
    found = compare([base, base])
    assert found.facts["tests"][0]["verdict"] == "same" and found.facts["spec"] == [] and not found.last_is_worse
    assert "A and B are the same run" in found.facts["notes"]


def test_several_runs_are_corrected_for_their_number(trio, tmp_path, truth, rng):
    """Of many equal runs one looks better by chance; among so many tests it no longer does."""
    (base, _, better), probas = trio
    middling = [plant(tmp_path / str(i), truth, 0.9 * probas[0] + 0.1 * answers(truth, rng.normal(size=600) * 2, 1.0)) for i in range(6)]
    tests = compare([base, better, *middling]).facts["tests"]
    assert [t["run"] for t in tests] == list("BCDEFGH") and {t["against"] for t in tests} == {"A"}
    assert all(t["p_corrected"] >= t["p"] for t in tests) and tests[0]["verdict"] == "better"
    smallest = min(tests, key=lambda t: t["p"])
    assert smallest["p_corrected"] == pytest.approx(min(1, 7 * smallest["p"]))


def test_one_that_holds_alone_may_not_hold_among_many(trio, truth, tmp_path):
    """A difference with a p-value between a seventh of 0.05 and 0.05."""
    (base, *_), probas = trio
    run = plant(tmp_path / "run", truth, 0.7 * probas[0] + 0.3 * answers(truth, np.random.default_rng(1).normal(size=600) * 3, 0.8))
    alone, among = compare([base, run]), compare([base, *[base] * 6, run])
    assert 0.05 / 7 < alone.facts["tests"][0]["p"] < 0.05 and alone.facts["tests"][0]["verdict"] in ("better", "worse")
    assert among.facts["tests"][-1]["verdict"] == "none" and "corrected for their number it does not" in among.facts["tests"][-1]["words"]


def test_when_the_metrics_differ_both_are_tested(trio, truth, tmp_path):
    (base, *_), probas = trio
    tests = compare([base, plant(tmp_path / "b", truth, probas[2], metric="log_loss")]).facts["tests"]
    assert [t["metric"] for t in tests] == ["roc_auc", "log_loss"] and all(t["verdict"] == "better" for t in tests)


def test_label_metrics_use_what_was_decided(truth, tmp_path):
    """The same probabilities, but one run decides at another threshold."""
    proba = answers(truth, np.random.default_rng(0).normal(size=600), 0.5)
    moved = (proba[:, 1] > 0.8).astype(np.int64)
    a = plant(tmp_path / "a", truth, proba, metric="accuracy")
    b = plant(tmp_path / "b", truth, proba, metric="accuracy", prediction=moved)
    found = compare([a, b]).facts
    test, pair = found["tests"][0], found["pairs"][0]
    assert test["score_against"] == pytest.approx((proba.argmax(axis=1) == truth).mean()) and test["score"] == pytest.approx((moved == truth).mean())
    assert pair["agree"] == (moved == proba.argmax(axis=1)).sum()
    assert pair["both_right"] + pair["only_against_right"] + pair["only_run_right"] + pair["none_right"] == 600
    assert pair["only_run_right"] - pair["only_against_right"] == pytest.approx(600 * test["better_by"])
    assert pair["beside"]["against"]["log_loss"] == pair["beside"]["run"]["log_loss"]


def test_costs_are_those_of_each_run_whatever_the_order_of_its_classes(truth, tmp_path):
    proba = answers(truth, np.random.default_rng(0).normal(size=600), 0.5)
    better = answers(truth, np.random.default_rng(0).normal(size=600), 2.0)
    costs = [[0, 1], [5, 0]]  # a missed yes costs five
    a = plant(tmp_path / "a", truth, proba, metric="cost", costs=costs)
    b = plant(tmp_path / "b", 1 - truth, better[:, ::-1], classes=("yes", "no"), metric="cost", costs=[[0, 5], [1, 0]])
    tests = compare([a, b]).facts["tests"]
    others = compare([a, plant(tmp_path / "c", truth, better, metric="cost", costs=[[0, 2], [3, 0]])]).facts["tests"]
    assert [t["asked_by"] for t in others] == [["A"], ["B"]] and "in cost (as A has it)" in others[0]["words"]
    expected = np.where(proba[:, 1] > proba[:, 0], (truth == 0) * 1.0, (truth == 1) * 5.0).mean()  # of what was decided
    assert len(tests) == 1 and tests[0]["verdict"] == "better" and tests[0]["score_against"] == pytest.approx(expected)


def test_costs_beside_another_metric_change_nothing(trio, truth, tmp_path):
    (base, *_), probas = trio
    assert len(compare([base, plant(tmp_path / "costs", truth, probas[2], costs=[[0, 1], [5, 0]])]).facts["tests"]) == 1


def test_classes_in_another_order_are_the_same_classes(trio, truth, tmp_path):
    (base, *_), probas = trio
    turned = plant(tmp_path / "turned", 1 - truth, probas[0][:, ::-1], classes=("yes", "no"))
    test = compare([base, turned]).facts["tests"][0]
    assert test["verdict"] == "same" and test["better_by"] == 0


def test_a_class_that_one_run_lacks_has_no_probability_there(tmp_path, rng):
    y = rng.integers(0, 3, 300)
    proba = 0.1 + 0.8 * np.eye(3)[y]
    a = plant(tmp_path / "a", y, proba / proba.sum(1, keepdims=True), classes=("u", "v", "w"), metric="log_loss", positive=None)
    kept = y < 2
    b = plant(tmp_path / "b", y[kept], proba[kept, :2], rows=np.flatnonzero(kept) + 1, classes=("u", "v"), metric="log_loss", positive="v")
    found = compare([a, b]).facts
    assert found["tests"][0]["rows"] == kept.sum() and any("only A knows the class w" in note for note in found["notes"])


def test_a_metric_of_two_classes_is_no_score_of_three(tmp_path, rng):
    y = rng.integers(0, 3, 300)
    proba = (0.1 + 0.8 * np.eye(3)[y]) / 1.1
    a = plant(tmp_path / "a", y, proba, classes=("u", "v", "w"), metric="log_loss", positive=None)
    b = plant(tmp_path / "b", y[y < 2], proba[y < 2, :2], rows=np.flatnonzero(y < 2) + 1, classes=("u", "v"), metric="f1", positive="v")
    assert [t["metric"] for t in compare([a, b]).facts["tests"]] == ["log_loss"]


def test_rows_of_a_group_are_drawn_together(tmp_path):
    """A hundred rows that are five rows twenty times: over the groups little is certain."""
    rng = np.random.default_rng(0)
    unit = np.arange(100) % 5
    y = np.array([0, 1, 0, 1, 1])[unit]
    good, bad = (np.stack([1 - p, p], axis=1)[unit] for p in (np.array([0.1, 0.9, 0.2, 0.8, 0.3]), rng.random(5)))
    widths = []
    for name, one in (("loose", None), ("grouped", unit)):
        runs = [plant(tmp_path / f"{name}{i}", y, proba, metric="log_loss", unit=one) for i, proba in enumerate((good, bad))]
        found = compare(runs).facts
        widths.append(found["tests"][0]["high"] - found["tests"][0]["low"])
    assert widths[1] > 2 * widths[0]
    assert found["tests"][0]["units"] == 5 and any("fall into 5 groups only" in note for note in found["notes"])


def test_groups_of_either_run_count(trio, truth, tmp_path):
    (base, *_), probas = trio
    grouped = plant(tmp_path / "grouped", truth, probas[1], unit=np.arange(600) // 20)
    for pair in ((base, grouped), (grouped, base)):
        assert compare(pair).facts["tests"][0]["units"] == 30


def test_a_score_that_the_rows_do_not_give_is_not_tested(tmp_path):
    y = np.ones(50, dtype=np.int64)
    runs = [plant(tmp_path / str(i), y, answers(y, np.random.default_rng(i).normal(size=50))) for i in range(2)]
    test = compare(runs).facts["tests"][0]
    assert test["verdict"] == "undefined" and test["p"] is None and "not defined" in test["words"]


def test_other_data_are_not_compared_unless_their_rows_are_the_same(trio, truth, tmp_path):
    (base, *_), probas = trio
    other = plant(tmp_path / "other", truth, probas[2], sha256="beef" * 16)
    refused = compare([base, other])
    assert isinstance(refused.refused, DataError) and refused.facts["tests"] == [] and "--same-rows" in refused.refused.fix
    assert "row numbers in both: 600, of which 0 have another target" in refused.refused.problem
    allowed = compare([base, other], same_rows=True)
    assert allowed.refused is None and allowed.facts["tests"][0]["verdict"] == "better" and any("different files" in note for note in allowed.facts["notes"])


def test_rows_with_another_target_are_never_the_same(trio, truth, tmp_path):
    (base, *_), probas = trio
    turned = plant(tmp_path / "turned", truth[::-1].copy(), probas[2])
    other = plant(tmp_path / "other", truth[::-1].copy(), probas[2], sha256="beef" * 16)
    differing = (truth != truth[::-1]).sum()
    for run, same_rows in ((turned, False), (other, True), (other, False)):
        found = compare([base, run], same_rows)
        assert isinstance(found.refused, DataError) and f"{differing} have another target" in found.refused.problem
        assert "--same-rows" not in found.refused.fix


def test_few_shared_rows_are_counted_and_not_tested(trio, truth, tmp_path):
    (base, *_), probas = trio
    few = plant(tmp_path / "few", truth[-19:], probas[2][-19:], rows=np.arange(582, 601))
    apart = plant(tmp_path / "apart", truth, probas[2], rows=np.arange(1001, 1601))
    for run, count in ((few, 19), (apart, 0)):
        found = compare([base, run])
        assert isinstance(found.refused, DataError) and f"for a test: {count}," in found.refused.problem and found.facts["pairs"] == []


def test_partly_shared_rows_are_matched_by_number(trio, truth, tmp_path):
    (base, *_), probas = trio
    order = np.random.default_rng(0).permutation(600)[:200]
    part = plant(tmp_path / "part", truth[order], probas[0][order], rows=order + 1)
    found = compare([base, part]).facts
    assert found["tests"][0]["verdict"] == "same" and found["tests"][0]["rows"] == 200
    wide = plant(tmp_path / "wide", truth[order], probas[0][order], rows=np.where(order < 60, order + 1, order + 5000))
    assert any("share only" in note for note in compare([base, wide]).facts["notes"])


def test_runs_of_other_targets_answer_other_questions(trio, truth, tmp_path):
    (base, *_), probas = trio
    found = compare([base, plant(tmp_path / "o", truth, probas[0], target="sold")])
    assert isinstance(found.refused, UsageError) and "A predicts `kept`, B predicts `sold`" in found.refused.problem


def test_training_rows_prove_nothing(trio, truth, tmp_path):
    (base, *_), probas = trio
    assert "proves nothing" in compare([base, plant(tmp_path / "t", truth, probas[0], score_rows="training")]).refused.problem


def test_one_pair_that_cannot_be_compared_does_not_hide_the_others(trio, truth, tmp_path):
    (base, equal, _), probas = trio
    found = compare([base, plant(tmp_path / "o", truth, probas[0], target="sold"), equal])
    assert [t["run"] for t in found.facts["tests"]] == ["C"] and [r["run"] for r in found.facts["refused"]] == ["B"] and found.refused is not None


def test_out_of_fold_rows_chose_the_winner(trio, truth, tmp_path):
    (base, *_), probas = trio
    inside = plant(tmp_path / "inside", truth, probas[1], score_rows="out_of_fold")
    assert any("of B are out of fold" in note for note in compare([base, inside]).facts["notes"])
    assert not any("out of fold" in note for note in compare([base, base]).facts["notes"])


def test_damaged_files_are_named(trio, truth, tmp_path):
    (base, *_), probas = trio
    torn = plant(tmp_path / "torn", truth, probas[0])
    RunDir(torn).predictions.write_bytes(b"PAR1")
    assert isinstance(compare([base, torn]).refused, UsageError)
    RunDir(torn).study.write_text("{")
    with pytest.raises(UsageError, match="cannot be read"):
        compare([base, torn])


def test_a_run_ended_before_its_time_says_so(trio, truth, tmp_path):
    (base, *_), probas = trio
    ended = plant(tmp_path / "ended", truth, probas[0])
    files = RunDir(ended)
    write_json(files.study, read_json(files.study) | {"by_user": "Stopped by you after 5 s."})
    assert any("B was ended before its time" in note for note in compare([base, ended]).facts["notes"])


def test_two_runs_at_least(trio):
    with pytest.raises(UsageError, match="runs to compare: 1"):
        compare(trio[0][:1])


def test_every_metric_can_be_compared(trio, truth, tmp_path):
    _, probas = trio
    for name in METRICS.names("classification"):
        if METRICS.get("classification", name).why_not(2) or name == "cost":
            continue
        runs = [plant(tmp_path / name / side, truth[:80], proba[:80], metric=name) for side, proba in zip("ab", probas[::2], strict=True)]
        test = compare(runs).facts["tests"][0]
        assert test["metric"] == name and test["verdict"] in ("better", "none") and json.dumps(test)


@pytest.mark.slow
def test_a_million_rows_take_seconds(tmp_path):
    rng = np.random.default_rng(0)
    y = (rng.random(1_000_000) < 0.2).astype(np.int64)
    runs = [plant(tmp_path / str(i), y, answers(y, rng.normal(size=len(y)) * 2, 1.0 + 0.05 * i)) for i in range(2)]
    began = time.process_time()
    found = compare(runs).facts
    assert time.process_time() - began < 20  # some 5 s on an idle core
    assert found["tests"][0]["verdict"] == "better" and found["tests"][0]["rows"] == 1_000_000
    assert any("was found on 100,0" in note and "of 1,000,000 rows" in note for note in found["notes"])


@pytest.mark.slow
def test_two_seeds_of_the_quickstart_do_not_differ(tmp_path):
    spec = tmp_path / "quickstart.yaml"
    spec.write_text(
        "data: {builtin: breast_cancer}\ntask: {type: classification, target: target, positive_class: malignant}\nvalidation: {test: none}\n"
        "models: {include: [logistic_regression]}\nconstraints: {time: 90s, trials: 2}\n"
    )
    runs = [automl.run(spec, out=tmp_path / str(seed), overrides={"seed": str(seed)}).folder for seed in (0, 1)]
    found = compare(runs).facts
    assert found["tests"][0]["rows"] == 569 and found["tests"][0]["verdict"] in ("none", "same")
    assert found["spec"] == [{"key": "seed", "values": [{"value": "0", "from": "--set"}, {"value": "1", "from": "--set"}]}]
    assert found["tests"][0]["score"] == pytest.approx(found["runs"][1]["score"], abs=1e-6)  # the same figure as in the report
