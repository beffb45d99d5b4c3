"""Products that tell the class are found; on tables without any, next to none are."""

import numpy as np

from ..builders import dataset_of
from .test_look import look_of


def test_a_product_that_tells_the_class_is_found():
    from automl.eda.interactions import useful_pairs

    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 900))
    found = useful_pairs(look_of(dataset_of((a * b + rng.normal(0, 0.5, 900) > 0).astype(int), a=a, b=b, c=c)))
    assert set(found[0][0]) == {"a", "b"} and found[0][1].change > 0.2 and found[0][1].low > 0


def test_noise_has_no_pairs_and_few_rows_are_not_asked():
    from automl.eda.interactions import useful_pairs

    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(6, 600))
        look = look_of(dataset_of((x[0] + x[1] + rng.normal(size=600) > 0).astype(int), **{f"v{i}": v for i, v in enumerate(x)}))
        found += bool(useful_pairs(look))
    assert found <= 2
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 100))
    assert useful_pairs(look_of(dataset_of((a * b > 0).astype(int), a=a, b=b))) == []
