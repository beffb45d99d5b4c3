"""What a fit costs against what its family guesses: seconds on one thread, and memory beyond the matrix.

    OMP_NUM_THREADS=1 python benchmarks/costs.py --families xgboost random_forest --repeats 2

Each fit runs in a process of its own on a made table (some columns tell the class, by curves and by pairs; a tenth of the
cells are missing) with 12 % of the rows to stop on. Seconds are of the processor, the least of the repeats; the matrix and
the libraries stand in memory before the peak is taken. A ratio above 1 means that it took more than was guessed.
"""

import argparse
import ctypes
import os
import resource
import time
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from automl.families import FAMILIES
from automl.families.base import Context, Family, FitData, Progress

TABLES = (
    (300, 5, 2), (2000, 20, 2), (2000, 20, 10), (10_000, 14, 2), (10_000, 14, 3), (10_000, 14, 10), (26_000, 14, 2), (10_000, 200, 2), (50_000, 50, 2),
    (200_000, 10, 2),
)  # fmt: skip
SIDE = (10_000, 14, 2)  # where the options are varied
VARIED = {
    "xgboost": ({"learning_rate": 0.02}, {"learning_rate": 0.3}, {"max_depth": 3}, {"max_depth": 10}, {"colsample_bylevel": 0.4},
        {"grow_policy": "lossguide", "grow_policy.lossguide.max_leaves": 128, "max_depth": 10}),
    "random_forest": ({"max_features": 0.1}, {"max_features": 1.0}, {"min_samples_leaf": 1}, {"min_samples_leaf": 50}, {"criterion": "entropy"}),
    "extra_trees": ({"max_features": 0.1}, {"max_features": 1.0}, {"min_samples_leaf": 1}, {"min_samples_leaf": 50}, {"criterion": "entropy"}),
    "decision_tree": ({"max_depth": 3}, {"max_depth": 20}, {"max_features": 0.3}, {"min_samples_leaf": 200}),
    "hist_gradient_boosting": ({"learning_rate": 0.02}, {"learning_rate": 0.3}, {"max_leaf_nodes": 6}, {"max_leaf_nodes": 200}, {"max_features": 0.3}),
    "lightgbm": ({"learning_rate": 0.02}, {"learning_rate": 0.3}, {"num_leaves": 6}, {"num_leaves": 200}, {"feature_fraction": 0.4}),
    "catboost": ({"learning_rate": 0.02}, {"learning_rate": 0.3}, {"depth": 3}, {"depth": 8}, {"rsm": 0.4}),
}  # fmt: skip


def made(n_rows: int, n_columns: int, n_classes: int, words: int = 0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return (x, y); with `words` so many columns more, of which a row has few."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_rows, n_columns)).astype(np.float32)
    x[:, ::3] = np.round(x[:, ::3], 1)
    margin = np.stack([
        np.sin(2 * x[:, rng.integers(n_columns)]) + x[:, rng.integers(n_columns)] * x[:, rng.integers(n_columns)] + x[:, rng.integers(n_columns)]
        for _ in range(n_classes)
    ], axis=1)  # fmt: skip
    y = (1.5 * margin + rng.gumbel(size=margin.shape)).argmax(axis=1)
    x[rng.random(x.shape) < 0.1] = np.nan
    if words:
        x = np.concatenate([x, (rng.random((n_rows, words)) * (rng.random((n_rows, words)) < 0.02)).astype(np.float32)], axis=1)
    return x, y.astype(np.int64)


def measured(family: Family, context: Context, params: dict, x: np.ndarray, y: np.ndarray) -> tuple[float, float, int]:
    """Return (processor seconds, MB beyond what stood before, rounds) of a fit and its export, in a process of its own."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        ctypes.CDLL(None).malloc_trim(0)  # what was freed before must not hide what is taken now
        cut = int(0.88 * len(y)) if family.rounds is not None else len(y)
        data = FitData(x[:cut], y[:cut], *((x[cut:], y[cut:]) if family.rounds is not None else ()))
        held = resident()
        began = time.process_time()
        estimator = family.fit(family.build(params, context), data, Progress())
        form = family.export(estimator, context)
        seconds = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - held
        os.write(write, f"{seconds} {peak} {family.rounds(estimator) if family.rounds else form.config['n_trees']}".encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        seconds, peak, rounds = answer.read().split()
    os.waitpid(pid, 0)
    return float(seconds), float(peak), int(rounds)


def resident() -> float:
    """Return the MB in memory now."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="*", default=[n for n in FAMILIES.names("classification") if n in VARIED])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--rows", type=int, default=10**9, help="leave out larger tables")
    asked = parser.parse_args()
    for name in asked.families:
        family = FAMILIES.get("classification", name)
        if any(find_spec(package) is None for package in family.requires):
            continue
        for package in (*family.requires, "sklearn.ensemble", "threadpoolctl"):
            import_module(package)
        print(f"\n{name:<24}{'rows':>8}{'columns':>8}{'classes':>8}{'rounds':>8}{'seconds':>9}{'guessed':>9}{'ratio':>7}{'MB':>8}{'guessed':>8}  options")
        jobs = [(*table, 0, {}) for table in TABLES] + [(5000, 5, 2, family.needs.terms, {})] + [(*SIDE, 0, options) for options in VARIED[name]]
        ratios = []
        for n_rows, n_columns, n_classes, words, options in jobs:
            if n_rows > asked.rows:
                continue
            x, y = made(n_rows, n_columns, n_classes, words)
            context = Context("classification", n_rows, n_columns, n_classes, text=words > 0)
            params = {**family.space(context).default(), **options}
            runs = [measured(family, context, params, x, y) for _ in range(asked.repeats)]
            seconds, megabytes, rounds = min(r[0] for r in runs), max(r[1] for r in runs), runs[0][2]
            guess, memory = family.cost(context, params), family.memory(context)
            ratios.append(seconds / guess)
            table = f"{'':<24}{n_rows:>8}{n_columns + words:>8}{n_classes:>8}"
            print(f"{table}{rounds:>8}{seconds:>9.2f}{guess:>9.2f}{seconds / guess:>7.2f}{megabytes:>8.0f}{memory:>8.0f}  {options}", flush=True)
        print(f"{name}: ratio median {np.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
