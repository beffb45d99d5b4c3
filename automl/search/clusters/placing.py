"""The winner on all rows: its fit, its form, and what that form says of every row."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.cluster_forms import cores, labels_of
from automl.inference.bending import ANYWHERE, bent
from automl.inference.forms import Form, Model
from automl.inference.groups import PLACED_BY
from automl.inference.projection import projected
from automl.search.clusters.agreement import adjusted_rand
from automl.search.clusters.evidence import Candidate
from automl.search.clusters.views import View
from automl.search.fits import Fit, Fitted, Pool

Ints = NDArray[np.int64]

CARRIED = 0.75  # agreement of a fit on all rows with what was found on the sample, below which the latter is kept
BLOCK = 50_000


@dataclass(frozen=True)
class Placed:
    """`labels` (n_rows,), -1 for noise, `strength` (n_rows,) and the form, which takes the features; `note` says how and how well."""

    labels: Ints
    strength: NDArray[np.float32]
    form: Form
    note: dict[str, Any]


def place_all(pool: Pool, x: NDArray[np.float32], view: View, best: Candidate, noise: bool, seed: int, deadline: float) -> Placed:
    """Return the winner on all rows x (n_rows, n_features): fitted to them where there is time and the same is found, else the sample's."""
    few = len(view.rows) == len(x)
    form: Form | None = None
    fitted_to = "all rows"
    if not few and _has_time(best, len(x), x.shape[1], deadline):
        pool.put("clusters.all", view.whole(x, best.step))
        done = fit_with_form(pool, best, "clusters.all", seed, deadline - 0.15 * (deadline - time.monotonic()))
        if done is not None and done.form is not None and done.output is not None:
            same = adjusted_rand(done.output[view.rows].astype(np.int64), best.labels)
            form = done.form if same >= CARRIED else None
    if form is None:
        done = fit_with_form(pool, best, f"clusters.{best.step.data}", seed, deadline)
        same_again = done is not None and done.output is not None and done.form is not None and (
            not noise or adjusted_rand(done.output.astype(np.int64), best.labels) >= CARRIED
        )  # fmt: skip
        form = done.form if done is not None and same_again else cores(view.matrices()[best.step.data], best.labels)
        fitted_to = "all rows" if few else f"{len(view.rows)} rows drawn evenly"
    assert form is not None
    form = form if noise else without_noise(form)
    if best.step.projected and view.projection is not None:
        form = projected(form, view.projection.mean, view.projection.axes)
    if view.scaling is not None:
        form = bent(form, view.scaling.arrays)
    model = Model(form)
    labels, strength = np.empty(len(x), np.int64), np.empty(len(x), np.float32)
    for at in range(0, len(x), BLOCK):
        found = model.predict(x[at : at + BLOCK])
        labels[at : at + BLOCK], strength[at : at + BLOCK] = labels_of(found), found.max(axis=1, initial=0.0)
    family: Family = FAMILIES.get("clustering", best.step.family)
    note = {
        "by": PLACED_BY[form.kind], "fitted_to": fitted_to, "own_way": family.places,
        "agreement": round(adjusted_rand(labels[view.rows], best.labels), 4), "projected": best.step.projected,
    }  # fmt: skip
    return Placed(labels, strength, form, note)


def _has_time(best: Candidate, n: int, columns: int, deadline: float) -> bool:
    """Return whether a fit on all rows, guessed from its family's cost and from the fit on the sample, takes less than half of the time left."""
    family: Family = FAMILIES.get("clustering", best.step.family)
    if family.cost is None:
        return False
    guess = family.cost(Context("clustering", n, columns, 1), best.step.params)
    sample = family.cost(Context("clustering", len(best.labels), columns, 1), best.step.params)
    pace = max(1.0, best.seconds / max(sample, 1e-6))
    return guess * min(pace, 20.0) < 0.5 * (deadline - time.monotonic())


def fit_with_form(pool: Pool, best: Candidate, data: str, seed: int, deadline: float) -> Fitted | None:
    """Return the winner's fit with its form; None where it did not come back."""
    pool.submit(Fit(best.step.family, best.step.params, seed, data, needs_form=True, note=best.step.note), deadline)
    while True:
        for fitted in pool.results(0.5):
            if fitted.fit.needs_form:
                return fitted if fitted.output is not None else None
        if not pool.pending():
            return None


def without_noise(form: Form) -> Form:
    """Return a form that gives every row a cluster: kept noise is dropped, and no row is too far."""
    if form.kind != "cores":
        return form
    held = form.arrays["code"] < form.config["n_outputs"]
    arrays = {**form.arrays, "rows": form.arrays["rows"][held], "code": form.arrays["code"][held], "radius": np.full_like(form.arrays["radius"], ANYWHERE)}
    return form.with_arrays(arrays)
