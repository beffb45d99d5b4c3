"""Names and numbers as a reader writes them: identifiers in plain words, and text of the data made safe to read."""

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_KNOWN = {
    "xgboost": "XGBoost", "lightgbm": "LightGBM", "catboost": "CatBoost", "mlp": "MLP",
    "lda": "LDA", "qda": "QDA", "knn": "nearest neighbours", "svm": "kernel SVM", "linear_svm": "linear SVM",
    "hist_gradient_boosting": "histogram boosting", "roc_auc": "ROC AUC", "f1": "F1", "f1_macro": "F1, mean over classes",
    "f1_micro": "F1, all decisions together",
    "f1_weighted": "F1, mean by rows", "precision_macro": "precision, mean over classes", "precision_micro": "precision, all decisions together",
    "precision_weighted": "precision, mean by rows", "recall_macro": "recall, mean over classes", "recall_micro": "recall, all decisions together",
    "recall_weighted": "recall, mean by rows", "brier_score": "Brier score", "cohen_kappa": "Cohen's kappa", "matthews_corrcoef": "Matthews correlation",
    "top_k_accuracy": "accuracy of the top two", "cost": "mean cost",
    "pca": "PCA", "kernel_pca": "kernel PCA", "tsne": "t-SNE", "umap": "UMAP", "ica": "ICA", "nmf": "NMF", "gda": "GDA", "truncated_svd": "truncated SVD",
    "kmeans": "k-means", "bisecting_kmeans": "bisecting k-means", "dbscan": "DBSCAN", "hdbscan": "HDBSCAN", "nystroem": "Nyström features",
    "bic": "BIC", "dbcv": "DBCV", "chi2": "chi-squared",
    "tabm": "TabM", "realmlp": "RealMLP", "ngram_net": "n-gram network", "naive_bayes": "naive Bayes", "gaussian_mixture": "Gaussian mixture",
    "genie": "Genie", "birch": "BIRCH", "disco": "DISCO", "calinski_harabasz": "Calinski–Harabasz", "davies_bouldin": "Davies–Bouldin",
    "sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSProp", "adagrad": "Adagrad",
}  # fmt: skip
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")
_SPACES = {"\n": "⏎", "\r": "⏎", "\t": "⇥"}


def words(name: str) -> str:
    """Return an identifier in words."""
    return _KNOWN.get(name, name.replace("_", " "))


def sentence_case(text: str) -> str:
    """Return the text with its first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]


def visible(value: object, longest: int = 80) -> str:
    """Return a text of the data as it can be read on a page: marks that turn, hide or break a line are named, and the end is cut.

    Joiners stay, as some scripts are written with them; of a heap of combining marks on one letter three stay.
    """
    text = str(value)
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    text = _UNSEEN.sub(lambda m: _SPACES.get(m.group(), f"‹{ord(m.group()):04X}›"), text)
    if not text.isascii():
        kept, heap = [], 0
        for character in text:
            heap = heap + 1 if unicodedata.combining(character) else 0
            kept += [character] if heap <= 3 else []
        text = "".join(kept)
    return text if text.strip() else "‹empty›" if not text else "‹spaces›"


def figure(value: float | str | None) -> str:
    """Return a number with about four digits that matter, thousands set apart; texts as they are, a dash for none."""
    if value is None or isinstance(value, str):
        return value if value else "–"
    if isinstance(value, float) and not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.2e}".replace("-", "−")
    if float(value).is_integer() or size >= 1000:
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def percent(share: float | None) -> str:
    """Return a share in percent: never 0 for something, nor 100 for less than all."""
    if share is None:
        return "–"
    if abs(share) < 1e-12 or abs(share - 1) < 1e-12:
        return "0 %" if share < 0.5 else "100 %"
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{100 * share:.0f} %" if 0.0995 <= share <= 0.9 else f"{100 * share:.1f} %"


def span(seconds: float) -> str:
    """Return a length of time in its own unit, days and years beyond a day."""
    for unit, size in (("year", 365.25 * 86400), ("day", 86400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= size * (2 if unit == "year" else 1):
            return plural(round(seconds / size), unit) if abs(seconds / size - round(seconds / size)) < 0.05 else f"{seconds / size:.1f} {unit}s"
    return f"{seconds:.3g} s"


def signed(value: float, digits: int = 3) -> str:
    """Return a change with its sign."""
    text = f"{abs(value):.{digits}f}"
    return ("" if float(text) == 0 else "−" if value < 0 else "+") + text


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its word."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: list[Any], most: int = 3) -> str:
    """Return the first names in a row, and how many more there are."""
    shown = [str(n) for n in names[:most]]
    if len(names) > most:
        return ", ".join(shown) + f" and {len(names) - most:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def part_of(profile: Mapping[str, Any], key: str, name: str) -> tuple[Mapping[str, Any], str]:
    """Return a part of a profile, and a sentence that begins with `name` where it was not looked at."""
    part = profile.get(key)
    if not part:
        return {}, f"{name} not looked at."
    return part, f"{name} not looked at: {part['skipped']}." if "skipped" in part else ""
