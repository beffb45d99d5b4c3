"""What all reducers share: options that become a form and the coordinates of the rows it was fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator
from automl.families.space import Int, Params

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

TASK = frozenset({"dimensionality_reduction"})


class Reduction:
    """Options, and after the fit the form that places rows, the coordinates (n_rows, m) of the rows it was fitted on, and facts."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.form: Any = None
        self.output: Any = None

    @property
    def components(self) -> int:
        """Return the number of coordinates asked for."""
        return int(self.params["components"])

    def finish(self, form: Form, x: Any, output: Any = None) -> Reduction:
        """Keep the form, and the coordinates of the rows: its own answer unless the method has another."""
        import numpy as np

        self.form = form
        self.output = place(form, x) if output is None else np.ascontiguousarray(output, dtype=np.float32)
        return self


def components(context: Context, most: int | None = None, default: int = 2) -> Int:
    """Return the option that says how many coordinates: up to as many as rows and columns allow, and no more than `most`."""
    top = max(1, min(context.n_columns, context.n_rows - 1, most or context.n_columns))
    return Int(1, top, min(default, top), log=True)


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Reduction(params, context)


def fitted(estimator: Estimator) -> NDArray[Any]:
    """Return the coordinates (n_rows, m) float32 of the rows it was fitted on."""
    return estimator.output  # type: ignore[no-any-return]


def export(estimator: Estimator, context: Context) -> Form:
    """Return the form that places new rows."""
    return estimator.form  # type: ignore[no-any-return]


def place(form: Form, x: Any) -> NDArray[np.float32]:
    """Return the coordinates (n_rows, m) that a form gives to rows."""
    from automl.inference.forms import Model

    return Model(form).predict(x)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return coordinates of rows: the form's own, which is all there is of such a fit."""
    return place(estimator.form, x)


def projection(mean: Any, weights: Any, inverse: Any = None) -> Form:
    """Return the form of (x - mean) @ weights (n_features, m), with the way back z @ inverse (m, n_features) + mean where it is given."""
    import numpy as np

    from automl.inference.forms import Form

    arrays = {"weights": weights, "bias": -(mean @ weights)} | ({} if inverse is None else {"inverse": inverse, "centre": mean})
    return Form("projection", {}, {name: np.ascontiguousarray(a, dtype=np.float32) for name, a in arrays.items()})


def some_rows(n_rows: int, most: int, seed: int) -> NDArray[np.int64]:
    """Return positions, in order, of at most so many rows, drawn evenly."""
    import numpy as np

    if n_rows <= most:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(seed).choice(n_rows, most, replace=False))


def placed_by_neighbours(x: Any, rows: NDArray[np.int64], coordinates: Any, seed: int, k: int = 8, inner: int = 50) -> tuple[Form, NDArray[np.float32]]:
    """Return the form that puts a row among its neighbours of a map, and the coordinates of all rows: mapped ones keep their own.

    `rows` are positions of the mapped ones in x (n_rows, n_features), `coordinates` (n_mapped, m) theirs. Neighbours are looked for
    in the `inner` directions of most variance, which costs less than in all columns and drops noise.
    """
    import numpy as np

    from automl.families.subspace import leading
    from automl.inference.forms import Form

    found = leading(x[rows], min(inner, x.shape[1]), seed=seed)
    weights = found.directions.T.astype(np.float32)
    bias = -(found.mean @ found.directions.T).astype(np.float32)
    kept = x[rows] @ weights + bias
    arrays = {"weights": weights, "bias": bias, "rows": kept.astype(np.float32), "coordinates": np.asarray(coordinates, np.float32)}
    form = Form("placement", {"k": min(k, len(rows))}, {name: np.ascontiguousarray(a) for name, a in arrays.items()})
    output = np.empty((len(x), arrays["coordinates"].shape[1]), np.float32)
    output[rows] = arrays["coordinates"]
    others = np.setdiff1d(np.arange(len(x)), rows)
    if len(others):
        output[others] = place(form, x[others])
    return form, output
