"""A family that learns nothing, so that what a run of it costs is what the engine costs; options only the sampler cares about."""

from typing import Any

from automl.families.base import Context, Family, FitData, Progress
from automl.families.space import Choice, Float, Int, Params, Space


def space(context: Context) -> Space:
    """Return as many options as a family of trees has, some under a choice."""
    flat = {f"x{k}": Float(1e-3, 1.0, 0.1, log=True) for k in range(4)} | {f"k{k}": Int(1, 200, 9, log=True) for k in range(2)}
    return Space({**flat, "how": Choice({"a": Space({"r": Float(0.0, 1.0, 0.5)}), "b": Space({"r": Float(0.0, 1.0, 0.5), "s": Int(1, 9, 3)})}, "a")})


class Shares:
    """The class shares of the learning rows, moved by an option, so that scores differ."""

    def __init__(self, params: Params, context: Context) -> None:
        self.shift, self.n_outputs = params["x0"], context.n_outputs
        self.output: Any = None


def fit(estimator: Shares, data: FitData, progress: Progress) -> Shares:
    """Count the classes."""
    import numpy as np

    share = np.bincount(data.y, minlength=estimator.n_outputs) / len(data.y) + estimator.shift
    estimator.output = (share / share.sum()).astype(np.float32)
    return estimator


def export(estimator: Shares, context: Context) -> Any:
    """Return the constant."""
    from automl.inference.forms import Form

    return Form("constant", {"n_outputs": estimator.n_outputs}, {"output": estimator.output})


def predict(estimator: Shares, x: Any) -> Any:
    """Return (n_rows, n_outputs), the same for each row."""
    import numpy as np

    return np.repeat(estimator.output[None, :], x.shape[0], axis=0)


FAMILY = Family("trivial", "class shares, for measuring the engine", frozenset({"classification"}), space, Shares, fit, export, predict)  # type: ignore[arg-type]
