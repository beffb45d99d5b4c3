"""One door to how models are stored in fewer bits: by the kind of the form, whatever family or task it is of."""

from automl.inference.forms import Form
from automl.quantize import boosted_trees, encoded, forest, linear, network, tables
from automl.quantize.calibration import Rows

ALL = ("float32", "float16", "int8")
STEPS = {"linear": len(linear.STEPS), "network": len(network.STEPS), "encoded_network": len(network.STEPS)}


def precisions_of(form: Form) -> tuple[str, ...]:
    """Return the precisions that a form can be stored at, widest first; float32 alone where no scheme suits it."""
    if form.kind in tables.TABLES:
        return ALL if tables.TABLES[form.kind].eight else ALL[:2]
    return ALL if form.kind in ("trees", "linear", "network", "encoded_network") else ALL[:1]


def steps_of(form: Form) -> int:
    """Return how many ways there are to store a form at 8 bits, each losing less, and taking more bytes or time, than the one before it."""
    return tables.steps_of(form.kind) if form.kind in tables.TABLES else STEPS.get(form.kind, 1)


def learns(form: Form) -> bool:
    """Return whether a form at 8 bits can be fine-tuned."""
    return form.kind in ("network", "encoded_network")


def store(form: Form, precision: str, step: int = 0, rows: Rows = None, seconds: float = 0.0) -> tuple[Form, str]:
    """Return the form at a precision, and how it is stored, in words; at the next wider one that suits it where that one does not.

    `step` is the way at 8 bits, 0 the plainest, the last where there are no more; `rows` (n_rows, n_features) are features of rows
    that the model learned from, for the ways that look at some. With `seconds`, a network is fine-tuned on these for so long at most; other
    kinds take no notice. A blend is stored model by model: see `ladder.rungs`.
    """
    can = precisions_of(form)
    if precision not in can:
        precision = can[-1]
    if len(can) == 1:
        return form, "float32, as trained"
    step = min(step, steps_of(form) - 1)
    if form.kind in tables.TABLES:
        return tables.store(form, precision, step)
    if form.kind == "trees":
        return boosted_trees.store(form, precision) if form.config["mode"] == "sum" else forest.store(form, precision)
    if form.kind == "encoded_network":
        return encoded.store(form, precision, step, rows, seconds)
    return network.store(form, precision, step, rows, seconds) if form.kind == "network" else linear.store(form, precision, step, rows)
