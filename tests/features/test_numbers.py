"""Numbers: filled, scaled, ranked; against numpy and scikit-learn."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer, RobustScaler

from automl.features.numbers import LEAST_ROWS, PLACES, fit_number
from automl.features.recipe import NumberOptions
from automl.inference.features import CLIP, FLOAT_MAX, Features
from automl.inference.forms import Form
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Column, Table


def made(values, time=None, new=None, **options):
    """Return (step, matrix of the learning rows, matrix of `new` rows)."""
    values, arrays = np.asarray(values, np.float64), {}
    step, learned = fit_number("a", values, NumberOptions(**options), None if time is None else np.asarray(time, np.float64), arrays)
    features = Features(from_bytes(to_bytes(Form("features", {"steps": [step], "sparse": False}, arrays)), "f"))
    new = values if new is None else np.asarray(new, np.float64)
    matrix = features.transform(Table({"a": Column("number", values)}, len(values)), None if learned is None else {0: learned})
    return step, matrix, features.transform(Table({"a": Column("number", new)}, len(new)))


def test_numbers_are_filled_by_their_median_and_scaled_to_unit_spread():
    step, _, x = made([1.0, 2.0, 9.0, np.nan, np.inf])
    assert (step["fill"], step["centre"], step["indicator"]) == (2.0, 4.0, True) and step["scale"] == pytest.approx(np.std([1, 2, 9]))
    assert x[3:].tolist() == [[pytest.approx((2 - 4) / step["scale"]), 1]] * 2 and x[:3, 1].tolist() == [0, 0, 0]
    step, _, x = made(np.arange(10.0))
    assert step["indicator"] is False and x.mean() == pytest.approx(0, abs=1e-6) and x.std() == pytest.approx(1, abs=1e-6)


def test_the_mean_can_stand_in_instead():
    assert made([1.0, 2.0, 9.0, np.nan], impute="mean")[0]["fill"] == 4.0


@pytest.mark.parametrize("values", [[np.nan] * 4, [3.0] * 4, [1e9 + 0.0, 1e9 + 1e-7] * 2, [0.0] * 4])
@pytest.mark.parametrize("options", [{}, {"scale": "robust"}, {"scale": "none"}, {"outliers": "rank"}], ids=str)
def test_numbers_without_spread_are_not_blown_up(values, options):
    _, _, x = made(values, **options)
    assert np.isfinite(x).all() and (options == {"scale": "none"} or np.abs(x[:, 0]).max() < 1e-6)


@pytest.mark.parametrize("top", [1e200, np.finfo(float).max])
@pytest.mark.parametrize("outliers", ["keep", "clip", "rank"])
@pytest.mark.parametrize("scale", ["standard", "robust", "none"])
def test_enormous_numbers_give_a_form_that_can_be_stored(top, outliers, scale):
    assert np.isfinite(made([1.0, 2.0, 3.0, top, -top] * 5, outliers=outliers, scale=scale)[2]).all()


def test_robust_scales_are_scikit_learns_times_two():
    values = np.random.default_rng(0).gamma(1, 5, 500)
    expected = RobustScaler().fit_transform(values[:, None])[:, 0] * 2  # half the range of the middle half
    assert np.allclose(made(values, scale="robust", outliers="keep")[2][:, 0], expected, atol=1e-5)
    assert made([0.0] * 9 + [5.0], scale="robust")[0]["scale"] == pytest.approx(1.5)  # no middle half: the standard deviation


def test_without_scaling_numbers_keep_their_unit_and_outliers_still_move():
    values = np.append(np.random.default_rng(0).normal(50, 2, 999), 1e6)
    _, _, x = made(values, scale="none")
    assert np.allclose(x[:-1, 0], values[:-1], atol=1e-4) and x[-1, 0] == pytest.approx(values.mean() + CLIP * values.std(), rel=1e-6)
    assert made(values, scale="none", outliers="keep")[2][-1, 0] == 1e6


def test_outliers_are_clipped_unless_they_are_kept():
    values = np.append(np.zeros(999), 1e6)
    assert made(values)[2].max() == CLIP < made(values, outliers="keep")[2].max()
    assert made(values, outliers="keep", new=[np.finfo(float).max])[2].max() == np.float32(FLOAT_MAX)


def test_ranks_are_scikit_learns_normal_quantiles():
    rng = np.random.default_rng(0)
    values, new = rng.lognormal(0, 2, 20_000), rng.lognormal(0, 2, 5000)
    library = QuantileTransformer(n_quantiles=1000, output_distribution="normal", subsample=None).fit(values[:, None])
    expected = library.transform(new[:, None])[:, 0]
    found = made(values, outliers="rank", new=new)[2][:, 0]
    middle = np.abs(expected) < 2
    assert np.abs(found - expected)[middle].max() < 0.03 and np.abs(found).max() < 3.1
    assert np.corrcoef(found, expected)[0, 1] > 0.999


def test_ranks_of_a_value_that_is_most_of_a_column():
    """Its score is that of the middle of its share, as for midranks."""
    values = np.append(np.zeros(800), np.arange(1.0, 201.0))
    _, _, x = made(values, outliers="rank", new=[0.0, 100.0, 1e9, -1e9])
    assert x[0, 0] == pytest.approx(norm.ppf(0.4), abs=0.02) and x[1, 0] == pytest.approx(norm.ppf(0.9), abs=0.02)
    assert x[3, 0] == x[0, 0] and x[2, 0] < 3


def test_ranks_of_missing_values_are_those_of_the_median():
    _, _, x = made(np.append(np.arange(100.0), np.nan), outliers="rank")
    assert x[-1].tolist() == [pytest.approx(0, abs=0.02), 1]


def test_a_few_numbers_have_no_ranks():
    assert made(np.arange(9.0), outliers="rank")[0]["kind"] == "number"
    assert made(np.arange(10.0), outliers="rank")[0]["kind"] == "rank"


def test_no_place_of_a_rank_is_a_single_cell():
    values = np.random.default_rng(0).normal(size=10_000)
    arrays = {}
    fit_number("a", values, NumberOptions(outliers="rank"), None, arrays)
    (places,) = arrays.values()
    assert places.shape == (2, PLACES) and not np.isin(places[0], values).any()
    assert (np.diff(places) > 0).all()


def test_forward_takes_the_last_known_value_before_in_time():
    values, time = [np.nan, 5.0, np.nan, 1.0, np.nan, np.inf], [0, 4, 5, 2, 3, np.nan]
    _, learned, new = made(values, time, impute="forward", scale="none", outliers="keep")
    last = (5 + 1) / 2  # the mean of the last five known values, here of both
    assert learned[:, 0].tolist() == [last, 5, 5, 1, 1, 5] and learned[:, 1].tolist() == [1, 0, 1, 0, 1, 1]
    assert new[:, 0].tolist() == [last, 5, last, 1, last, last] and new[:, 1].tolist() == [1, 0, 1, 0, 1, 1]


def test_rows_of_one_moment_keep_their_order():
    _, learned, _ = made([1.0, np.nan, 2.0, np.nan], [0, 0, 0, 0], impute="forward", scale="none")
    assert learned[:, 0].tolist() == [1, 1, 2, 2]


def test_what_is_carried_to_new_rows_is_no_single_cell():
    values = np.append(np.arange(100.0), np.nan)
    assert made(values, np.arange(101), impute="forward")[0]["fill"] == np.mean(values[95:100]) and LEAST_ROWS == 5


@pytest.mark.parametrize("outliers", ["clip", "rank"])
def test_carried_values_are_scaled_or_ranked_like_known_ones(outliers):
    values = np.arange(100.0)
    values[50] = np.nan
    _, learned, new = made(values, np.arange(100), impute="forward", outliers=outliers)
    assert learned[50, 0] == learned[49, 0] == new[49, 0] and np.array_equal(np.delete(learned, 50, 0), np.delete(new, 50, 0))


def test_forward_without_an_order_or_without_a_gap_is_the_median():
    assert made([1.0, np.nan, 2.0, 9.0], impute="forward")[0]["fill"] == 2.0
    assert made([np.nan] * 3, [1, 2, 3], impute="forward")[0]["fill"] == 0.0
    assert made([1.0, 2.0], [1, 2], impute="forward")[0]["indicator"] is False
