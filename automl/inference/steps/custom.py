"""The step of another package's transformer: its values, checked, and filled and scaled for families that need it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArtifactError
from automl.inference.forms import Arrays
from automl.inference.steps.numbers import CLIP, raw
from automl.inference.table import Column
from automl.inference.transformer import Origin, State, Transformer, load

Step = dict[str, Any]
Out = NDArray[np.float32]


def origin_of(step: Step) -> Origin:
    """Return which transformer a step needs."""
    return Origin(str(step["transformer"]), str(step["distribution"]), str(step["version"]))


def state_of(step: Step, arrays: Arrays) -> State:
    """Return what the transformer of a step learned."""
    return State(dict(step["facts"]), {word: arrays[name] for word, name in step["arrays"].items()})


def applied(transformer: Transformer, origin: Origin, state: State, column: Column, name: str, width: int) -> NDArray[np.float64]:
    """Return (n_rows, width), NaN where not finite; distinct categories and texts are handed in once each.

    Raises ArtifactError where the transformer fails or returns something else.
    """
    coded = column.kind == "coded"
    values: NDArray[Any] = np.array([*column.levels, None], dtype=object) if coded else np.where(np.isfinite(column.values), column.values, np.nan)
    whose = f"{origin}, on column `{name}`"
    try:
        made = np.asarray(transformer.apply(state, values), dtype=np.float64)
    except Exception as fault:  # code of another package can raise anything
        raise ArtifactError(f"{whose}: {type(fault).__name__}: {fault}".splitlines()[0][:300], fix="ask those who made the package") from fault
    if made.shape != (len(values), width):
        raise ArtifactError(f"{whose}: made {made.shape} of {len(values)} values, expected ({len(values)}, {width})", fix="ask those who made the package")
    return raw(made[column.values] if coded else made)  # code -1 is the last of the values, the missing one


def write_custom(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write what the transformer makes of the column: filled, scaled and clipped where the step has scales."""
    origin = origin_of(step)
    made = applied(load(origin), origin, state_of(step, arrays), columns[0], step["column"], len(step["names"]))
    if "scale" in step:
        fill, centre, scale = (np.asarray(step[key], dtype=np.float64) for key in ("fill", "centre", "scale"))
        made = np.clip((np.where(np.isnan(made), fill, made) - centre) / scale, -CLIP, CLIP)
    out[:] = made


def names_custom(step: Step) -> list[str]:
    """Return the names of the features, after that of their column."""
    return [f"{step['column']} {name}" for name in step["names"]]


def needed(steps: Sequence[Mapping[str, Any]]) -> list[Origin]:
    """Return the transformers that some steps need, each once."""
    return list(dict.fromkeys(origin_of(dict(step)) for step in steps if step["kind"] == "custom"))
