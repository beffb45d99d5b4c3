"""Measures where many networks side by side are quicker than one after the other on a CPU, for the rule by which a search batches.

    OMP_NUM_THREADS=1 python benchmarks/batch_gain.py [--quick]

Both ways are automl.neural.batched.run.train_slots, with one slot and with many: that is what a search runs. Each slot has rows of its own
fold, dropout, and a rate of its own. `work` is the numbers of a network times the rows of a step, what a step multiplies about. CPU
seconds of one thread, minimum over interleaved repetitions; `gain` is the time of one slot after the other over that of all at once.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from automl.families.classifiers.mlp import numbers_of
from automl.neural.batched.layout import Layout
from automl.neural.batched.run import train_slots
from automl.neural.batched.slots import Rows, Slot
from automl.neural.network import Mlp

CASES = (  # features, layers, width, rows per step
    (20, 1, 32, 32), (54, 2, 32, 64), (54, 2, 64, 64), (54, 2, 64, 256), (20, 2, 128, 32), (54, 2, 128, 64), (54, 2, 128, 128), (54, 2, 128, 256),
    (54, 3, 128, 128), (54, 2, 256, 32), (54, 2, 256, 64), (54, 2, 256, 128), (54, 2, 256, 256), (500, 2, 128, 64), (54, 4, 256, 64), (54, 2, 512, 256),
)  # fmt: skip
QUICK = CASES[2::5]
FOLDS, STEPS = 5, 24


def folds(n_features: int, batch: int) -> list[Rows]:
    rng = np.random.default_rng(0)
    n = STEPS * batch
    return [Rows(rng.normal(size=(n, n_features)).astype(np.float32), rng.integers(0, 4, n)) for _ in range(FOLDS)]


def slots(case: tuple[int, int, int, int], rows: list[Rows], count: int) -> tuple[Layout, list[Slot]]:
    n_features, layers, width, _ = case
    layout = Layout(n_features, [width] * layers, 4)
    torch.manual_seed(0)
    begin = layout.row_of(Mlp(n_features, [width] * layers, 4, 0.0).linears())
    options = [{"optimizer": "adamw", "optimizer.adamw.lr": 1e-3 * 1.05**i, "optimizer.adamw.weight_decay": 1e-2} for i in range(count)]
    return layout, [Slot(rows[i % FOLDS], begin, o, 1, 1, 0, dropout=0.15, fixed=True) for i, o in enumerate(options)]


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def gain(case: tuple[int, int, int, int], count: int, repetitions: int = 3) -> tuple[float, float]:
    """Return the seconds of one slot, and of `count` at once per slot."""
    rows, batch = folds(case[0], case[3]), case[3]
    alone, many = [], []
    for _ in range(repetitions):
        layout, some = slots(case, rows, count)
        alone.append(cpu_seconds(lambda: train_slots(layout, some[:1], batch=batch)))  # noqa: B023
        many.append(cpu_seconds(lambda: train_slots(layout, some, batch=batch)) / count)  # noqa: B023
    return min(alone), min(many)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="some of the cases")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    counts = (10, 40)
    gain(CASES[0], 2)
    print(f"{'features':>9}{'layers':>8}{'width':>7}{'batch':>7}{'work, 1e6':>11}{'ms alone':>10}" + "".join(f"{f'gain of {c}':>12}" for c in counts))
    for case in QUICK if asked.quick else CASES:
        n_features, layers, width, batch = case
        found = [gain(case, count) for count in counts]
        work = numbers_of(n_features, layers, width, 4) * batch / 1e6
        told = "".join(f"{one / each:>12.2f}" for one, each in found)
        print(f"{n_features:>9}{layers:>8}{width:>7}{batch:>7}{work:>11.2f}{1e3 * found[0][0] / STEPS:>10.2f}{told}", flush=True)


if __name__ == "__main__":
    main()
