import itertools

import pytest

from automl.report.eda_geometry import HEIGHT, SCALES, STEP, curve, densities, effect_bar, effect_scale, seriate, steps, strip


def _effect(change, low, high):
    return {"change": change, "low": low, "high": high}


def test_a_histogram_is_one_closed_path_and_equal_neighbours_share_a_line():
    assert steps([0.5, 0.5, 1.0], 1.0) == f"M0 {HEIGHT}V30H20V0H{3 * STEP}V{HEIGHT}Z"
    assert steps([], 1.0) == "" and steps([0.0], 0.0) == ""


def test_histograms_are_scaled_to_their_own_rows_so_that_shapes_compare():
    small, large = densities([[1, 3], [100, 300]])
    assert small == large and "V0" in small
    assert densities([[0, 0], [1, 1]])[0] == ""


@pytest.mark.parametrize(("reach", "scale"), [(0.0, 0.005), (0.004, 0.005), (0.006, 0.01), (0.19, 0.2), (0.24, 0.3), (5.0, 1.0)])
def test_the_axis_is_the_least_round_one_that_holds_the_effects(reach, scale):
    assert effect_scale([_effect(0.0, -reach, 0.0)]) == scale and scale in SCALES


def test_one_effect_among_many_does_not_squeeze_the_others():
    assert effect_scale([_effect(0.001, 0, 0.002)] * 20 + [_effect(-0.5, -0.9, -0.1)]) == 0.005
    assert effect_scale([]) == SCALES[0]


def test_a_bar_lies_around_zero_and_its_tone_is_sure_only_on_one_side():
    bar = effect_bar(_effect(0.01, 0.005, 0.015), 0.02)
    assert (bar["left"], bar["width"], bar["at"], bar["tone"]) == (62.5, 25.0, 75.0, "better")
    assert effect_bar(_effect(-0.01, -0.015, -0.005), 0.02)["tone"] == "worse"
    assert effect_bar(_effect(0.01, -0.001, 0.02), 0.02)["tone"] == "unclear"


def test_a_bar_beyond_the_axis_is_cut_and_says_so():
    bar = effect_bar(_effect(-0.3, -0.5, 0.0), 0.1)
    assert bar["left"] == 0.0 and bar["at"] == 0.0 and bar["cut_left"] and not bar["cut_right"]


def test_a_strip_joins_blocks_of_one_shade_and_shows_the_least_share():
    shades = strip([0.0, 0.001, 0.15, 1.0, 1.0, 0.0])
    assert [s["share"] for s in shades] == [0.2, 1.0]
    assert shades[0]["path"] == "M1 0h2v1h-2z" and shades[1]["path"] == "M3 0h2v1h-2z"
    assert strip([0.0, 0.0]) == []


def test_related_columns_stand_side_by_side():
    near = {(0, 3): 0.9, (3, 1): 0.8, (2, 4): 0.7}
    values = [[1.0 if i == j else -near.get((i, j), near.get((j, i), 0.0)) for j in range(5)] for i in range(5)]
    order = seriate(values)
    assert sorted(order) == list(range(5))
    pairs = {frozenset(p) for p in itertools.pairwise(order)}
    assert {frozenset((0, 3)), frozenset((3, 1)), frozenset((2, 4))} <= pairs


def test_few_columns_and_gaps_in_a_matrix_have_an_order_too():
    assert seriate([]) == [] and seriate([[1.0]]) == [0] and sorted(seriate([[None] * 4] * 4)) == [0, 1, 2, 3]


def test_a_line_runs_from_left_to_right_within_its_box():
    assert curve([0.0, 0.5, 1.0]) == "0.0,40.0 50.0,20.0 100.0,0.0"
    assert curve([2.0]) == "0.0,0.0" and curve([]) == ""
