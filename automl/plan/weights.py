"""`task.balance` resolved: a weight per class."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import did_you_mean
from automl.plan.fault import spec_error
from automl.spec.model import Spec

PATH = ("task", "balance")


def class_weights(
    spec: Spec, y: NDArray[np.int64], classes: Sequence[str], decide: Callable[[str, Any, str], Any], weight: NDArray[np.float64] | None = None
) -> tuple[float, ...]:  # fmt: skip
    """Return the weight of each class, of which the mean over the training rows with codes `y` (n_rows,) is 1; empty: all alike.

    `weights` makes every class weigh the same in all (King and Zeng 2001, Logistic regression in rare events data, eq. 8, with
    equal shares for the classes, which scikit-learn calls balanced). A class that a mapping does not name has weight 1 there.
    `weight` (n_rows,) is how much each row counts for itself, None: all alike.
    Raises SpecError for a class that the data do not have, and for a weight that is not above 0.
    """
    asked = spec.goal.balance
    if isinstance(asked, str) and asked in ("auto", "none"):
        decide("task.balance", "none", "asked for" if asked == "none" else "weights bend the probabilities: each row weighs the same")
        return ()
    counts = np.bincount(y, weight, len(classes)).astype(np.float64)
    if isinstance(asked, str):
        raw = 1 / np.where(counts > 0, counts, 1.0)
    else:
        raw = np.ones(len(classes))
        for name, value in asked.items():
            if name not in classes:
                near = did_you_mean(name, classes)
                label = f"did you mean `{near}`?" if near else "classes: " + ", ".join(classes)
                raise spec_error(spec, (*PATH, name), f"`{name}` is not a class of the target", label)
            if not 0 < value < float("inf"):
                raise spec_error(spec, (*PATH, name), f"the weight of `{name}` is {value}", "give a number above 0")
            raw[classes.index(name)] = value
    weights = raw * counts.sum() / (raw * counts).sum()
    decide("task.balance", ", ".join(f"{name}: {weight:.3g}" for name, weight in zip(classes, weights, strict=True)), "asked for; the mean over the rows is 1")
    return tuple(weights.tolist())
