"""Fits the step of another package's transformer on the learning rows of a fold."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArtifactError
from automl.families.base import Needs
from automl.features.numbers import centre_and_scale
from automl.inference.forms import Arrays
from automl.inference.steps.custom import applied
from automl.inference.table import Column
from automl.inference.transformer import Origin, State, load

Step = dict[str, Any]


def fit_custom(name: str, column: Column, y: NDArray[np.int64], needs: Needs, origin: Origin, arrays: Arrays) -> Step:
    """Return the step of a column's transformer, fitted on rows with class codes `y` (n_rows,); its arrays go into `arrays`.

    Raises ArtifactError where the transformer fails or learned what an artifact cannot hold, MissingPackageError as `load` does.
    """
    transformer = load(origin)
    whose = f"{origin}, on column `{name}`"
    try:
        state = transformer.fit(_values(column), y.copy())
        if not isinstance(state, State):
            raise TypeError(f"fit returned a {type(state).__name__}, not a State")
        facts = json.loads(json.dumps(state.facts, allow_nan=False))
        learned = {str(word): _numbers(word, array) for word, array in state.arrays.items()}
        names = [str(word) for word in transformer.names(State(facts, learned))]
    except Exception as fault:  # code of another package can raise anything
        raise ArtifactError(f"{whose}: {type(fault).__name__}: {fault}".splitlines()[0][:300], fix="ask those who made the package") from fault
    stored = {word: f"custom.{len(arrays)}.{i}" for i, word in enumerate(learned)}
    arrays |= {stored[word]: array for word, array in learned.items()}
    step: Step = {
        "kind": "custom", "column": name, "transformer": origin.transformer, "distribution": origin.distribution, "version": origin.version,
        "facts": facts, "arrays": stored, "names": names,
    }  # fmt: skip
    if needs.scaled:
        found = [centre_and_scale(values) for values in applied(transformer, origin, State(facts, learned), column, name, len(names)).T]
        step |= {"fill": [f[0] for f in found], "centre": [f[1] for f in found], "scale": [f[2] for f in found]}
    return step


def _values(column: Column) -> NDArray[Any]:
    """Return (n_rows,) the values of a column as a transformer takes them, in memory of their own."""
    if column.kind == "coded":
        values: NDArray[Any] = np.array([*column.levels, None], dtype=object)[column.values]
        return values
    return np.where(np.isfinite(column.values), column.values, np.nan)


def _numbers(word: str, array: Any) -> NDArray[Any]:
    """Return an array that a file of numbers can hold. Raises TypeError for another."""
    found = np.asarray(array)
    if found.dtype.kind not in "biuf" or found.dtype.itemsize > 8:
        raise TypeError(f"the array `{word}` holds {found.dtype}, not numbers")
    return np.ascontiguousarray(found)
