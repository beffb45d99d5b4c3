"""Fits a list of configurations on many tables and keeps what each predicts and costs: the library that a portfolio is learned from.

    OMP_NUM_THREADS=1 python benchmarks/portfolio/collect.py DATA_DIR LIBRARY_DIR --exclude sms_spam [--part 0/2] [--minutes 40]

Of each table a quarter of the rows, classes alike, is for testing; the engine looks at, treats and divides the others as in a run
(five folds). A configuration is skipped on a table where its folds would take more than MOST_SECONDS. What is there
already is not fitted again. A folder per table holds rows.npz and an npz per configuration.
"""

import argparse
import json
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from configs import Config, configs
from library_tables import table, tables

from automl.families.base import Context, Family
from automl.inference.forms import Model
from automl.plan.plan import Plan
from automl.run import prepare
from automl.search.store import Store
from automl.search.workers.fitting import fit
from automl.spec.load import read_spec

MOST_SECONDS = 20.0  # of the processor, of all folds of a configuration
FOLDS = 5


def opened(name: str, folder: Path, library: Path, portfolio: Path | str = "none") -> tuple[Store, Plan, np.ndarray]:
    """Return (store, plan, test rows) of a table, read and treated by the engine."""
    place = library / name
    place.mkdir(parents=True, exist_ok=True)
    sample = table(name, folder)
    sample.frame.to_csv(place / "data.csv.gz", index=False)
    spec = {
        "name": name,
        "data": {"train": "data.csv.gz", "columns": {"drop": [c for c in sample.drop if c in sample.frame]}},
        "task": {"type": "classification", "target": sample.target, "metric": "log_loss"},
        "validation": {"strategy": "kfold", "folds": FOLDS, "test": 0.25},
        "checks": {"too_few_rows": "warn", "rare_class": "warn", "target_leakage": "warn", "split_overlap": "warn"},
        "search": {"portfolio": str(portfolio)},
        "constraints": {"time": "1h"},  # so that families compete that take long
    }
    (place / "spec.yaml").write_text(json.dumps(spec))
    ready = prepare(read_spec(place / "spec.yaml"), place)
    plan, split, data = ready.plan, ready.split, ready.dataset
    store = Store.create(place / "store", data.table, plan.fields, data.y, split.train, split.folds, split.units, split.time, plan.recipe)
    if not (place / "rows.npz").exists():
        valid = np.concatenate([v for _, v in store.folds])
        fold = np.concatenate([np.full(len(v), i) for i, (_, v) in enumerate(store.folds)])
        np.savez(
            place / "rows.npz",
            y_oof=data.y[valid],
            y_test=data.y[split.holdout],
            fold=fold,
            train=split.train,
            valid=valid,
            test=split.holdout,
            n_outputs=plan.n_outputs,
        )
    return store, plan, split.holdout


def one(family: Family, config: Config, store: Store, plan: Plan, context: Context, fold: int | None, test: np.ndarray) -> dict[str, Any]:
    """Fit on a fold, or on all training rows for None; seconds are of the processor, those of features apart."""
    params = plan.candidate(config.family).space.fitted(config.params)  # the defaults of the others follow the table
    began = time.process_time()
    learn, score = store.rows(fold)
    form, x, x_score = store.features(family.needs_of(params), fold)
    ready = time.process_time()
    estimator = fit(family, plan.terms(), params, context, x, store.y[learn], float("inf"), store.unit_of(learn), store.time_of(learn))
    model = Model(family.export(estimator, context))
    oof = model.predict(x_score) if len(score) else None
    done = time.process_time()
    from automl.inference.features import Features

    test_proba = model.predict(Features(form).transform(store.table.take(test)))
    rounds = family.rounds(estimator) if family.rounds else None
    return {"seconds": done - ready, "feature_seconds": ready - began, "oof": oof, "test": test_proba, "rounds": rounds}


def measure(config: Config, store: Store, plan: Plan, test: np.ndarray) -> dict[str, Any]:
    """Return what is kept of a configuration on a table."""
    family = plan.record(config.family)
    context = Context(**plan.context(plan.candidate(config.family), 1))
    folds: list[dict[str, Any]] = []
    for fold in range(len(store.folds)):
        done = one(family, config, store, plan, replace(context, n_rows=len(store.rows(fold)[0]), seed=context.seed + fold), fold, test)
        folds.append(done)
        spent = sum(f["seconds"] for f in folds)
        if spent * len(store.folds) / len(folds) > MOST_SECONDS:
            return {"skipped": True, "seconds": spent * len(store.folds) / len(folds)}
    known = [f["rounds"] for f in folds if f["rounds"] is not None]
    rounds = round(sum(known) / len(known)) if known else None
    whole = one(family, config, store, plan, replace(context, rounds=rounds), None, test)
    return {
        "skipped": False, "oof": np.concatenate([f["oof"] for f in folds]).astype(np.float32),
        "test_bag": np.mean([f["test"] for f in folds], axis=0, dtype=np.float64).astype(np.float32), "test_refit": whole["test"].astype(np.float32),
        "seconds": sum(f["seconds"] for f in folds), "fold_seconds": [f["seconds"] for f in folds], "feature_seconds": sum(f["feature_seconds"] for f in folds),
        "refit_seconds": whole["seconds"],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("--exclude", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", help="families")
    parser.add_argument("--part", default="0/1", help="which tables of how many parts")
    parser.add_argument("--minutes", type=float, default=40.0, help="processor minutes at most")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    part, parts = map(int, options.part.split("/"))
    names = list(tables(options.data, options.exclude))[part::parts]
    todo = [c for c in configs() if not options.only or c.family in options.only]
    options.library.mkdir(parents=True, exist_ok=True)
    if part == 0:
        (options.library / "configs.json").write_text(json.dumps([vars(c) for c in configs()], indent=1))
    began = time.process_time()
    open_tables = {}
    for name in names:
        open_tables[name] = opened(name, options.data, options.library)
        print(f"{time.process_time() - began:7.1f} {name} {len(open_tables[name][0].train)} rows", flush=True)
    for family in dict.fromkeys(c.family for c in todo):  # libraries are loaded before any seconds are counted
        store, plan, test = next(iter(open_tables.values()))
        if family in {c.family for c in plan.candidates}:
            first = next(c for c in todo if c.family == family)
            one(plan.record(family), first, store, plan, Context(**plan.context(plan.candidate(family), 1)), 0, test)
    for config in todo:
        for name, (store, plan, test) in open_tables.items():
            path = options.library / name / f"{config.name}.npz"
            if path.exists() or config.family not in {c.family for c in plan.candidates}:
                continue
            if time.process_time() - began > 60 * options.minutes:
                print("out of time", flush=True)
                return
            try:
                found = measure(config, store, plan, test)
            except Exception as fault:  # a configuration that fails on a table is a finding, not the end
                found = {"skipped": True, "seconds": 0.0, "fault": repr(fault)}
            np.savez(path.with_suffix(".tmp.npz"), family=config.family, **found)
            path.with_suffix(".tmp.npz").rename(path)
        print(f"{time.process_time() - began:7.1f} {config.name}", flush=True)


if __name__ == "__main__":
    main()
