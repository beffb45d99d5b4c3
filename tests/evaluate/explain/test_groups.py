import numpy as np

from automl.evaluate.explain.groups import together
from tests.builders import dataset_of

RNG = np.random.default_rng(0)
N = 1000


def test_numbers_categories_and_both_go_together_and_noise_with_nothing():
    x, k = RNG.normal(size=N), RNG.integers(0, 4, N)
    dataset = dataset_of(
        np.arange(N) % 2, a=x, b=np.exp(x), noise=RNG.normal(size=N), c=(k, list("pqrs")), d=(3 - k, list("wxyz")), of_c=k * 10 + RNG.normal(size=N),
        low=(x > 0).astype(float) * 0.0 + RNG.normal(size=N) + 0.5 * x,
    )  # fmt: skip
    found = {frozenset(columns): least for columns, least in together(dataset, np.arange(N), ["a", "b", "noise", "c", "d", "of_c", "low"], 5.0)}
    assert set(found) == {frozenset("ab"), frozenset({"c", "d", "of_c"})} and found[frozenset("ab")] == 1.0


def test_too_few_rows_or_no_time_is_no_group():
    dataset = dataset_of(np.arange(N) % 2, a=np.arange(N), b=np.arange(N))
    assert together(dataset, np.arange(10), ["a", "b"], 5.0) == [] == together(dataset, np.arange(N), ["a", "b"], 0.0)
    assert together(dataset, np.arange(N), ["a"], 5.0) == []
    assert [c for c, _ in together(dataset, np.arange(N), ["b", "a"], 5.0)] == [("b", "a")]
