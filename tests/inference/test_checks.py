"""What compiled code for forests and networks would not look at is looked at before; test_hostile in tests/artifact does the rest."""

import numpy as np
import pytest

from automl.inference.checks import check_model
from tests.inference.test_forest import made
from tests.inference.test_network_bytes import form_of, store

FOREST = {
    "too few leaves": lambda a, c: a.update(leaf=a["leaf"][:-1]),
    "a leaf beyond the rows": lambda a, c: a["leaf"].__setitem__(0, len(a["leaf.rows"])),
    "leaves of another type": lambda a, c: a.update(leaf=a["leaf"].astype(np.int16)),
    "rows of another sum": lambda a, c: a["leaf.rows"].__setitem__((0, 0), 7),
    "rows of nothing": lambda a, c: a.update({"leaf.rows": np.zeros_like(a["leaf.rows"])}),
    "rows of another width": lambda a, c: a.update({"leaf.rows": a["leaf.rows"][:, :-1]}),
    "rows of another type": lambda a, c: a.update({"leaf.rows": a["leaf.rows"].astype(np.float32)}),
    "added up": lambda a, c: c.update(mode="sum", base=[0.0, 0.0, 0.0]),
}


@pytest.mark.parametrize("name", FOREST)
def test_a_forest_that_does_not_fit_is_refused(name):
    form, _ = made(1, 4, 3, 5)
    assert check_model(form, [(4, False)], 3) is form
    arrays, config = {k: v.copy() for k, v in form.arrays.items()}, dict(form.config)
    FOREST[name](arrays, config)
    with pytest.raises(ValueError):
        check_model(type(form)("trees", config, arrays), [(4, False)], 3)


def test_sums_of_bytes_need_bytes():
    form = store(form_of(0, [5, 8, 2]), "int8")[0]
    assert check_model(form, [(5, False)], 2) is form
    for wrong in (np.float16, np.uint8):
        with pytest.raises(ValueError, match="no bytes"):
            check_model(form.with_arrays({**form.arrays, "weights.1": form.arrays["weights.1"].astype(wrong)}), [(5, False)], 2)
