"""What pruning whole units costs and brings: log loss, bytes of the model and time of an answer, beside networks that were narrow from the start.

    OMP_NUM_THREADS=1 python benchmarks/pruning.py DATA_DIR [--tables vehicle sonar] [--seeds 2] [--family mlp]

Stratified 5 folds, features and rows to stop on as the search makes them; the default options of the family but for the width, dropout or sparsity
that a row names. Narrow networks have the dropout that pruning leaves to one of their size. `loss` and `rise` are means over folds and
seeds, `rise` against the whole network with its standard error over folds (means over seeds); bytes of the files; microseconds of CPU per row.
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from networks import Table

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.networks import SPARSITY
from automl.features.fit import fit_transform
from automl.inference.features import Features
from automl.inference.forms import Model
from automl.inference.storage import to_bytes
from automl.quantize.schemes import store
from automl.search.workers.fitting import fit

TABLES = ("vehicle", "pima_diabetes", "sonar", "dim_digits")
REPEATS = 5  # of the answers that are timed


def variants(default: dict[str, object]) -> dict[str, dict[str, object]]:
    """Return the options of each network that is compared, the whole one first."""
    width, dropout = int(default["width"]), float(default["dropout"])
    narrow = {f"narrow, {1 - s:.0%}": {"width": round(width * (1 - s)), "dropout": dropout * (1 - s)} for s in (0.5, 0.75)}
    pruned = {f"pruned, {1 - s:.0%}": {"prune": "units", SPARSITY: s} for s in (0.5, 0.75, 0.9)}
    return {"whole": {}, **narrow, **pruned}


def measured(table: Table, learn: np.ndarray, score: np.ndarray, seeds: int, named: str) -> dict[str, np.ndarray]:
    """Return per network the means over seeds of log loss, bytes at float32 and at int8, CPU seconds of the fit, and seconds of an answer per row."""
    family = FAMILIES.get("classification", named)
    form, x = fit_transform(table.dataset.table.take(learn), table.fields, table.y[learn], family.needs)
    x_score = Features(form).transform(table.dataset.table.take(score))
    context = Context("classification", len(learn), len(table.fields), table.n_classes)
    default = family.space(context).default()
    out = {}
    for name, changes in variants(default).items():
        found = []
        for seed in range(seeds):
            own = Context("classification", len(learn), len(table.fields), table.n_classes, seed=seed)
            began = time.process_time()
            made = family.export(fit(family, {}, {**default, **changes}, own, x, table.y[learn], float("inf")), own)
            fitted = time.process_time()
            model = Model(made)
            proba = model.predict(x_score)
            started = time.process_time()
            for _ in range(REPEATS):
                model.predict(x_score)
            each = (time.process_time() - started) / REPEATS / len(score)
            found.append((table.loss(score, proba), len(to_bytes(made)), len(to_bytes(store(made, "int8")[0])), fitted - began, each))
        out[name] = np.mean(found, axis=0)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tables", nargs="+", default=[*TABLES])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--family", choices=["mlp", "tabm", "realmlp"], default="mlp")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(f"{'table':>14} {'network':<12}{'loss':>8}{'rise':>9}{'error':>8}{'float32':>9}{'int8':>8}{'fit s':>7}{'us a row':>9}")
    for name in asked.tables:
        table = Table(asked.data / name)
        folds = [measured(table, learn, score, asked.seeds, asked.family) for learn, score in table.folds(0)]
        for network in folds[0]:
            loss, wide, narrow, fitted, each = np.mean([f[network] for f in folds], axis=0)
            rise = np.array([f[network][0] - f["whole"][0] for f in folds])
            error = rise.std(ddof=1) / np.sqrt(len(rise))
            print(
                f"{name:>14} {network:<12}{loss:>8.4f}{rise.mean():>+9.4f}{error:>8.4f}{wide:>9.0f}{narrow:>8.0f}{fitted:>7.2f}{each * 1e6:>9.2f}", flush=True
            )


if __name__ == "__main__":
    main()
