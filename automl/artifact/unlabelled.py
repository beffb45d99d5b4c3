"""Predictors of tasks without a label: new rows get a cluster and a strength, or coordinates."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.load import Predictor
from automl.errors import ArtifactError
from automl.inference.frame import table_of_frame
from automl.inference.groups import PLACED_BY, clusters_of
from automl.inference.table import Table, table_of_row


class Unlabelled(Predictor):
    """What both have in common: the model's own answer to the rows of a table."""

    def proba(self, table: Table) -> NDArray[np.float32]:
        """Return (n_rows, n_outputs) of a raw table, as the model says them: strengths of clusters, or coordinates."""
        return self.outputs(table)

    def predict_proba(self, frame: Any) -> NDArray[np.float32]:
        """Refuse: nothing is predicted with a probability. Raises ArtifactError."""
        raise ArtifactError(f"a {self.manifest['task']} artifact has no probabilities of classes", fix="use predict or transform")

    def labels(self, proba: NDArray[np.float32]) -> NDArray[np.object_]:
        """Refuse, as `predict_proba` does. Raises ArtifactError."""
        raise ArtifactError(f"a {self.manifest['task']} artifact has no classes", fix="use predict or transform")

    def _frame(self, frame: Any) -> Table:
        return table_of_frame(frame, [f.name for f in self.fields])


class Clusterer(Unlabelled):
    """The predictor of a clustering."""

    @property
    def placed_by(self) -> str:
        """Return in words what decides on the cluster of a row."""
        return PLACED_BY.get(self.kind, "the model")

    def answers(self, table: Table) -> dict[str, Any]:
        """Return `cluster` (n_rows,), -1 for noise, and `strength` (n_rows,) in 0 to 1."""
        cluster, strength = clusters_of(self.proba(table))
        return {"cluster": cluster, "strength": strength}

    def predict(self, frame: Any) -> Any:
        """Return a pandas frame with `cluster` (-1 is noise) and `strength` (0 to 1), a row per row of the frame, with its index.

        Raises DataError naming a missing column or a cell that cannot be read; further columns are ignored.
        """
        import pandas as pd

        return pd.DataFrame(self.answers(self._frame(frame)), index=getattr(frame, "index", None))

    def predict_row(self, row: Mapping[str, object]) -> dict[str, Any]:
        """Return the cluster of one row given as a mapping, and its strength."""
        found = self.answers(table_of_row(row))
        return {name: values[0].item() for name, values in found.items()}

    def transform(self, frame: Any) -> NDArray[np.float32]:
        """Return (n_rows, n_clusters) strengths of a pandas frame in 0 to 1; of zeros where a row is noise."""
        return self.proba(self._frame(frame))


class Reducer(Unlabelled):
    """The predictor of a dimensionality reduction."""

    def answers(self, table: Table) -> dict[str, Any]:
        """Return coordinates `c1` to `cm`, each (n_rows,)."""
        found = self.proba(table)
        return {f"c{i + 1}": np.ascontiguousarray(found[:, i]) for i in range(found.shape[1])}

    def transform(self, frame: Any) -> Any:
        """Return a pandas frame with `c1` to `cm`, a row per row of the frame, with its index. Raises DataError as `predict` of a classifier does."""
        import pandas as pd

        return pd.DataFrame(self.answers(self._frame(frame)), index=getattr(frame, "index", None))

    def predict(self, frame: Any) -> Any:
        """Return the same as `transform`."""
        return self.transform(frame)

    def predict_row(self, row: Mapping[str, object]) -> dict[str, Any]:
        """Return the coordinates of one row given as a mapping."""
        return {name: values[0].item() for name, values in self.answers(table_of_row(row)).items()}
