"""Finds groups in tables whose groups are known and prints how well, beside simple rules. Never asserts.

    python benchmarks/clustering.py DATA_DIR [--seconds 30] [--part tables generated none] [--made 40] [--seed 1000]

DATA_DIR holds a folder per table, clu_*, with data.csv.gz and meta.json (target, noise_label). Labels are read to score, nothing
else; rows whose reference is noise are left out, a -1 of ours counts as a cluster of its own. Agreement is the adjusted Rand index.
`best` is the candidate of the search that the labels like best: no rule without labels can know it.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from cluster_tables import KINDS, table, uniform
from numpy.typing import NDArray

from automl.search.clusters.agreement import adjusted_rand
from automl.search.clusters.find import Found, Options, find
from automl.search.fits import Fitted, Inline

Rows = NDArray[np.float32]
Ints = NDArray[np.int64]


def scored(truth: Ints, labels: Ints) -> float:
    """Return the adjusted Rand index, reference noise left out."""
    kept = truth >= 0
    return adjusted_rand(truth[kept], labels[kept])


def kmeans_by_silhouette(x: Rows) -> Ints:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    found = [KMeans(k, n_init=10, random_state=0).fit_predict(x) for k in range(2, min(15, int(len(x) ** 0.5)) + 1)]
    return np.asarray(max(found, key=lambda labels: silhouette_score(x, labels)), dtype=np.int64)


def mixture_by_bic(x: Rows) -> Ints:
    from sklearn.mixture import GaussianMixture

    wide = x.astype(np.float64)  # in single precision it gives up on columns with wild values
    found = [GaussianMixture(k, n_init=2, random_state=0).fit(wide) for k in range(1, min(15, int(len(x) ** 0.5)) + 1)]
    return np.asarray(min(found, key=lambda model: model.bic(wide)).predict(wide), dtype=np.int64)


def hdbscan_defaults(x: Rows) -> Ints:
    from sklearn.cluster import HDBSCAN

    return np.asarray(HDBSCAN(copy=True).fit_predict(x), dtype=np.int64)


RULES = {"k-means": kmeans_by_silhouette, "mixture": mixture_by_bic, "hdbscan": hdbscan_defaults}


def load(folder: Path) -> tuple[Rows, Ints]:
    """Return the standardised numbers of a table and its groups, -1 where the reference is noise."""
    import pandas as pd

    meta = json.loads((folder / "meta.json").read_text())
    frame = pd.read_csv(folder / "data.csv.gz")
    groups = frame.pop(meta["target"])
    code = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    if meta["noise_label"] is not None:
        code[(groups == meta["noise_label"]).to_numpy()] = -1
    x = frame.to_numpy(np.float64)
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32), code


class Watched(Inline):
    """A pool that knows the truth and remembers how near any fit came to it; the search is not told."""

    def __init__(self, truth: Ints | None) -> None:
        super().__init__("clustering")
        self.truth, self.best = truth, 0.0

    def results(self, timeout: float) -> list[Fitted]:
        """Return what ended."""
        out = super().results(timeout)
        for fitted in out:
            if self.truth is not None and fitted.output is not None and len(fitted.output) == len(self.truth):
                self.best = max(self.best, scored(self.truth, fitted.output))
        return out


def searched(x: Rows, seconds: float, truth: Ints | None = None, seed: int = 0, scaled: bool = False) -> tuple[Found, float]:
    """Return what the search finds, and the agreement of its best candidate with the truth; `scaled`: columns stay as they are."""
    pool = Watched(truth)
    found = find(pool, x, Options(scaled=scaled), deadline=time.monotonic() + seconds, seed=seed)
    return found, pool.best


def line(name: str, x: Rows, truth: Ints, seconds: float) -> dict[str, float]:
    """Search, compare and print a row."""
    began, cpu = time.monotonic(), time.process_time()
    found, best = searched(x, seconds, truth)
    took, worked = time.monotonic() - began, time.process_time() - cpu
    out = {"ours": scored(truth, found.labels), "best": best} | {rule: scored(truth, call(x)) for rule, call in RULES.items()}
    groups = f"{len(np.unique(truth[truth >= 0]))} | {int(found.labels.max()) + 1}"
    words = f"{found.family}, {found.evidence['kind']}, {'groups' if found.evidence['structure'] else 'no groups'}"
    print(
        f"| {name} | {len(x)} x {x.shape[1]} | {groups} | {out['ours']:.3f} | {out['best']:.3f} | {out['k-means']:.3f} | {out['mixture']:.3f} "
        f"| {out['hdbscan']:.3f} | {words} | {took:.0f} s ({worked:.0f}) |",
        flush=True,
    )
    return out | {"columns": x.shape[1], "structure": float(found.evidence["structure"])}


HEAD = (
    "| table | rows | groups | found | ours | best | k-means | mixture | hdbscan | chosen | seconds (of CPU) |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def means(rows: list[dict[str, float]], name: str) -> None:
    """Print the means of some rows."""
    if rows:
        mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
        rules = ", ".join(f"{rule} {mean[rule]:.3f}" for rule in RULES)
        worst = min(row["ours"] for row in rows)
        share = mean["ours"] / max(mean["best"], 1e-12)
        print(f"\n{name}: ours {mean['ours']:.3f} (least {worst:.3f}), {rules}; best {mean['best']:.3f}, ours of it {share:.3f}")
        print(f"groups are said to be there in {mean['structure']:.0%}\n", flush=True)


def main() -> None:
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--part", nargs="+", default=["tables", "generated", "none"])
    parser.add_argument("--made", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1000)
    options = parser.parse_args()
    if "tables" in options.part:
        print(HEAD)
        rows = [line(folder.name, *load(folder), options.seconds) for folder in sorted(options.data.glob("clu_*"))]
        means(rows, "tables")
        means([row for row in rows if row["columns"] > 3], "above three columns")
    if "generated" in options.part:
        print(HEAD)
        kinds = list(KINDS)
        rows = []
        for i in range(options.made):
            kind = kinds[i % len(kinds)]
            rows.append(line(kind, *table(kind, options.seed + i // len(kinds)), options.seconds))
        means(rows, "generated")
        means([row for row in rows if row["columns"] > 3], "above three columns")
    if "none" in options.part:
        for columns in (2, 10):
            seen = [searched(uniform(1000, columns, seed), options.seconds)[0].evidence["structure"] for seed in range(10)]
            print(f"evenly spread 1000 x {columns}: no groups in {10 - sum(seen)} of 10 seeds", flush=True)


if __name__ == "__main__":
    main()
