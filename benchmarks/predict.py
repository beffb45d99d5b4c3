"""How fast models answer: each kind against its library's own predict, and whole artifacts from a frame to probabilities. Never asserts.

    python benchmarks/predict.py [--families xgboost mlp] [--artifact RUN TABLE.csv]...

The first table is of models alone, fitted with their default options on 6,000 made rows of 14 numbers and three classes,
on features that are ready. CPU milliseconds per call, medians on one thread, ours and the library's in turn; other work on
the machine still slows what shares its caches, so let it do nothing else. `--artifact` prints the whole path for a run folder and a table that has its columns.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

import automl
from automl.families import FAMILIES
from automl.families.base import Context, FitData, Progress
from automl.inference.compiled import settle
from automl.inference.forms import Model

KINDS = (
    "xgboost", "hist_gradient_boosting", "random_forest", "extra_trees", "logistic_regression", "linear_svm", "mlp", "svm", "knn", "lda", "qda", "naive_bayes",
)  # fmt: skip
BATCHES = (1, 220, 12_000)
LEARN, COLUMNS, CLASSES = 6_000, 14, 3
ROUNDS, LEAST_SECONDS = 7, 0.02


def medians(calls: Sequence[Callable[[], object]]) -> list[float]:
    """Return the median milliseconds of each call; they take turns, so that a busy spell meets all of them."""
    times: list[list[float]] = [[] for _ in calls]
    repeats = []
    for call in calls:
        call()
        began = time.process_time()
        call()
        repeats.append(max(1, int(LEAST_SECONDS / max(time.process_time() - began, 1e-6))))
    for _ in range(ROUNDS):
        for i, call in enumerate(calls):
            began = time.process_time()
            for _ in range(repeats[i]):
                call()
            times[i].append((time.process_time() - began) / repeats[i])
    return [float(np.median(t)) * 1e3 for t in times]


def kinds(families: Sequence[str]) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(max(LEARN, *BATCHES), COLUMNS)).astype(np.float32)
    margin = x[:, :CLASSES] + x[:, CLASSES : 2 * CLASSES] * x[:, :1] + rng.normal(size=(len(x), CLASSES))
    y = margin.argmax(axis=1)
    context = Context("classification", LEARN, COLUMNS, CLASSES)
    print("| family | kind | size | " + " | ".join(f"{n:,} rows: ours | library" for n in BATCHES) + " |")
    print("|---|---|---|" + "---|---|" * len(BATCHES))
    for name in families:
        family = FAMILIES.get("classification", name)
        params = family.space(context).default()
        held = slice(LEARN - 500, LEARN)
        estimator = family.fit(family.build(params, context), FitData(x[:LEARN], y[:LEARN], x[held], y[held]), Progress(time.monotonic() + 120))
        form = family.export(estimator, context)
        model = Model(form)
        settle()
        cells = []
        for n in BATCHES:
            rows = np.ascontiguousarray(x[:n])
            cells += medians([partial(model.predict, rows), partial(family.predict, estimator, rows)])
        size = f"{form.config['n_trees']} trees" if form.kind == "trees" else f"{form.n_bytes // 1024} KB"
        print(f"| {name} | {form.kind} | {size} | " + " | ".join(f"{ms:.3g}" for ms in cells) + " |", flush=True)


def artifacts(pairs: Sequence[tuple[str, str]]) -> None:
    import pandas as pd

    print("\n| artifact | model | columns | one row as a mapping | " + " | ".join(f"frame of {n:,} rows" for n in BATCHES) + " |")
    print("|---|---|---|---|" + "---|" * len(BATCHES))
    for run, path in pairs:
        predictor, frame = automl.load(run), pd.read_csv(path)
        settle()
        calls: list[Callable[[], object]] = [partial(predictor.predict_row, frame.iloc[0].to_dict())]
        calls += [partial(predictor.predict_proba, pd.concat([frame] * (-(-n // len(frame))), ignore_index=True).head(n)) for n in BATCHES]
        cells = " | ".join(f"{ms:.3g}" for ms in medians(calls))
        print(f"| {Path(run).name} | {predictor.manifest['family']} | {len(predictor.fields)} | {cells} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", nargs="*", default=KINDS)
    parser.add_argument("--artifact", nargs=2, action="append", default=[], metavar=("RUN", "TABLE"))
    parser.add_argument("--serving", nargs="*", choices=("boosted", "forest", "network", "cold"), help="what fewer bits save, by kind (serving.py)")
    parser.add_argument("--quick", action="store_true", help="small models, to see that it runs")
    parser.add_argument("--rows", nargs=3, metavar=("ARTIFACT", "TABLE", "MANY"), help="loading, one row, and a file of many rows")
    asked = parser.parse_args()
    if asked.serving is not None or asked.rows:
        import serving

        serving.run(asked.serving or [], asked.quick)
        if asked.rows:
            serving.rows(*asked.rows)
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        kinds(asked.families)
        if asked.artifact:
            artifacts(asked.artifact)


if __name__ == "__main__":
    main()
