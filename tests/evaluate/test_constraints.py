"""Made measurements against what was asked: what is kept, which constraint binds, by how much, and what would have to give."""

import pytest

from automl.evaluate.constraints import Measured, as_reported, beyond, broken, constraint_rows, distance, gate_of, kept_rungs, relaxations
from automl.evaluate.fairness import Gap
from automl.evaluate.readable import Readable
from automl.metrics import LOG_LOSS, ROC_AUC
from automl.plan.limits import Fair, Limits
from automl.spec.load import load

YES, NO = Readable(True, "3 terms"), Readable(False, "40 trees of 900 leaves")


def measured(size=1000, latency=1.0, score=0.9, gap=0.05, readable=YES, words="linear, trial 1", precision="int8"):
    return Measured(words, precision, size, latency, score, gap, readable)


ALL = Limits(1000, 1.0, 1, 95.0, 0.9, "require", Fair("band", "equal_opportunity", 0.05))

CASES = [
    (Limits(size_bytes=999), {}, {"model_size": 1 / 999}), (Limits(size_bytes=1000), {}, {"model_size": 0.0}),
    (Limits(latency_ms=0.5), {}, {"latency": 1.0}), (Limits(latency_ms=1.0), {}, {"latency": 0.0}), (Limits(latency_ms=5.0), {"latency": None}, {"latency": 10.0}),
    (Limits(quality=0.95), {}, {"quality": 0.05}), (Limits(quality=0.9), {}, {"quality": 0.0}), (Limits(quality=0.1), {"score": None}, {"quality": 10.0}),
    (Limits(fair=Fair("b", "equalized_odds", 0.02)), {}, {"fairness": 0.03}), (Limits(fair=Fair("b", "equalized_odds", 0.05)), {}, {"fairness": 0.0}),
    (Limits(fair=Fair("b", "equalized_odds", 0.5)), {"gap": None}, {"fairness": 10.0}),
    (Limits(interpretable="require"), {}, {"interpretable": 0.0}), (Limits(interpretable="require"), {"readable": NO}, {"interpretable": 1.0}),
    (Limits(interpretable="require"), {"readable": None}, {"interpretable": 1.0}), (ALL, {}, dict.fromkeys(ALL.asked, 0.0)), (Limits(), {}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("limits", "found", "missed"), CASES)
def test_by_how_much_each_is_missed(limits, found, missed):
    assert beyond(limits, measured(**found), ROC_AUC) == pytest.approx(missed)
    assert broken(limits, measured(**found), ROC_AUC) == tuple(name for name, value in missed.items() if value > 0)


def test_lower_is_better_turns_the_bound_round():
    limits = Limits(quality=0.4)
    assert broken(limits, measured(score=0.39), LOG_LOSS) == () and broken(limits, measured(score=0.41), LOG_LOSS) == ("quality",)
    assert beyond(limits, measured(score=0.44), LOG_LOSS)["quality"] == pytest.approx(0.1)


def test_a_soft_one_breaks_nothing_and_is_told():
    limits = Limits(size_bytes=10, soft=("model_size",))
    assert broken(limits, measured(), ROC_AUC) == () and beyond(limits, measured(), ROC_AUC)["model_size"] == pytest.approx(99)
    row = constraint_rows(limits, measured(), ROC_AUC)[0]
    assert (row["met"], row["hard"]) == (False, False)
    gate = gate_of(limits, measured(), [measured()], ROC_AUC)
    assert gate["met"] and gate["missed"] == ["model_size"] and gate["failed"] == []


def test_the_nearest_misses_fewest_then_least():
    limits = Limits(size_bytes=1000, latency_ms=1.0)
    far, near, one = measured(size=1500, latency=1.1), measured(size=1100, latency=1.1), measured(size=9000)
    assert sorted([far, near, one], key=lambda m: distance(limits, m, ROC_AUC)) == [one, near, far]


def test_of_the_rungs_that_may_ship_those_that_keep_most_remain():
    rungs = [measured(size=4000), measured(size=2000, latency=1.2), measured(size=900, latency=1.2), measured(size=800)]
    assert kept_rungs(Limits(size_bytes=1000), rungs, [0, 1, 2, 3], ROC_AUC) == [2, 3]
    assert kept_rungs(Limits(size_bytes=1000), rungs, [0, 1], ROC_AUC) == [1], "the nearest where none keeps it"
    assert kept_rungs(Limits(size_bytes=1000, latency_ms=1.1, soft=("latency",)), rungs, [0, 1, 2, 3], ROC_AUC) == [3], "a wish decides among those"
    assert kept_rungs(Limits(latency_ms=1.1, soft=("latency",)), rungs, [1, 2], ROC_AUC) == [1, 2]


def test_the_table_says_what_was_asked_and_what_came():
    rows = {r["name"]: r for r in constraint_rows(ALL, measured(size=1001), ROC_AUC, Gap("equal_opportunity", 0.05, (0.01, 0.09)))}
    assert [r["met"] for r in rows.values()] == [False, True, True, True, True] and all(r["hard"] for r in rows.values())
    assert rows["model_size"]["got"] == "1,001 B", "rounded it would look kept"
    assert "0.010 to 0.090" in rows["fairness"]["got"] and "`band`" in rows["fairness"]["asked"]
    assert "3 terms" in rows["interpretable"]["got"] and "at least 0.9" in rows["quality"]["asked"] and "one row" in rows["latency"]["asked"]


def test_the_cheapest_relaxation_is_of_what_binds_alone():
    limits = Limits(size_bytes=1_000_000, quality=0.85)
    tried = [measured(size=1_180_000, score=0.9, words="a"), measured(size=900_000, score=0.6, words="b"), measured(size=3_000_000, score=0.95, words="c")]
    found = relaxations(limits, tried, ROC_AUC)
    assert [r.name for r in found] == ["model_size", "quality"]
    assert (
        "the smallest model that keeps quality takes 1.2 MB" in found[0].words and "(a, int8)" in found[0].words and "asked: at most 1.0 MB" in found[0].words
    )
    assert found[0].paste == "constraints: {model_size: 1.2MB}" and found[1].paste == "constraints: {quality: 0.6}"


def test_where_no_single_one_binds_all_that_the_nearest_misses_are_named():
    limits = Limits(size_bytes=100, latency_ms=0.1)
    found = relaxations(limits, [measured(size=5000, latency=3.0), measured(size=300, latency=0.2)], ROC_AUC)
    assert [r.name for r in found] == ["model_size", "latency"] and found[0].paste == "constraints: {model_size: 300B}"


@pytest.mark.parametrize(
    ("limits", "found", "metric"),
    [
        (Limits(size_bytes=2000), {"size": 12345}, ROC_AUC), (Limits(size_bytes=2), {"size": 999}, ROC_AUC), (Limits(size_bytes=2), {"size": 999_999_999}, ROC_AUC),
        (Limits(latency_ms=0.1), {"latency": 1.234}, ROC_AUC), (Limits(latency_ms=1.0, rows=100, percentile=99.0), {"latency": 1234.0}, ROC_AUC),
        (Limits(quality=0.99), {"score": 0.91239}, ROC_AUC), (Limits(quality=0.1), {"score": 0.4567}, LOG_LOSS),
        (Limits(fair=Fair("a: b", "equalized_odds", 0.0)), {"gap": 0.1234}, ROC_AUC), (Limits(interpretable="require"), {"readable": NO}, ROC_AUC),
    ],
)  # fmt: skip
def test_what_is_proposed_can_be_pasted_and_would_be_kept(limits, found, metric, tmp_path):
    """The line is read as a spec is, and the model that was measured keeps it."""
    model = measured(**found)
    paste = relaxations(limits, [model], metric)[0].paste
    (tmp_path / "s.yaml").write_text(f"data: a.csv\ntask: {{type: classification, target: y}}\n{paste}\n")
    asked = load(tmp_path / "s.yaml", with_data=False).or_raise().constraints
    fair = Fair(asked.fairness.column, asked.fairness.metric, asked.fairness.max_gap) if asked.fairness else None
    relaxed = Limits(
        asked.model_size and asked.model_size.max, asked.latency and asked.latency.max, asked.latency.rows if asked.latency else 1,
        asked.latency.percentile if asked.latency else 95.0, asked.quality and asked.quality.asked(metric.greater_is_better), asked.interpretable, fair,
        ("interpretable",),
    )  # fmt: skip
    assert relaxed.asked == limits.asked and broken(relaxed, model, metric) == ()
    assert (relaxed.rows, relaxed.percentile) == (limits.rows, limits.percentile)


def test_the_gate_is_on_what_is_reported_and_the_rest_out_of_fold():
    limits = Limits(quality=0.9)
    first, other = measured(score=0.95), measured(score=0.85, words="b")
    assert gate_of(limits, as_reported(first, 0.91, None), [first, other], ROC_AUC)["met"]
    gate = gate_of(limits, as_reported(first, 0.88, None), [first, other], ROC_AUC)
    assert gate["failed"] == ["quality"] and "got 0.88, 0.02 short" in gate["sentences"][0] and "0.88 (linear" in gate["relaxations"][0]["words"]
    assert gate["tried"][0]["score"] == 0.95, "the table of what was tried is out of fold"
    assert gate_of(Limits(), first, [first], ROC_AUC) is None
