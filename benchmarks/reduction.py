"""Reductions against the defaults of principal components, t-SNE, UMAP, Isomap, kernel components and discriminants, on rows none of them saw.

python benchmarks/reduction.py FOLDER [--seconds 60] [--seed 0] [--only visualize compress features large] [--tables dim_digits dim_isolet]

FOLDER holds a folder per table with data.csv.gz and meta.json (`target`, `id_columns`, `drop`). Maps are of all rows, as a picture is; everything else is
fitted, chosen and scaled on 70 % of the rows and scored on the others. Trustworthiness and continuity are scikit-learn's, the rank correlation is
scipy's over all pairs, so that what is optimised is not what is measured. UMAP takes part where umap-learn is installed.
"""

import argparse
import json
import resource
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.decomposition import PCA, KernelPCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.manifold import TSNE, Isomap, trustworthiness
from sklearn.neighbors import KNeighborsClassifier

from automl.inference.forms import Model
from automl.inference.reconstruct import reconstructor
from automl.search.fits import Inline
from automl.search.reductions.find import find
from automl.search.reductions.options import Options

PURPOSES = ("visualize", "compress", "features", "large")
LEARN = 0.7  # share of the rows that is learned from


def read(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of a table (n_rows, n_features) and codes of its label (n_rows,)."""
    meta = json.loads((folder / "meta.json").read_text())
    frame = pd.read_csv(folder / "data.csv.gz")
    y = frame[meta["target"]].astype("category").cat.codes.to_numpy(np.int64)
    return frame.drop(columns=[meta["target"], *meta.get("id_columns", []), *meta.get("drop", [])]).to_numpy(np.float64), y


def scaled(learn: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, spread = learn.mean(axis=0), learn.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    return ((learn - mean) / spread).astype(np.float32), ((other - mean) / spread).astype(np.float32)


def parts(y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(seed).permutation(len(y))
    n = int(LEARN * len(y))
    return order[:n], order[n:]


def ours(x: np.ndarray, seconds: float, seed: int, **asked: Any) -> tuple[Any, float]:
    began = time.monotonic()
    found = find(Inline("dimensionality_reduction"), x, Options(**asked), deadline=began + seconds, seed=seed)
    return found, time.monotonic() - began


def measures(x: np.ndarray, z: np.ndarray) -> list[float]:
    near, kept = trustworthiness(x, z, n_neighbors=15), trustworthiness(z, x, n_neighbors=15)
    return [near, kept, float(spearmanr(pdist(x), pdist(z)).statistic)]


def line(*cells: object) -> None:
    print("| " + " | ".join(f"{c:.3f}" if isinstance(c, float) else str(c) for c in cells) + " |", flush=True)


def visualize(name: str, x: np.ndarray, y: np.ndarray, seconds: float, seed: int) -> None:
    x = scaled(x, x)[0]
    rivals: dict[str, Any] = {"PCA": PCA(2), "t-SNE": TSNE(random_state=seed), "Isomap": Isomap()}
    try:
        from umap import UMAP

        rivals["UMAP"] = UMAP(random_state=seed)
    except ImportError:
        print("umap-learn is not installed: UMAP is left out")
    print(f"\n### visualize, {name}\n\n| | trustworthiness | continuity | distances | mean | seconds |\n|---|---|---|---|---|---|")
    found, took = ours(x, seconds, seed, purpose="visualize")
    mine = measures(x, found.embedding)
    line(f"ours ({found.family})", *mine, float(np.mean(mine)), round(took, 1))
    for rival, model in rivals.items():
        began = time.monotonic()
        theirs = measures(x, model.fit_transform(x))
        better = " better on all three" if all(t > m for t, m in zip(theirs, mine, strict=True)) else ""
        line(rival + better, *theirs, float(np.mean(theirs)), round(time.monotonic() - began, 1))
    print(f"\nnew rows: {json.dumps(found.evidence['fidelity'])}")


def loss(x: np.ndarray, back: np.ndarray, centre: np.ndarray) -> float:
    return float(((x - back) ** 2).sum() / ((x - centre) ** 2).sum())


def compress(name: str, x: np.ndarray, y: np.ndarray, seconds: float, seed: int) -> None:
    learn, held = parts(y, seed)
    a, b = scaled(x[learn], x[held])
    print(f"\n### compress, {name}\n")
    line("asked", "PCA: components", "PCA: error", "ours: components", "ours: error", "ratio", "method", "seconds")
    line(*["---"] * 8)
    for asked in (0.95, 8):
        pca = PCA(asked, svd_solver="full").fit(a)
        theirs = loss(b, pca.inverse_transform(pca.transform(b)), a.mean(axis=0))
        found, took = ours(a, seconds, seed, purpose="compress", n_components=asked)
        z = Model(found.form).predict(b)
        back = reconstructor(found.form)
        assert back is not None
        mine = loss(b, back(z), a.mean(axis=0))
        line(f"{asked:.0%}" if asked < 1 else asked, pca.n_components_, theirs, z.shape[1], mine, mine / theirs, found.family, round(took, 1))


def features(name: str, x: np.ndarray, y: np.ndarray, seconds: float, seed: int) -> None:
    learn, held = parts(y, seed)
    a, b = scaled(x[learn], x[held])

    def accuracy(z: np.ndarray, z_held: np.ndarray) -> float:
        return float(KNeighborsClassifier(15).fit(z, y[learn]).score(z_held, y[held]))

    print(f"\n### features at 10 components, {name}\n\n| | 15-NN accuracy | seconds |\n|---|---|---|")
    for words, label in (("ours, with labels", y[learn]), ("ours, without labels", None)):
        found, took = ours(a, seconds, seed, purpose="features", n_components=10, y=label)
        line(f"{words} ({found.family})", accuracy(found.embedding, Model(found.form).predict(b)), round(took, 1))
    lda = LinearDiscriminantAnalysis(n_components=min(10, len(np.unique(y)) - 1))
    for rival, model in {"PCA": PCA(10), "kernel PCA": KernelPCA(10, kernel="rbf"), "LDA": lda}.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            z = model.fit_transform(a, y[learn])
        line(rival, accuracy(z, model.transform(b)), "")


def large(seconds: float, seed: int) -> None:
    """Print time and memory of 200,000 rows of 200 columns, which are curved functions of twelve hidden ones, and noise."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(200_000, 12)).astype(np.float32)
    x = np.tanh(hidden @ rng.normal(size=(12, 200)).astype(np.float32)) + 0.3 * rng.normal(size=(200_000, 200)).astype(np.float32)
    x, fresh = scaled(x, x)[0], x[:0]
    del hidden, fresh
    found, took = ours(x, seconds, seed, purpose="compress")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\n### 200,000 x 200, compress\n\n{took:.1f} s of {seconds:.0f} s, {peak:.2f} GB at most; {found.embedding.shape[1]} components by {found.family}, "
          f"error {found.score:.4f}, PCA {found.baseline_score:.4f}; {found.evidence['because']}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=PURPOSES, default=list(PURPOSES))
    parser.add_argument("--tables", nargs="*", default=["dim_digits", "dim_isolet"])
    asked = parser.parse_args()
    ways = {"visualize": visualize, "compress": compress, "features": features}
    for name in asked.tables:
        x, y = read(asked.folder / name)
        for purpose in [p for p in asked.only if p in ways]:
            ways[purpose](name, x, y, asked.seconds, asked.seed)
    if "large" in asked.only:
        large(3 * asked.seconds, asked.seed)


if __name__ == "__main__":
    main()
