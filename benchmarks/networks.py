"""Compares the networks' defaults with scikit-learn's MLPClassifier: log loss on rows that neither saw, table by table.

    OMP_NUM_THREADS=1 python benchmarks/networks.py DATA_DIR [--tables vehicle sonar] [--families mlp tabm] [--repeats 2]

DATA_DIR holds a folder per table (`data.csv.gz`, `meta.json`). Stratified 5 folds, repeated with other seeds; each side learns from the
same rows. Ours: the family's default options, features and rows to stop on as the search makes them; one fit, and as many fits with other
seeds as answer together where the family ships (`copies`: 3 for mlp). Theirs: medians for missing numbers, StandardScaler, OneHotEncoder
for words, MLPClassifier() with its defaults. Printed: mean log losses, the mean gain of each of ours over theirs with its standard
error over folds, and CPU seconds of a fit.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from automl.data.dataset import load_dataset
from automl.families import FAMILIES
from automl.families.base import Context
from automl.features.fit import fit_transform
from automl.inference.features import Features
from automl.inference.forms import Model
from automl.search.workers.fitting import fit
from automl.spec.model import Spec

NUMERIC = ("vehicle", "pima_diabetes", "sonar", "glass", "mammography", "dim_digits", "dim_isolet")
MIXED = ("german_credit", "titanic", "horse_colic", "soybean")


LEAST = 1e-7  # probabilities are kept from zero by this much before they are scored


class Table:
    """One table: its rows, and what each side needs of them."""

    def __init__(self, folder: Path) -> None:
        self.meta = json.loads((folder / "meta.json").read_text())
        target = self.meta["target"]
        task = {"type": "classification", "target": target}
        self.dataset = load_dataset(Spec.model_validate({"data": str(folder / "data.csv.gz"), "task": task}), Path())
        left_out = {*self.meta.get("drop", []), *self.meta.get("id_columns", [])}
        self.fields = [f for f in self.dataset.fields if f.name not in left_out]
        self.y, self.n_classes = self.dataset.y, len(self.dataset.classes)
        frame = pd.read_csv(folder / "data.csv.gz")
        self.frame = frame[[f.name for f in self.fields]]
        self.numbers = [f.name for f in self.fields if f.kind == "number"]
        self.words = [f.name for f in self.fields if f.kind != "number"]
        for name in self.words:
            self.frame = self.frame.assign(**{name: self.frame[name].astype(str)})

    def folds(self, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the rows to learn from and to score, fold by fold."""
        return list(StratifiedKFold(5, shuffle=True, random_state=seed).split(np.zeros(len(self.y)), self.y))

    def loss(self, rows: np.ndarray, proba: np.ndarray) -> float:
        """Return the log loss of probabilities (n_rows, n_classes)."""
        return float(log_loss(self.y[rows], np.clip(proba.astype(np.float64), LEAST, 1), labels=range(self.n_classes)))


def ours(table: Table, name: str, learn: np.ndarray, score: np.ndarray, seed: int, changes: dict[str, object] | None = None) -> tuple[float, float, float]:
    """Return the log loss of a default fit, that of as many fits as ship together, and the CPU seconds of one."""
    family = FAMILIES.get("classification", name)
    form, x = fit_transform(table.dataset.table.take(learn), table.fields, table.y[learn], family.needs)
    x_score, probas = Features(form).transform(table.dataset.table.take(score)), []
    began = time.process_time()
    for copy in range(family.copies):
        context = Context("classification", len(learn), len(table.fields), table.n_classes, seed=seed + 100 * copy)
        estimator = fit(family, {}, {**family.space(context).default(), **(changes or {})}, context, x, table.y[learn], float("inf"))
        probas.append(Model(family.export(estimator, context)).predict(x_score))
    seconds = (time.process_time() - began) / family.copies
    return table.loss(score, probas[0]), table.loss(score, np.mean(probas, axis=0)), seconds


def theirs(table: Table, learn: np.ndarray, score: np.ndarray, seed: int) -> tuple[float, float]:
    """Return the log loss of scikit-learn's usual pipeline, and its CPU seconds."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    columns = make_column_transformer((numbers, table.numbers), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), table.words))
    began = time.process_time()
    pipe = make_pipeline(columns, MLPClassifier(random_state=seed)).fit(table.frame.iloc[learn], table.y[learn])
    seconds = time.process_time() - began
    return table.loss(score, pipe.predict_proba(table.frame.iloc[score])), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tables", nargs="+", default=[*NUMERIC, *MIXED])
    parser.add_argument("--families", nargs="+", default=["mlp"])
    parser.add_argument("--repeats", type=int, default=1)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(f"{'table':>14}{'family':>10}{'one fit':>9}{'ships':>9}{'sklearn':>9}{'gain':>9}{'error':>8}{'gain s.':>9}{'error':>8}{'s':>7}{'s theirs':>9}")
    for name in asked.tables:
        table = Table(asked.data / name)
        folds = [(seed, *fold) for seed in range(asked.repeats) for fold in table.folds(seed)]
        library = np.array([theirs(table, a, b, seed) for seed, a, b in folds])
        for family in asked.families:
            mine = np.array([ours(table, family, a, b, seed) for seed, a, b in folds])
            words = "".join(
                f"{part.mean():>9.4f}{part.std(ddof=1) / np.sqrt(len(part)):>8.4f}" for part in (library[:, 0] - mine[:, 0], library[:, 0] - mine[:, 1])
            )
            losses = f"{mine[:, 0].mean():>9.4f}{mine[:, 1].mean():>9.4f}{library[:, 0].mean():>9.4f}"
            print(f"{name:>14}{family:>10}{losses}{words}{mine[:, 2].mean():>7.2f}{library[:, 1].mean():>9.2f}", flush=True)


if __name__ == "__main__":
    main()
