"""What speaks for and against each candidate of a table: its indices, their standing among all candidates, and who else found the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.search.clusters.agreement import all_agreements
from automl.search.clusters.geometry import Geometry
from automl.search.clusters.indices import calinski_harabasz, code_length, crossing, davies_bouldin, disco, silhouette, validity, valleys
from automl.search.clusters.ladder import Step

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_NOISE = 0.3
LEAST_SHARE, LEAST_ROWS = 0.0125, 5  # of the smallest cluster
SCORES = ("silhouette", "disco", "dbcv", "calinski_harabasz", "davies_bouldin", "bic", "crossing", "modularity", "valley_most", "valley", "noise", "smallest",
          "clusters", "inequality", "least_validity", "apart", "cut", "gap")  # fmt: skip
KINDS = ("compact", "elliptical", "dense", "connected")
METHODS = ("kmeans", "agglomerative ward", "agglomerative average", "agglomerative complete", "genie", "hdbscan", "mean_shift")
FEW_COLUMNS = 3
CUT, GAP = 0.8, 0.35  # density of a border over that inside, above which a cluster is cut out of a larger one, below which it stands apart


@dataclass(frozen=True)
class Candidate:
    """A partition of the sample: labels (n,), the step that gave it, other steps that gave the very same, and its scores by name."""

    step: Step
    labels: Ints
    scores: dict[str, float]
    seconds: float = 0.0
    twins: tuple[Step, ...] = ()

    @property
    def clusters(self) -> int:
        """Return the number of clusters."""
        return int(self.labels.max(initial=-1)) + 1


def scores_of(g: Geometry, labels: Ints) -> dict[str, float]:
    """Return the scores of a partition of at least two clusters, by the names in SCORES."""
    size = np.bincount(labels[labels >= 0])
    depth = valleys(g, labels)
    out, modularity = crossing(g, labels)
    apart = validity(g, labels)
    values = [silhouette(g, labels), disco(g, labels), float(size / len(labels) @ apart)]
    values += [index(g, labels) for index in (calinski_harabasz, davies_bouldin, code_length)]
    values += [out, modularity, float(depth.max()), float(size @ depth / size.sum())]
    values += [float((labels < 0).mean()), float(size.min() / len(labels)), float(len(size)), gini(size), float(apart.min()), float((apart > 0).mean())]
    values += [float(size @ (depth > CUT) / size.sum()), float(size @ (depth < GAP) / size.sum())]
    return dict(zip(SCORES, values, strict=True))


def gini(sizes: NDArray[np.int64]) -> float:
    """Return the Gini index of sizes: 0 for equal ones, 1 where one has all."""
    ordered, k = np.sort(sizes).astype(np.float64), len(sizes)
    return float((2 * np.arange(1, k + 1) - k - 1) @ ordered / ((k - 1) * ordered.sum())) if k > 1 else 0.0


def sound(candidate: Candidate) -> bool:
    """Return whether a partition has at most 30 % noise and no tiny cluster (1.25 % of the rows, and five)."""
    smallest = candidate.scores["smallest"]
    return candidate.scores["noise"] <= MOST_NOISE and smallest >= LEAST_SHARE and round(smallest * len(candidate.labels)) >= LEAST_ROWS


def _method(step: Step) -> str:
    return f"{step.family} {step.params.get('linkage', '')}".strip()


def support(candidates: Sequence[Candidate], agreement: Floats) -> Floats:
    """Return (c,) how near other methods come to each candidate: the mean over methods of their best agreement (c, c)."""
    own = [{_method(s) for s in (c.step, *c.twins)} for c in candidates]
    methods = sorted(set().union(*own))
    has = np.array([[m in methods_of for m in methods] for methods_of in own])
    if len(methods) == 1:
        return np.ones(len(candidates))
    best = np.stack([np.where(has[:, m], agreement, -1.0).max(axis=1) for m in range(len(methods))], axis=1)
    others = np.where(has, 0.0, best).sum(axis=1)
    result: Floats = (others + has.sum(axis=1) - 1) / (len(methods) - 1)
    return result


@dataclass(frozen=True)
class Known:
    """What is known of `candidates`: values (c, f) by `names` (f,), and how far they agree with one another (c, c)."""

    candidates: list[Candidate]
    values: Floats
    names: list[str]
    agreement: Floats


def _standing(values: Floats) -> Floats:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") / max(1, len(values) - 1)


def features(candidates: Sequence[Candidate], alone: float, columns: int) -> Known:
    """Return what is known of the candidates that are sound (of all, where none is).

    `alone` is the code length of one cluster of all rows, `columns` the columns of the table. Where an index is compared it is
    with the best of the same table: tables differ in what an index can reach.
    """
    agreement = all_agreements([c.labels for c in candidates])
    near, mean = support(candidates, agreement), agreement.mean(axis=1)
    kept = [i for i, c in enumerate(candidates) if sound(c)] or list(range(len(candidates)))
    chosen = [candidates[i] for i in kept]
    near, mean = near[kept], mean[kept]
    v = {name: np.array([c.scores[name] for c in chosen]) for name in SCORES}
    rel = {name: v[name] - v[name].max() for name in ("silhouette", "disco", "dbcv", "modularity", "bic")}
    gain = (v["bic"] - alone) / columns
    kind = np.array([c.step.kind for c in chosen])
    many = float(columns > FEW_COLUMNS)
    found_by = [{_method(s) for s in (c.step, *c.twins)} for c in chosen]
    by = {name: np.array([name in methods for methods in found_by], dtype=np.float64) for name in METHODS}
    table = {
        "silhouette": v["silhouette"], "disco": v["disco"], "dbcv": v["dbcv"], "crossing": v["crossing"], "modularity": v["modularity"],
        "valley_most": np.minimum(v["valley_most"], 1.5), "valley": np.minimum(v["valley"], 1.5), "noise": v["noise"],
        "smallest": np.minimum(v["smallest"], 0.1), "tiny": (v["smallest"] < 0.015) * 1.0, "log_clusters": np.log(v["clusters"]), "inequality": v["inequality"],
        "least_validity": v["least_validity"], "apart": v["apart"], "all_apart": (v["least_validity"] > 0) * 1.0,
        "all_apart_clusters": (v["least_validity"] > 0) * np.log(v["clusters"]), "no_border": (v["crossing"] < 0.002) * 1.0,
        "cut": v["cut"], "gap": v["gap"], "all_gap": (v["gap"] > 0.99) * 1.0, "support": near, "agreement": mean,
        "silhouette_to_best": rel["silhouette"], "disco_to_best": rel["disco"], "dbcv_to_best": rel["dbcv"],
        "modularity_to_best": rel["modularity"], "bic_to_best": np.maximum(rel["bic"] / columns, -2.0), "bic_gain": np.clip(gain, -2, 5),
        "support_to_best": near - near.max(), "agreement_to_best": mean - mean.max(), "silhouette_rank": _standing(v["silhouette"]),
        "disco_rank": _standing(v["disco"]), "dbcv_rank": _standing(v["dbcv"]), "bic_rank": _standing(v["bic"]), "support_rank": _standing(near),
        "modularity_rank": _standing(v["modularity"]), "agreement_rank": _standing(mean),
        **{name: (kind == name) * 1.0 for name in KINDS}, "twins": np.minimum([len(m) for m in found_by], 6.0), **by,
        "kmeans_in_many_columns": by["kmeans"] * many, "compact_in_many_columns": (kind == "compact") * many, "noise_in_many_columns": v["noise"] * many,
    }  # fmt: skip
    return Known(chosen, np.stack(list(table.values()), axis=1), list(table), agreement[np.ix_(kept, kept)])


def candidates_of(found: Sequence[tuple[Step, Ints, dict[str, float], float]]) -> list[Candidate]:
    """Return the distinct partitions of (step, labels, scores, seconds), each with the later steps that gave the very same."""
    first: dict[bytes, int] = {}
    twins: list[list[Step]] = []
    out: list[tuple[Step, Ints, dict[str, float], float]] = []
    for step, labels, scores, seconds in found:
        position = first.setdefault(np.ascontiguousarray(labels).tobytes(), len(out))
        if position == len(out):
            out.append((step, labels, scores, seconds))
            twins.append([])
        else:
            twins[position].append(step)
    return [Candidate(*entry, tuple(same)) for entry, same in zip(out, twins, strict=True)]
