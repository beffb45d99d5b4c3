"""`AutoMLClusterer` and `AutoMLReducer`: runs of the engine without a label behind `fit`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from automl.estimators.engine import Engine
from automl.rundir import RunDir


class AutoMLClusterer(ClusterMixin, Engine):  # type: ignore[misc]
    """Groups of similar rows, found by a search over clustering methods, as a spec with this task would find them.

    Parameters
    ----------
    spec, time, seed, families, out, in_process : as of `AutoMLClassifier`.
    n_clusters : "auto", int or {"min", "max"}, default "auto"
        Number of groups; 1: all rows are one, and nothing is searched.
    noise : "allow" or "forbid", default "allow"
        Whether rows may belong to no group (label -1).
    metric : str, default None
        Index to choose by; None: chosen by the kind of structure.

    Attributes
    ----------
    labels_ : (n_rows,) the group of each row of `fit`, -1 for noise; n_clusters_ : int; evaluation_, leaderboard_, run_ as of
    `AutoMLClassifier`. `evaluation_["structure"]` says whether there are groups at all.
    """

    def __init__(
        self, spec: Any = None, *, n_clusters: Any = "auto", noise: str = "allow", metric: str | None = None, time: str | None = "10m", seed: int = 0,
        trials: int | None = None, families: Sequence[str] | None = None, out: Path | str | None = None, in_process: bool = False,
    ) -> None:  # fmt: skip
        self.spec, self.n_clusters, self.noise, self.metric, self.time, self.seed = spec, n_clusters, noise, metric, time, seed
        self.trials, self.families, self.out, self.in_process = trials, families, out, in_process

    def fit(self, X: Any, y: Any = None) -> "AutoMLClusterer":
        """Search and fit on X (n_rows, n_columns). Raises ValueError where nothing can be grouped, SpecError where `spec` is wrong."""
        frame = self._frame(X, reset=True)
        if len(frame) < 2:
            raise ValueError(f"{type(self).__name__} cannot group n_samples = {len(frame)}")
        if self.n_clusters == 1:  # nothing to search for: a group of all rows
            self._names, self._parts, self.evaluation_ = list(frame.columns), {}, {}
            self.labels_, self.n_clusters_ = np.zeros(len(frame), dtype=np.int64), 1
            return self
        task = {"type": "clustering", "n_clusters": self.n_clusters, "noise": self.noise, "metric": self.metric or "auto"}
        self._learn(frame, task, {}, {})
        return self

    def _read(self, files: RunDir, n_rows: int) -> None:
        found = pd.read_parquet(files.labels)["cluster"].to_numpy(dtype=np.int64)[:n_rows]
        self.labels_ = found
        self.n_clusters_ = int(found.max(initial=-1)) + 1

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return (n_rows,) the group of each row, -1 for noise."""
        rows = self._rows(X)
        if self.n_clusters_ == 1 and not self._parts:
            return np.zeros(len(rows), dtype=np.int64)
        found: Any = self._predictor.predict(rows)
        return np.asarray(found["cluster"], dtype=np.int64)


class AutoMLReducer(TransformerMixin, Engine):  # type: ignore[misc]
    """Fewer columns with the same structure, found by a search over methods, as a spec with this task would find them.

    Parameters
    ----------
    spec, time, seed, families, out, in_process : as of `AutoMLClassifier`.
    purpose : "compress", "features" or "visualize", default "compress"
        What the result is for; it says how methods are compared.
    n_components : "auto", int, or a share of the variance as "95%", default "auto"
        Number of columns.

    Attributes
    ----------
    embedding_ : (n_rows, n_components_) the coordinates of the rows of `fit`; evaluation_, leaderboard_, run_ as of
    `AutoMLClassifier`.
    """

    def __init__(
        self, spec: Any = None, *, purpose: str = "compress", n_components: Any = "auto", time: str | None = "10m", seed: int = 0, trials: int | None = None,
        families: Sequence[str] | None = None, out: Path | str | None = None, in_process: bool = False,
    ) -> None:  # fmt: skip
        self.spec, self.purpose, self.n_components, self.time, self.seed = spec, purpose, n_components, time, seed
        self.trials, self.families, self.out, self.in_process = trials, families, out, in_process

    def fit(self, X: Any, y: Any = None) -> "AutoMLReducer":
        """Search and fit on X (n_rows, n_columns). Raises ValueError where nothing can be reduced, SpecError where `spec` is wrong."""
        frame = self._frame(X, reset=True)
        if len(frame) < 2:
            raise ValueError(f"{type(self).__name__} cannot reduce n_samples = {len(frame)}")
        self._learn(frame, {"type": "dimensionality_reduction", "purpose": self.purpose, "n_components": self.n_components}, {}, {})
        return self

    def _read(self, files: RunDir, n_rows: int) -> None:
        self.embedding_ = pd.read_parquet(files.embedding).to_numpy(dtype=np.float64)[:n_rows]
        self.n_components_ = self.embedding_.shape[1]

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return (n_rows, n_components_) coordinates."""
        rows = self._rows(X)
        return np.asarray(self._predictor.transform(rows), dtype=np.float64)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the coordinates, c1 to cm."""
        check_is_fitted(self)
        return np.array([f"c{i + 1}" for i in range(self.n_components_)], dtype=object)
