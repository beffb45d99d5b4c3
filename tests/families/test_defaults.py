"""Defaults on real tables: each family scores as scikit-learn's own does behind its usual pipeline, or better, up to the noise."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from automl.data.dataset import load_dataset
from automl.families import FAMILIES
from automl.families.base import Context
from automl.features.fit import fit_transform
from automl.inference.features import Features
from automl.inference.forms import Model
from automl.search.workers.fitting import fit
from tests.builders import spec_of
from tests.conftest import shared

pytestmark = pytest.mark.slow

TABLES = ("vehicle", "titanic", "pima_diabetes", "german_credit", "sonar", "horse_colic", "glass", "mammography")
LIBRARY = {
    "logistic_regression": lambda: LogisticRegression(max_iter=300),
    "linear_svm": lambda: CalibratedClassifierCV(LinearSVC(dual=False), ensemble=False, cv=3),
    "svm": lambda: CalibratedClassifierCV(SVC(), ensemble=False, cv=3),
    "knn": lambda: KNeighborsClassifier(20, weights="distance"),
    "naive_bayes": lambda: GaussianNB(),
    "lda": lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "qda": lambda: QuadraticDiscriminantAnalysis(reg_param=0.2),
    "decision_tree": lambda: DecisionTreeClassifier(max_depth=8, min_samples_leaf=10, random_state=0),
    "random_forest": lambda: RandomForestClassifier(200, min_samples_leaf=2, random_state=0),
    "extra_trees": lambda: ExtraTreesClassifier(200, min_samples_leaf=2, random_state=0),
    "hist_gradient_boosting": lambda: HistGradientBoostingClassifier(early_stopping=True, random_state=0),
    "xgboost": lambda: XGBClassifier(n_jobs=1),
}


def folds_of(name):
    meta = json.loads((shared(name).parent / "meta.json").read_text())
    dataset = load_dataset(spec_of(str(shared(name)), meta["target"]), Path())
    fields = [f for f in dataset.fields if f.name not in meta.get("drop", [])]
    return dataset, fields, list(StratifiedKFold(4, shuffle=True, random_state=0).split(np.zeros(len(dataset.y)), dataset.y))


def losses(y, proba, n_classes):
    return np.array([log_loss(y[b], np.clip(p.astype(np.float64), 1e-9, 1), labels=range(n_classes)) for b, p in proba])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", LIBRARY)
def test_a_default_scores_as_the_library_does(name, table):
    dataset, fields, folds = folds_of(table)
    family, n_classes = FAMILIES.get("classification", name), len(dataset.classes)
    frame = pd.read_csv(shared(table))[[f.name for f in fields]]
    numbers = [f.name for f in fields if f.kind == "number"]
    words = [f.name for f in fields if f.kind != "number"]
    for column in words:
        frame[column] = [str(v) for v in frame[column]]
    own, theirs = [], []
    for k, (a, b) in enumerate(folds):
        form, x = fit_transform(dataset.table.take(a), fields, dataset.y[a], family.needs)
        context = Context("classification", len(a), len(fields), n_classes, seed=k)
        estimator = fit(family, {}, family.space(context).default(), context, x, dataset.y[a], float("inf"))
        own.append((b, Model(family.export(estimator, context)).predict(Features(form).transform(dataset.table.take(b)))))
        scale = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        pipe = make_pipeline(make_column_transformer((scale, numbers), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words)), LIBRARY[name]())
        try:
            if theirs is not None:
                theirs.append((b, pipe.fit(frame.iloc[a], dataset.y[a]).predict_proba(frame.iloc[b])))
        except (ValueError, np.linalg.LinAlgError):
            theirs = None  # the library's does not bear every table
    mine = losses(dataset.y, own, n_classes)
    shares = [(b, np.repeat(np.bincount(dataset.y[a], minlength=n_classes)[None, :] / len(a), len(b), 0)) for a, b in folds]
    assert mine.mean() < losses(dataset.y, shares, n_classes).mean() + 0.02
    if theirs is not None:
        library = losses(dataset.y, theirs, n_classes)
        noise = 2 * (mine - library).std(ddof=1) / np.sqrt(len(folds))
        print(f"{name} on {table}: {mine.mean():.4f}, the library {library.mean():.4f}")
        assert mine.mean() < library.mean() * 1.05 + max(noise, 0.02), f"{mine.mean():.4f} against {library.mean():.4f}"
