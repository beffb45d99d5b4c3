"""Found groups held against known ones, after everything was decided: indices of agreement and a table of both."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.inference.table import Field, Table, conform

MOST_SHOWN = 12  # rows and columns of the table of both


def compare_labels(dataset: Dataset, name: str, cluster: NDArray[np.int64], shown: bool = True) -> dict[str, Any]:
    """Return the adjusted Rand index and the adjusted mutual information of found and known groups, and how many rows have both.

    `shown`: whether known groups may be named. Rows without a known group are left out; rows in no found group count as a group of
    their own. The adjusted Rand index (Hubert and Arabie 1985, Comparing partitions, Journal of Classification 2: 193-218) is 1 for
    equal groups and about 0 for chance.
    """
    column = conform(Table({name: dataset.afterwards[name]}, len(cluster)), [Field(name, "label")]).columns[name]
    known = column.values >= 0
    codes, found = column.values[known].astype(np.int64), cluster[known]
    if not known.any():
        return {"column": name, "rows": 0, "adjusted_rand": None, "adjusted_mutual_information": None, "groups": [], "clusters": [], "table": []}
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    few = len(np.unique(codes)) * len(np.unique(found)) <= 1_000_000
    groups, g = np.unique(codes, return_inverse=True)
    clusters, c = np.unique(found, return_inverse=True)
    table = np.bincount(g * len(clusters) + c, minlength=len(groups) * len(clusters)).reshape(len(groups), len(clusters))
    most_g = np.argsort(-table.sum(axis=1), kind="stable")[:MOST_SHOWN]
    most_c = np.argsort(-table.sum(axis=0), kind="stable")[:MOST_SHOWN]
    named = [column.levels[groups[i]] if shown else f"group {at + 1}" for at, i in enumerate(most_g.tolist())]
    return {
        "column": name, "rows": int(known.sum()), "n_groups": len(groups), "adjusted_rand": float(adjusted_rand_score(codes, found)),
        "adjusted_mutual_information": float(adjusted_mutual_info_score(codes, found)) if few else None,
        "groups": named, "clusters": clusters[most_c].tolist(), "table": table[np.ix_(most_g, most_c)].tolist(),
    }  # fmt: skip
