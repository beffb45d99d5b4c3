"""Measures what share of an XGBoost fit is binning, and whether sharing the bins between processes would pay.

    OMP_NUM_THREADS=1 python benchmarks/binning.py

One thread, default options with 12 % of the rows to stop on, as the search fits a fold. Printed per table: seconds to make the
binned matrices (learning and stopping rows), seconds to train, and the share of the first in both; then what a worker would
pay in their place: the same from codes of one byte that were binned before (`codes`), and from a DMatrix that was
written to disk before (`file`: it must be read and binned all the same, as a file holds values and not bins).
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import xgboost
from costs import made

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers.xgboost import FAMILY

TABLES = ((26_000, 14, 0), (100_000, 30, 0), (1_000_000, 30, 0), (5000, 30, 9970))


def timed(work):
    began = time.process_time()
    out = work()
    return time.process_time() - began, out


def binned(x: np.ndarray, y: np.ndarray, cut: int):
    train = xgboost.QuantileDMatrix(x[:cut], y[:cut], max_bin=256, nthread=1)
    return train, xgboost.QuantileDMatrix(x[cut:], y[cut:], ref=train, nthread=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=10**9, help="leave out tables with more cells")
    asked = parser.parse_args()
    print(f"{'rows':>9}{'columns':>9}{'rounds':>8}{'binning':>9}{'training':>10}{'share':>8}{'codes':>8}{'file':>8}")
    for n_rows, n_columns, words in TABLES:
        if n_rows * (n_columns + words) > asked.most:
            continue
        x, y = made(n_rows, n_columns, 2, words)
        cut = int(0.88 * n_rows)
        seconds, (train, _) = min((timed(lambda: binned(x, y, cut)) for _ in range(2)), key=lambda found: found[0])  # noqa: B023
        context = Context("classification", n_rows, n_columns, 2)
        estimator = FAMILY.build(FAMILY.space(context).default(), context)
        whole, _ = timed(lambda: FAMILY.fit(estimator, FitData(x[:cut], y[:cut], x[cut:], y[cut:]), Progress()))  # noqa: B023
        codes = coded(x, train)
        from_codes, _ = min((timed(lambda: binned(codes, y, cut)) for _ in range(2)), key=lambda found: found[0])  # noqa: B023
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "train.bin")
            xgboost.DMatrix(x[:cut], y[:cut], nthread=1).save_binary(path)
            from_file, _ = timed(lambda: xgboost.QuantileDMatrix(xgboost.DMatrix(path, nthread=1).get_data(), y[:cut], nthread=1))  # noqa: B023
        training = whole - seconds
        table = f"{n_rows:>9}{n_columns + words:>9}{FAMILY.rounds(estimator):>8}"
        print(f"{table}{seconds:>9.2f}{training:>10.2f}{seconds / whole:>8.1%}{from_codes:>8.2f}{from_file:>8.2f}", flush=True)


def coded(x: np.ndarray, train: xgboost.QuantileDMatrix) -> np.ndarray:
    """Return the bin of each cell as a byte; 255 where it is missing (the last bin of a full column shares it: this is for time only)."""
    starts, cuts = train.get_quantile_cut()
    out = np.empty(x.shape, dtype=np.uint8)
    for column in range(x.shape[1]):
        edges = cuts[starts[column] : starts[column + 1]]
        found = np.searchsorted(edges, x[:, column], side="right")
        out[:, column] = np.where(np.isnan(x[:, column]), 255, np.minimum(found, 254))
    return out


if __name__ == "__main__":
    main()
