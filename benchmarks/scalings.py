"""Clusters of tables whose columns are spoiled: a few wild values, long tails. Ours beside the same rules on standardised columns. Never asserts.

    python benchmarks/scalings.py [--kinds blobs moons …] [--seeds 2000 2001] [--spoiled as_made two_values wild tails] [--seconds 30] [--none 10]

The tables are those of cluster_tables.py with seeds that no rule was learned on. `two_values`: two values of one column are moved 100 to
300 standard deviations away; `wild`: a hundredth of the values of half of the columns by 20 to 80; `tails`: half of the columns are
put through exp(1.2 x). Groups stay as they were: agreement is the adjusted Rand index. Last, clouds without groups, spoiled likewise.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from cluster_tables import KINDS, table
from clustering import RULES, scored, searched
from numpy.typing import NDArray

Rng = np.random.Generator
Rows = NDArray[np.float64]
DEFAULT = ("blobs", "unlike_sizes", "ellipses", "moons", "rings", "measures", "wide_tables", "two_densities", "blobs_in_noise", "worlds")


def as_made(rng: Rng, x: Rows) -> Rows:
    return x


def two_values(rng: Rng, x: Rows) -> Rows:
    x[rng.choice(len(x), 2, replace=False), rng.integers(x.shape[1])] = rng.uniform(100, 300, 2)
    return x


def wild(rng: Rng, x: Rows) -> Rows:
    for j in rng.permutation(x.shape[1])[: max(1, x.shape[1] // 2)]:
        rows = rng.choice(len(x), max(2, len(x) // 100), replace=False)
        x[rows, j] += rng.choice([-1, 1], len(rows)) * rng.uniform(20, 80, len(rows))
    return x


def tails(rng: Rng, x: Rows) -> Rows:
    some = rng.permutation(x.shape[1])[: max(1, x.shape[1] // 2)]
    x[:, some] = np.exp(1.2 * x[:, some])
    return x


SPOILED: dict[str, Callable[[Rng, Rows], Rows]] = {f.__name__: f for f in (as_made, two_values, wild, tails)}


def spoiled(how: str, x: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return rows (n, m) with some columns spoiled, standardised again."""
    out = SPOILED[how](np.random.default_rng([seed, *how.encode()]), x.astype(np.float64))
    return ((out - out.mean(axis=0)) / out.std(axis=0)).astype(np.float32)


def told(way: dict[str, Any]) -> str:
    """Return a scaling with its log odds; a star marks the one that was chosen."""
    return f"{way['name']} {way['odds']:.1f}{'*' if way['chosen'] else ''}{'' if way['structure'] else ' (no groups)'}"


def main() -> None:
    """Search, compare and print."""
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="+", default=list(DEFAULT), choices=list(KINDS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[2000, 2001])
    parser.add_argument("--spoiled", nargs="+", default=list(SPOILED), choices=list(SPOILED))
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--as-given", action="store_true", help="leave columns as they are: what the search did before it looked for scalings")
    parser.add_argument("--none", type=int, default=10, help="clouds without groups of each kind")
    options = parser.parse_args()
    print("| spoiled | table | ours | best candidate | k-means | mixture | hdbscan | scaling, with the log odds of all |\n|---|---|---|---|---|---|---|---|")
    means = []
    for how in options.spoiled:
        rows = []
        for kind in options.kinds:
            for seed in options.seeds:
                x, truth = table(kind, seed)
                x = spoiled(how, x, seed)
                found, best = searched(x, options.seconds, truth, scaled=options.as_given)
                rows.append([scored(truth, found.labels), best, *(scored(truth, rule(x)) for rule in RULES.values())])
                ways = ", ".join(told(way) for way in found.evidence["scalings"])
                print(f"| {how} | {kind} {seed} | " + " | ".join(f"{v:.3f}" for v in rows[-1]) + f" | {ways} |", flush=True)
        means.append((how, np.array(rows)))
    print(f"\n| spoiled | ours, mean (least) | best candidate | {' | '.join(RULES)} |\n|---|---|---|---|---|---|")
    for how, values in means:
        print(f"| {how} | {values[:, 0].mean():.3f} ({values[:, 0].min():.3f}) | " + " | ".join(f"{v:.3f}" for v in values[:, 1:].mean(axis=0)) + " |")
    for how in options.spoiled if options.none else ():
        for columns in (2, 6):
            began, none = time.monotonic(), 0
            for seed in range(options.none):
                x = spoiled(how, np.random.default_rng([seed, 9]).normal(size=(1000, columns)), seed)
                none += not searched(x, options.seconds, scaled=options.as_given)[0].evidence["structure"]
            took = (time.monotonic() - began) / options.none
            print(f"one normal cloud 1000 x {columns}, {how}: no groups in {none} of {options.none} seeds, {took:.0f} s each", flush=True)


if __name__ == "__main__":
    main()
