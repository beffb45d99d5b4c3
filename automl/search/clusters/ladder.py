"""The candidates that are tried first, by kind of structure: every number of clusters of the cheap families, a few settings of the others."""

from dataclasses import dataclass
from typing import Any

MOST_CLUSTERS = 20
PLAIN = "variance"  # the scaling that every table has, see scalings
WIDE = 8  # columns beyond which density and full covariances are looked for among principal components

KIND = {
    "kmeans": "compact", "bisecting_kmeans": "compact", "agglomerative": "compact", "birch": "compact", "mean_shift": "compact",
    "gaussian_mixture": "elliptical", "dbscan": "dense", "hdbscan": "dense", "genie": "connected", "spectral": "connected",
}  # fmt: skip
"""The kind of structure that a family looks for."""

NOISY = ("dbscan", "hdbscan")


@dataclass(frozen=True)
class Step:
    """A candidate: a family, its options, and the matrix it is fitted on: `x`, or `p`, its principal components; `log.x` and `log.p` where scaled so."""

    family: str
    params: dict[str, Any]
    data: str = "x"

    @property
    def kind(self) -> str:
        """Return the kind of structure it looks for; single linkage follows density, whatever its family."""
        return "dense" if self.params.get("linkage") == "single" else KIND[self.family]

    @property
    def projected(self) -> bool:
        """Return whether it is fitted on principal components."""
        return self.data.rpartition(".")[2] == "p"

    @property
    def note(self) -> str:
        """Return in words what is done to standardised rows before the fit; empty for nothing."""
        return ", ".join([*(["logarithm of long tails"] if self.scaling != PLAIN else []), *(["principal components"] if self.projected else [])])

    @property
    def scaling(self) -> str:
        """Return the name of the scaling of the rows that it is fitted on."""
        return self.data.rpartition(".")[0] or PLAIN


def most_clusters(n: int) -> int:
    """Return the most clusters that are looked for among n rows: the square root of n, 20 at most."""
    return max(2, min(MOST_CLUSTERS, int(n**0.5), n - 1))


def ladder(n: int, d: int, low: int, high: int) -> list[Step]:
    """Return the candidates for n rows of d columns with `low` to `high` clusters, the most telling first."""
    counts = list(range(low, high + 1))
    few = [k for k in counts if k <= max(12, low)]
    wide = d > WIDE
    main = "p" if wide else "x"
    out = [Step("kmeans", {"clusters": k}) for k in counts]
    for least in (0.015, 0.03, 0.05, 0.08, 0.13):
        out += [Step("hdbscan", {"least": least, "neighbours": 5, "branches": "stable"}, main)]
    out += [Step("gaussian_mixture", {"clusters": k, "covariance": "full", "method": "likelihood"}, main) for k in few]
    out += [Step("genie", {"clusters": k, "gini": 0.3, "neighbours": 1}, main) for k in counts]
    out += [Step("agglomerative", {"clusters": k, "linkage": "ward"}) for k in counts]
    out += [Step("agglomerative", {"clusters": k, "linkage": "average"}) for k in counts]
    out += [Step("spectral", {"clusters": k, "neighbours": 10}, main) for k in few]
    for neighbours, least in ((10, 0.03), (10, 0.08), (20, 0.05), (1, 0.05)):
        out += [Step("hdbscan", {"least": least, "neighbours": neighbours, "branches": "stable"}, main)]
    out += [Step("genie", {"clusters": k, "gini": 0.6, "neighbours": 5}, main) for k in few]
    out += [Step("hdbscan", {"least": 0.05, "neighbours": 5, "branches": "leaves"}, main)]
    out += [Step("dbscan", {"neighbours": 5, "dense": q}, main) for q in (0.7, 0.85, 0.93, 0.97, 0.99)]
    out += [Step("gaussian_mixture", {"clusters": k, "covariance": "diag" if wide else "tied", "method": "likelihood"}) for k in few]
    out += [Step("agglomerative", {"clusters": k, "linkage": "complete"}) for k in few]
    if wide:
        out += [Step("kmeans", {"clusters": k}, "p") for k in few]
        out += [Step("agglomerative", {"clusters": k, "linkage": "ward"}, "p") for k in few]
        out += [Step("genie", {"clusters": k, "gini": 0.3, "neighbours": 1}) for k in few]
    out += [Step("mean_shift", {"window": w}, main) for w in (0.1, 0.2, 0.35)]
    return out
