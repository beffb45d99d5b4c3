"""Whether rows that a fit has not seen are placed where a fit that saw them puts them."""

import time
from typing import Any

import numpy as np

from automl.families.cluster_forms import labels_of
from automl.inference.forms import Model
from automl.search.clusters.agreement import adjusted_rand
from automl.search.clusters.evidence import Candidate
from automl.search.clusters.placing import fit_with_form, without_noise
from automl.search.clusters.views import View
from automl.search.fits import Pool

LEAST = 20  # rows, of which half are placed
SHARE = 0.25  # of the time left, that a fit may take


def placed_unseen(pool: Pool, view: View, best: Candidate, noise: bool, seed: int, deadline: float) -> dict[str, Any] | None:
    """Return `rows`, half of the sample, and the `agreement` of the clusters that a fit on the other half gives them with those that the result has.

    The adjusted Rand index; None where there is no time for the fit or it failed.
    """
    n = len(view.rows)
    if n < LEAST or best.seconds > SHARE * (deadline - time.monotonic()):
        return None
    order = np.random.default_rng([seed, n]).permutation(n)
    seen, others = np.sort(order[: n // 2]), np.sort(order[n // 2 :])
    matrix, name = view.matrices()[best.step.data], f"clusters.{best.step.data}.seen"
    pool.put(name, np.ascontiguousarray(matrix[seen]))
    done = fit_with_form(pool, best, name, seed, deadline)
    if done is None or done.form is None:
        return None
    form = done.form if noise else without_noise(done.form)
    placed = labels_of(Model(form).predict(matrix[others]))
    return {"rows": len(others), "agreement": round(adjusted_rand(placed, best.labels[others]), 4)}
