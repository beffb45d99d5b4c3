import pytest

from automl.report.charts import linear, logarithmic
from automl.report.charts.axes import Axis


def test_places_run_from_end_to_end_and_stay_within():
    axis = Axis(0.0, 10.0, 200.0)
    assert [axis.at(v) for v in (0, 5, 10, -3, 99)] == [0.0, 100.0, 200.0, 0.0, 200.0]
    assert Axis(0.0, 10.0, 200.0, flipped=True).at(10) == 0.0


def test_a_logarithmic_axis_has_equal_steps_for_equal_factors():
    axis = Axis(1.0, 100.0, 200.0, log=True)
    assert axis.at(10) == 100.0 and axis.at(0) == 0.0  # nothing stands left of the axis


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.913, 0.917), (-3.0, 1200.0), (1e-6, 3e-6), (0.0, 7.3), (5e8, 9e8)])
def test_ticks_are_few_round_in_order_and_told_apart(low, high):
    ticks = Axis(low, high, 300.0).ticks()
    places, texts = zip(*ticks, strict=True)
    assert 2 <= len(ticks) <= 6 and list(places) == sorted(places) and len(set(texts)) == len(texts)
    assert all(low - 1e-9 <= float(t.replace(",", "")) <= high + 1e-9 or abs(float(t.replace(",", "")) - low) < (high - low) for t in texts)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1e9), (3e-5, 4e-5), (20.0, 21.0), (0.01, 10.0)])
def test_a_logarithmic_axis_has_ticks_whatever_its_span(low, high):
    ticks = Axis(low, high, 300.0, log=True).ticks(most=4)
    assert 1 <= len(ticks) <= 4 and all(0 <= at <= 300 for at, _ in ticks)


def test_an_axis_around_equal_values_has_a_width():
    for values in ([0.5], [0.0, 0.0], [-2.0, -2.0]):
        axis = linear(values, 100)
        assert axis.low < values[0] < axis.high
    assert logarithmic([5.0], 100).low < 5 < logarithmic([5.0], 100).high


def test_an_axis_from_zero_begins_there():
    assert linear([3.0, 9.0], 100, zero=True).low == 0.0
