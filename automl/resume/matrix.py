"""What the trials of a search without labels depend on beside their own options."""

import hashlib
import json

import numpy as np

from automl.features.view import View
from automl.plan.unlabelled import UnlabelledPlan


def terms(plan: UnlabelledPlan, view: View) -> str:
    """Return a hash of the searched matrix and of what is asked: trials with another one cannot be compared."""
    digest = hashlib.sha256()
    for array in (view.rows, view.x, *(() if plan.code is None else (np.asarray(plan.code),))):
        digest.update(f"{array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    values = {"task": plan.task, "asked": dict(plan.asked), "seed": plan.seed}
    digest.update(json.dumps(values, sort_keys=True, default=str).encode())
    return digest.hexdigest()
