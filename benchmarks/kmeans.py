"""Times k-means of 2 to 20 clusters: scikit-learn's one by one beside all of them at once, on the processor and, where there is one, a GPU. Never asserts.

    python benchmarks/kmeans.py [--sizes 2000x20 20000x20 100000x20] [--starts 8]

Rows are eight clouds of normal distributions that overlap. Seconds are of the processor (of the clock on a GPU, its start left out);
`inertia` is ours over scikit-learn's, the mean and the worst over the numbers of clusters, each the best of its own starts.
"""

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from automl.families.lloyd import best_of_many, pays

COUNTS = list(range(2, 21))


def clouds(n: int, columns: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return (2 * rng.normal(size=(8, columns))[rng.integers(0, 8, n)] + rng.normal(size=(n, columns))).astype(np.float32)


def line(n: int, columns: int, starts: int) -> str:
    import torch
    from sklearn.cluster import KMeans

    x = clouds(n, columns)
    began = time.process_time()
    theirs = {k: float(KMeans(k, n_init=starts, random_state=0).fit(x).inertia_) for k in COUNTS}
    cells = [f"{n:,} x {columns}", f"{time.process_time() - began:.2f}"]
    for device in ("cpu", "cuda"):
        if device == "cuda" and not torch.cuda.is_available():
            cells += ["", "", ""]
            continue
        best_of_many(x[:1000], [2], 1, 0, device)
        clock = time.process_time if device == "cpu" else time.monotonic
        began = clock()
        ours = best_of_many(x, COUNTS, starts, 0, device)
        took, shares = clock() - began, [ours[k].inertia / theirs[k] for k in COUNTS]
        cells += [f"{took:.2f}", f"{np.mean(shares):.4f}, {max(shares):.4f}", "yes" if pays(n, columns, COUNTS, device) else "no"]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["2000x20", "20000x20", "100000x20"])
    parser.add_argument("--starts", type=int, default=8)
    options = parser.parse_args()
    print("| rows | scikit-learn | at once | inertia | taken | on a GPU | inertia | taken |\n|---|---|---|---|---|---|---|---|")
    for size in options.sizes:
        n, columns = (int(part) for part in size.split("x"))
        print(line(n, columns, options.starts), flush=True)


if __name__ == "__main__":
    main()
