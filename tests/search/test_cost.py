import pytest

from automl.families.space import Space
from automl.plan.candidates import CandidateFamily
from automl.search.cost import UNKNOWN_SECONDS, CostModel

from ..toys import LINEAR, toy_plan

TWO = (CandidateFamily("a", LINEAR, Space(), "cpu"), CandidateFamily("b", LINEAR, Space(), "cpu"))


def model(**changes):
    return CostModel(toy_plan(candidates=TWO, **changes))


def test_a_guess_is_believed_within_a_third_and_three_times_before_anything_was_measured():
    made = model()
    found = made.unit("a", {})
    assert found.p50 == pytest.approx(made.guess("a", {})) and 3 < found.p90 / found.p50 < 5


def test_what_was_measured_corrects_it_and_narrows_it():
    made = model()
    guess = made.guess("a", {})
    for _ in range(8):
        made.learn("a", {}, 20 * guess)
    found = made.unit("a", {})
    assert found.p50 == pytest.approx(20 * guess) and found.p90 / found.p50 < 1.3


def test_one_odd_measurement_does_not_move_it():
    made = model()
    for seconds in (1.0, 1.1, 0.9, 50.0, 1.0):
        made.learn("a", {}, seconds)
    assert made.unit("a", {}).p50 == pytest.approx(1.0)


def test_a_family_not_measured_yet_borrows_the_speed_of_the_machine():
    made = model()
    made.learn("a", {}, 5 * made.guess("a", {}))
    assert made.unit("b", {}).p50 == pytest.approx(5 * made.guess("b", {})) and made.unit("b", {}).p90 > 3 * made.unit("b", {}).p50


def test_without_a_clock_nothing_is_learned():
    made = model(clocked=False)
    before = made.unit("a", {})
    made.learn("a", {}, 1000.0)
    assert made.unit("a", {}) == before


def test_it_counts_the_rows_of_a_fold_not_of_all():
    assert model().rows == 40 and model(growth=8.0).rows == 10


def test_a_family_without_a_guess_has_one(monkeypatch):
    from dataclasses import replace

    from automl.families.classifiers import logistic_regression

    globals()["SILENT"] = replace(logistic_regression.FAMILY, cost=None)
    made = CostModel(toy_plan(candidates=(CandidateFamily("s", f"{__name__}:SILENT", Space(), "cpu"),)))
    assert made.unit("s", {}).p50 == UNKNOWN_SECONDS
