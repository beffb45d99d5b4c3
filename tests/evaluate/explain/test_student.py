import pytest
from scipy.stats import t

from automl.evaluate.explain.student import p_value, reach


@pytest.mark.parametrize("freedom", [4, 9, 19, 100, 10_000])
def test_the_quantile_is_that_of_scipy(freedom):
    assert reach(freedom) == pytest.approx(t.ppf(0.975, freedom), rel=1e-3)


@pytest.mark.parametrize("freedom", [19, 50, 1000])
@pytest.mark.parametrize("value", [0.0, 0.5, -2.0, 4.0, 8.0])
def test_the_p_value_is_that_of_scipy_or_a_little_more(freedom, value):
    exact = 2 * t.sf(abs(value), freedom)
    assert exact * 0.999 <= p_value(value, freedom) <= exact * 1.05
