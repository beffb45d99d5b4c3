"""scikit-learn's bundled tables, for examples and tests."""

import hashlib

import numpy as np

from automl.data.sources.raw import Raw
from automl.inference.table import Column, Table, recode


def read_builtin(name: str) -> tuple[Raw, str]:
    """Return one of scikit-learn's bundled tables and the name of its target column."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = [str(n).replace(" ", "_") for n in bunch.feature_names]
    columns = {n: Column("number", np.ascontiguousarray(bunch.data[:, i], dtype=np.float64)) for i, n in enumerate(names)}
    columns["target"] = recode([str(t) for t in bunch.target_names], np.asarray(bunch.target, dtype=np.int32))
    digest = hashlib.sha256(bunch.data.tobytes() + bunch.target.tobytes()).hexdigest()
    return Raw(Table(columns, len(bunch.target)), f"scikit-learn {name}", digest), "target"
