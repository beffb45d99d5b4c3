"""`AutoMLClassifier`: a run of the engine behind `fit`, its artifact behind `predict` and `predict_proba`."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, _check_y, check_consistent_length

from automl.estimators.engine import LEAST_ROWS, SMALL, Engine, free_name

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ .-]*[A-Za-z0-9]|[A-Za-z]|\d+")
_MISSING = frozenset({"na", "nan", "null", "none", "nat", "n/a"})


class AutoMLClassifier(ClassifierMixin, Engine):  # type: ignore[misc]
    """A classifier found by a search over model families, as a spec with this task would find it.

    Parameters
    ----------
    spec : dict, path or text, default None
        Further sections of a spec: `models`, `ensemble`, `quantize` and so on. What it says of rows and target is not looked at.
    time : str or None, default "10m"
        Wall-clock budget; None: no clock, `trials` (20 when left out) end the search, and the same data give the same model.
    metric : str, default None
        Score to optimise, by scikit-learn's name; None: roc_auc for two classes, log_loss for more.
    seed : int, default 0
        Seed of everything random.
    trials : int, default None
        Most configurations that are tried.
    families : list of str, default None
        Model families that compete; None: all.
    out : path, default None
        Folder of the run, new or empty, with its report; None: only the model is kept.
    in_process : bool, default False
        Fit in this process, one after the other: quicker for few rows, and nothing can be killed that hangs or fills the memory.

    Attributes
    ----------
    classes_ : (n_classes,) labels; evaluation_ : dict, the scores, out of fold; leaderboard_ : DataFrame, a row per trial;
    run_ : Run, where `out` names a folder; n_features_in_, feature_names_in_ as in scikit-learn.

    Columns may be numbers, text, categories and dates, with values missing. Every row of `fit` is learned from, and the score is
    out of fold. Fewer than 20 rows count several times each, the copies of a row on one side of every fold. Of up to 1,000 rows
    their order does not matter, and weights that are whole numbers say how often a row is there. Pickles hold the model and no
    training data, but for families that keep rows (knn).
    """

    def __init__(
        self, spec: Any = None, *, time: str | None = "10m", metric: str | None = None, seed: int = 0, trials: int | None = None,
        families: Sequence[str] | None = None, out: Path | str | None = None, in_process: bool = False,
    ) -> None:  # fmt: skip
        self.spec, self.time, self.metric, self.seed = spec, time, metric, seed
        self.trials, self.families, self.out, self.in_process = trials, families, out, in_process

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> "AutoMLClassifier":
        """Search and fit on X (n_rows, n_columns), y (n_rows,).

        `sample_weight` (n_rows,) says how much each row counts, `groups` (n_rows,) which rows stay on one side of every fold.
        Raises ValueError where the data cannot be learned from, SpecError where `spec` is wrong.
        """
        frame = self._frame(X, reset=True)
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        y = _check_y(y, estimator=self)
        check_consistent_length(frame, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{type(self).__name__} needs two classes, and y has one class: {self.classes_[0]!r}")
        if len(frame) < 2:
            raise ValueError(f"{type(self).__name__} cannot learn from n_samples = {len(frame)}")
        texts = _texts(self.classes_)
        target = free_name("target", frame)
        extra, columns = {target: np.array(texts, dtype=object)[codes]}, {}
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, frame, dtype=np.float64, ensure_non_negative=True)
            if (np.bincount(codes, weight) > 0).sum() < 2:
                raise ValueError(f"{type(self).__name__} needs two classes, and only one class has rows with a weight above 0")
            name = free_name("weight", frame)
            extra[name] = weight
        if groups is not None:
            check_consistent_length(frame, groups)
            columns["group"] = free_name("group", frame)
            extra[columns["group"]] = np.asarray(groups).astype(str)
        if sample_weight is not None:
            if counts_rows(weight):
                del extra[name]
                frame = frame.loc[np.repeat(np.arange(len(frame)), weight.astype(np.int64))].reset_index(drop=True)
                extra = {key: np.repeat(values, weight.astype(np.int64)) for key, values in extra.items()}
            else:
                columns["weight"] = name
        task: dict[str, Any] = {"type": "classification", "target": target}
        if self.metric is not None:
            task["metric"] = self.metric.removeprefix("neg_")
        if len(texts) == 2:
            task["positive_class"] = texts[1]
        self._learn(frame, task, extra, columns)
        place = {name: i for i, name in enumerate(self._predictor.classes_)}
        self._places = np.array([place.get(text, -1) for text in texts])  # a class whose rows all count for nothing may be unknown
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return (n_rows, n_classes) probabilities, in the order of `classes_`."""
        rows = self._rows(X)
        found = self._predictor.predict_proba(rows).astype(np.float64)
        proba = np.where(self._places >= 0, found[:, self._places], 0.0)
        return np.asarray(proba / proba.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return (n_rows,) labels, by the decision that was chosen for the metric."""
        rows = self._rows(X)
        codes = self._predictor.decision.codes(self._predictor.predict_proba(rows))
        label = np.argsort(self._places)[np.searchsorted(np.sort(self._places), np.arange(len(self._predictor.classes_)))]
        return np.asarray(self.classes_[label[codes]])


def counts_rows(weight: NDArray[np.float64]) -> bool:
    """Return whether weights are small whole numbers, each of which says how often its row is there."""
    return bool((weight == np.round(weight)).all() and LEAST_ROWS <= weight.sum() <= SMALL)


def _texts(classes: NDArray[Any]) -> list[str]:
    """Return a text per class for the file of a run: the label itself where that reads back as it is, else its number."""
    texts = [str(label) for label in classes.tolist()]
    plain = len(set(texts)) == len(texts) and all(_PLAIN.fullmatch(t) and t.lower() not in _MISSING for t in texts)
    return texts if plain and not any(t.isdigit() and t != str(int(t)) for t in texts) else [f"class {i}" for i in range(len(texts))]
