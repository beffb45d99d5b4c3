"""The constant predictor."""

import numpy as np
from scipy import sparse

from automl.inference.forms import Form, Model


def test_every_row_gets_the_same():
    model = Model(Form("constant", {}, {"output": np.array([0.25, 0.75], np.float32)}))
    for x in (np.zeros((3, 0), np.float32), np.full((3, 2), np.nan, np.float32), sparse.csr_matrix((3, 5), dtype=np.float32)):
        assert model.predict(x).tolist() == [[0.25, 0.75]] * 3
    assert model.predict(np.zeros((0, 4), np.float32)).shape == (0, 2)
