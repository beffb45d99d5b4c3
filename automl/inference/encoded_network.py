"""Feed-forward networks behind an encoding of their features."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference import network
from automl.inference.encoding import encoder
from automl.inference.forms import Form


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `encode.*` (see automl.inference.encoding) and those of a network."""
    encode = encoder(form)
    answer = network.load(Form("network", form.config, {name: array for name, array in form.arrays.items() if not name.startswith("encode.")}))
    return lambda x: answer(encode(x))
