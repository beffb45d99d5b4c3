"""Which preparation of columns earns its time? Each is fitted on training rows and judged on rows that nothing was chosen on.

    python benchmarks/representations.py DATA_DIR --seeds 5

Preparations, each against the default one (numbers as they are or scaled, categories one-hot or by rank, no pairs):
`found` adds the pairs that the look at the data chose on training rows, `crosses` the pairs of the three strongest categories,
`arithmetic` the products of the four strongest numbers, `deviations` the strongest numbers within the strongest categories (strongest:
by their association with the class on training rows), `shares` writes every category as shares of the classes in it, from inner folds. The
gain is in log loss on a fifth of the rows, the mean over seeds of the split, with the standard error over seeds; seconds are of
features and fit, against the default.
"""

import argparse
import itertools
import json
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from automl.families import FAMILIES
from automl.families.base import Context
from automl.features.fit import fit_transform
from automl.features.recipe import CategoryOptions, Recipe, resolve_recipe
from automl.inference.features import Features
from automl.metrics import LOG_LOSS
from automl.run import examine, treat
from automl.search.workers.fitting import fit
from automl.spec.load import read_spec

TABLES = ("german_credit", "glass", "horse_colic", "mammography", "pima_diabetes", "sonar", "soybean", "titanic", "vehicle", "adult")
KINDS = ("logistic_regression", "xgboost")
N_NUMBERS, N_CATEGORIES = 4, 3


def strongest(treated: Any, kind: str, most: int) -> list[str]:
    """Return columns by how well they tell the class on training rows: the mutual information of ten bins or of levels, less its chance."""
    rows, y = treated.split.train, treated.dataset.y[treated.split.train]
    found = []
    for field in treated.dataset.fields:
        if field.kind != kind:
            continue
        values = treated.dataset.table.columns[field.name].values[rows]
        if kind == "number":
            cuts = np.unique(np.nanquantile(values, np.linspace(0.1, 0.9, 9))) if np.isfinite(values).any() else np.zeros(0)
            values = np.where(np.isfinite(values), np.searchsorted(cuts, values), -1)
        _, levels = np.unique(values, return_inverse=True)
        counts = np.zeros((levels.max() + 1, y.max() + 1))
        np.add.at(counts, (levels, y), 1)
        p = counts / counts.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            information = np.nansum(p * np.log(p / p.sum(1, keepdims=True) / p.sum(0, keepdims=True)))
        found.append((information - (counts.shape[0] - 1) * (counts.shape[1] - 1) / (2 * len(y)), field.name))
    return [name for _, name in sorted(found, reverse=True)[:most]]


def recipes(spec: Any, treated: Any) -> dict[str, Recipe]:
    """Return each preparation by its name."""
    fields = treated.dataset.fields
    found = resolve_recipe(spec.features, fields, treated.recipe)[0]
    plain = replace(found, pairs=())
    numbers, categories = strongest(treated, "number", N_NUMBERS), strongest(treated, "category", N_CATEGORIES)
    shares = {f.name: CategoryOptions("target") for f in fields if f.kind == "category"}
    out = {
        "default": plain, "found": found, "crosses": replace(plain, pairs=tuple(itertools.combinations(categories, 2))),
        "arithmetic": replace(plain, pairs=tuple(itertools.combinations(numbers, 2))),
        "deviations": replace(plain, pairs=tuple(itertools.product(numbers[:2], categories[:2]))), "shares": replace(plain, categories=shares),
    }  # fmt: skip
    return {name: r for name, r in out.items() if name == "default" or r != plain}


def judged(kind: str, treated: Any, recipe: Recipe, seed: int) -> tuple[float, float]:
    """Return log loss on the rows held out, and the seconds of features and fit."""
    family, data, split = FAMILIES.get("classification", kind), treated.dataset, treated.split
    began = time.process_time()
    table, y = data.table.take(split.train), data.y[split.train]
    form, x = fit_transform(table, data.fields, y, family.needs, recipe)
    context = Context("classification", len(y), x.shape[1], len(data.classes), seed=seed)
    estimator = fit(family, {}, family.space(context).default(), context, x, y, float("inf"))
    seconds = time.process_time() - began
    held = Features(form).transform(data.table.take(split.holdout))
    return LOG_LOSS.score(data.y[split.holdout], family.predict(estimator, held).astype(float), 1), seconds


def main() -> None:
    """Print a row per table, family and preparation, and the means over tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tables", nargs="*", default=list(TABLES))
    asked = parser.parse_args()
    share: dict[tuple[str, str], list[float]] = defaultdict(list)
    print(f"{'table':<15}{'family':<21}{'preparation':<13}{'log loss':>9}{'gain':>10}{'error':>9}{'seconds':>9}")
    for name in asked.tables:
        meta = json.loads((asked.data / name / "meta.json").read_text())
        found: dict[tuple[str, str], dict[int, tuple[float, float]]] = defaultdict(dict)
        for seed in range(asked.seeds):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "spec.yaml"
                types = dict.fromkeys(meta["categorical"], "categorical")
                data = {"train": str((asked.data / name / "data.csv.gz").resolve()), "columns": {"drop": meta.get("drop", []), "types": types}}
                task = {"type": "classification", "target": meta["target"]}
                path.write_text(json.dumps({"data": data, "task": task, "seed": seed, "constraints": {"time": "60s"}}))
                spec = read_spec(path)
                seen = examine(spec, path.parent, 10.0)
                treated = treat(seen.dataset, seen.split, seen.profile.findings, spec, seen.profile.pairs)
            for way, recipe in recipes(spec, treated).items():
                for kind in KINDS:
                    found[kind, way][seed] = judged(kind, treated, recipe, seed)
        for (kind, way), values in found.items():
            own, base = np.array(list(values.values())), np.array([found[kind, "default"][seed] for seed in values])
            gains, loss = base[:, 0] - own[:, 0], float(own[:, 0].mean())
            error = float(gains.std(ddof=1) / np.sqrt(len(gains))) if len(gains) > 1 else float("nan")
            slower = float(np.median(own[:, 1] / base[:, 1]))
            print(f"{name:<15}{kind:<21}{way:<13}{loss:>9.4f}{gains.mean():>+10.4f}{error:>9.4f}{slower:>8.2f}x", flush=True)
            share[kind, way].append(float(gains.mean() / base[:, 0].mean()))
    print("\nmean share of the default's log loss that is saved, and on how many tables it is a gain")
    for (kind, way), gained in share.items():
        if way != "default":
            print(f"{kind:<21}{way:<13}{100 * np.mean(gained):>+7.2f} %   {sum(g > 0 for g in gained)} of {len(gained)}")


if __name__ == "__main__":
    main()
