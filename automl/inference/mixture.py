"""A mixture of normal distributions: the posterior probability of each part, in the coordinates of the fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference import quadratic
from automl.inference.forms import Form
from automl.inference.projection import projection


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of the arrays `means`, `whiten` and `bias` and the config of the kind `quadratic`, whose classes are the parts."""
    parts, project = quadratic.load(form), projection(form)

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return parts(project(x))

    return predict
