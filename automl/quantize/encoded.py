"""Networks behind an encoding: the encoding stays as it is, the network is stored as one without it would be."""

from automl.inference.encoding import encoder
from automl.inference.forms import Form
from automl.quantize import network
from automl.quantize.calibration import Rows, dense


def store(form: Form, precision: str, step: int = 0, rows: Rows = None, seconds: float = 0.0) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words; `step`, `rows` and `seconds` as for a network."""
    own = {name: array for name, array in form.arrays.items() if name.startswith("encode.")}
    plain = Form("network", form.config, {name: array for name, array in form.arrays.items() if name not in own})
    inputs = None if rows is None or not step else encoder(form)(dense(rows))
    stored, words = network.store(plain, precision, step, inputs, seconds)
    return Form(form.kind, stored.config, {**own, **stored.arrays}), words
