"""Reducers in fewer bits: smaller, and rows stay where they are, judged as the ladder judges them."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.inference.forms import Model
from automl.inference.reconstruct import reconstructor
from automl.inference.storage import from_bytes, to_bytes
from automl.quantize.agreement import coordinate_losses
from automl.quantize.schemes import precisions_of, steps_of, store
from automl.testing.reducers import TASK, reduced, sample

NAMES = [n for n in FAMILIES.names(TASK) if n != "umap" and FAMILIES.get(TASK, n).scheme is not None]


@pytest.mark.parametrize("name", NAMES)
def test_rows_stay_and_bytes_go(name):
    x, y = sample(200, 80, 12)
    _, form, _ = reduced(FAMILIES.get(TASK, name), x, y, m=10, steps=400)
    assert precisions_of(form) == ("float32", "float16", "int8")
    reference = Model(form).predict(x)
    sizes, lost = [form.n_bytes], []
    for precision, step in (("float16", 0), *(("int8", step) for step in range(steps_of(form)))):
        stored = from_bytes(to_bytes(store(form, precision, step)[0]), "m")
        lost.append(float(coordinate_losses(reference, Model(stored).predict(x)).mean()))
        sizes.append(stored.n_bytes)
    assert lost[0] < 1e-3 and min(lost[1:]) < 0.02, lost
    assert sizes[1] < 0.75 * sizes[0] and min(sizes[2:]) < 0.9 * sizes[1]


@pytest.mark.parametrize("name", ["pca", "autoencoder", "nmf"])
def test_the_way_back_is_kept(name):
    x, y = sample(200, 20)
    form = reduced(FAMILIES.get(TASK, name), x, y, steps=400)[1]
    whole = np.square(x - reconstructor(form)(Model(form).predict(x))).mean()
    for precision in ("float16", "int8"):
        stored = store(form, precision)[0]
        assert np.square(x - reconstructor(stored)(Model(stored).predict(x))).mean() < whole + 0.01


def test_a_list_of_columns_stays_as_it_is():
    x, y = sample()
    form = reduced(FAMILIES.get(TASK, "chi2"), x, y)[1]
    assert store(form, "int8")[0] is form
