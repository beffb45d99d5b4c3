"""Maps to look at: neighbours and far distances of all rows, traded off in one score."""

from typing import Any

from automl.families.reducers import PURPOSES
from automl.search.reductions.contest import Candidate
from automl.search.reductions.job import Job
from automl.search.reductions.judges import MapJudge
from automl.search.reductions.objectives import reference
from automl.search.reductions.options import MAP_COMPONENTS

METRIC = "map_quality"
SEARCHED = ("tsne", "isomap", "umap", "autoencoder", "kernel_pca")
FIRST: tuple[tuple[str, dict[str, Any]], ...] = (
    ("pca", {}), ("tsne", {}), ("isomap", {}), ("tsne", {"far": 4.0, "steps": 500}), ("kernel_pca", {}), ("umap", {}),
    ("tsne", {"far": 8.0, "steps": 600}), ("autoencoder", {"steps": 1500}), ("nystroem", {}), ("truncated_svd", {}), ("ica", {}), ("random_fourier", {}),
    ("nmf", {}), ("random_projection", {}),
)  # fmt: skip
"""Unlike methods in turn; t-SNE with more and more say for far distances, which is where the best trade-off lies."""


def run(job: Job) -> tuple[MapJudge, int, list[Candidate], dict[str, Any]]:
    """Return the judge, the number of coordinates, the candidates best first, and why so many coordinates."""
    m, because = job.asked() if job.options.n_components is not None else (min(job.most, MAP_COMPONENTS), "a map is drawn on paper: two directions")
    judge = MapJudge(reference(job.x, job.seed), job.options.preserve, job.n_rows)
    job.pool.put("x", job.x, job.options.y)
    until = job.until()
    job.contest.given(job.entries(FIRST), judge, until, m)
    job.contest.search(judge, until, m, [f for f in job.spaces if f in SEARCHED or f not in PURPOSES["visualize"]])
    return judge, m, job.contest.ranked(judge), {"n_components": m, "because": because}
