"""Does a model gain by being fitted several times: refits with other seeds, of known length or stopping early, against fold models.

    OMP_NUM_THREADS=1 python benchmarks/portfolio/copies.py DATA_DIR FOLDER --exclude sms_spam adult mammography [--configs default_mlp 07_mlp]

Prints the share of the log loss of one refit of known length that each way saves on a quarter of the rows, mean over tables.
"""

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from collect import one, opened
from configs import configs
from library_tables import tables

from automl.families.base import Context
from automl.metrics import METRICS

COPIES = 5


def main() -> None:
    """Fit, and print a line per configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exclude", nargs="*", default=[])
    parser.add_argument("--configs", nargs="*", default=["default_mlp", "07_mlp", "default_xgboost", "default_hist_gradient_boosting"])
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    loss = METRICS.get("classification", "log_loss")
    known = {c.name: c for c in configs()}
    saved: dict[str, list[list[float]]] = {}
    for name in tables(options.data, options.exclude):
        store, plan, test = opened(name, options.data, options.folder)
        y = np.load(options.folder / name / "rows.npz")["y_test"]
        for config in (known[n] for n in options.configs):
            family = plan.record(config.family)
            context = Context(**plan.context(plan.candidate(config.family), 1))
            folds = [one(family, config, store, plan, replace(context, seed=context.seed + k), k, test) for k in range(len(store.folds))]
            lengths = [f["rounds"] for f in folds if f["rounds"] is not None]
            rounds = round(sum(lengths) / len(lengths)) if lengths else None
            ways = {}
            for way, length in (("known", rounds), ("stopped", None)):
                ways[way] = np.stack(
                    [one(family, config, store, plan, replace(context, rounds=length, seed=100 + s), None, test)["test"] for s in range(COPIES)]
                )
            single = float(np.mean([loss.score(y, p.astype(float), 1) for p in ways["known"]]))
            means = [ways["known"][:3], ways["known"], ways["stopped"][:3], ways["stopped"], np.stack([f["test"] for f in folds])]
            saved.setdefault(config.name, []).append([1 - loss.score(y, p.mean(axis=0).astype(float), 1) / single for p in means])
    print("| configuration | tables | 3 of known length | 5 | 3 stopped early | 5 | 5 fold models |\n|---|---|---|---|---|---|---|")
    for name, found in saved.items():
        print(f"| {name} | {len(found)} | " + " | ".join(f"{v:+.1%}" for v in np.mean(found, axis=0)) + " |")


if __name__ == "__main__":
    main()
