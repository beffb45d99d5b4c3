import numpy as np

from automl.inference.forms import Form, Model


def test_columns_come_out_as_they_are_in_the_order_of_the_form():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert (Model(Form("selection", {}, {"columns": np.array([2, 0], np.int32)})).predict(x) == x[:, [2, 0]]).all()
