"""The rows that a search looks at: a sample of the table, scaled in one way, its principal components where columns are many, and their geometry."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.families.cluster_forms import some_rows
from automl.search.clusters.geometry import Geometry, untied
from automl.search.clusters.indices import code_length
from automl.search.clusters.ladder import PLAIN, WIDE, Step
from automl.search.clusters.projections import Projection, components
from automl.search.clusters.scalings import Scaling

ROWS = 2000  # all pairs of them are compared
DISTINCT = 3  # least rows with which anything can be said


@dataclass(frozen=True)
class View:
    """`rows` (n,) positions in the table; `x` and, of wide tables, `p`, the matrices that candidates are fitted on; `geometry` to judge them.

    `alone` is the code length of one cluster of all rows, `columns` those of the table, `scaling` how they were scaled; `name`, that of
    the scaling, comes before the names of its matrices where there are several.
    """

    rows: NDArray[np.int64]
    x: NDArray[np.float32]
    projection: Projection | None
    geometry: Geometry
    alone: float
    columns: int
    scaling: Scaling | None = None
    name: str = PLAIN

    @classmethod
    def of(cls, x: NDArray[np.float32], seed: int = 0, scaling: Scaling | None = None, name: str = PLAIN) -> "View":
        """Look at rows (n, m): all up to 2,000."""
        rows = some_rows(x, ROWS, seed)
        some = np.ascontiguousarray(x[rows], dtype=np.float32)
        some = some if scaling is None else scaling(some)
        spread = untied(some)
        projection = components(some, WIDE) if x.shape[1] > WIDE else None
        geometry = Geometry.of(components(spread, WIDE)(spread) if projection else spread)
        return cls(rows, some, projection, geometry, code_length(geometry, np.zeros(len(rows), np.int64)), x.shape[1], scaling, name)

    def matrices(self) -> dict[str, NDArray[np.float32]]:
        """Return the matrices of the sample by the names that steps use."""
        return {self.named("x"): self.x} | ({self.named("p"): self.projection(self.x)} if self.projection else {})

    def named(self, data: str) -> str:
        """Return the name of a matrix (`x` or `p`) of this view."""
        return data if self.name == PLAIN else f"{self.name}.{data}"

    def whole(self, x: NDArray[np.float32], step: Step) -> NDArray[np.float32]:
        """Return all rows (n_rows, m) as a step takes them."""
        scaled = x if self.scaling is None else self.scaling(x)
        return self.projection(scaled) if step.projected and self.projection is not None else scaled

    def without_noise(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return labels (n,) with every noisy row in the cluster of the nearest row that has one."""
        held = np.flatnonzero(labels >= 0)
        if len(held) in (0, len(labels)):
            return labels
        out = labels.copy()
        noisy = np.flatnonzero(labels < 0)
        out[noisy] = labels[held[self.geometry.far[np.ix_(noisy, held)].argmin(axis=1)]]
        return out
