"""Feature steps as data: a table in the schema's form to a matrix, exactly as in training (float64, then float32).

Steps, each for one column: `number` (impute, indicator, centre, scale, clip), `raw` (NaN kept, for trees), `onehot`,
`ordinal`, `date` (parts), `tfidf` (word n-grams, as scikit-learn's TfidfVectorizer with sublinear counts and L2 norm).
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form
from automl.inference.table import Column, Floats, Table

TOKEN = re.compile(r"(?u)\b\w\w+\b")  # scikit-learn's default token pattern
FLOAT_MAX = float(np.finfo(np.float32).max)
CLIP = 8.0  # in scales; what lies beyond is an outlier that would rule a linear model or a network


def tokens(text: str, ngrams: Sequence[int]) -> list[str]:
    """Return lower-cased word n-grams, lengths ngrams[0] to ngrams[1]."""
    words = TOKEN.findall(text.lower())
    out = list(words) if ngrams[0] == 1 else []
    for n in range(max(2, ngrams[0]), ngrams[1] + 1):
        out += [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
    return out


def _number(values: Floats, step: dict[str, Any]) -> list[Floats]:
    missing = ~np.isfinite(values)
    filled = np.where(missing, step["fill"], values)
    scaled = np.clip((filled - step["centre"]) / step["scale"], -CLIP, CLIP)
    return [scaled, missing.astype(np.float64)] if step["indicator"] else [scaled]


def date_parts(seconds: Floats) -> list[Floats]:
    """Return year, month, day, weekday, hour and days since 1970, NaN where missing."""
    missing = ~np.isfinite(seconds)
    stamp = np.floor(np.where(missing, 0, seconds)).astype("datetime64[s]")
    days = stamp.astype("datetime64[D]").astype(np.int64)
    months = stamp.astype("datetime64[M]")
    parts = [
        stamp.astype("datetime64[Y]").astype(np.int64) + 1970,
        months.astype(np.int64) % 12 + 1,
        days - months.astype("datetime64[D]").astype(np.int64) + 1,
        (days + 3) % 7,
        np.where(missing, 0, seconds) // 3600 % 24,
        days,
    ]
    return [np.where(missing, np.nan, part.astype(np.float64)) for part in parts]


DATE_PARTS = ("year", "month", "day", "weekday", "hour", "days")


def _codes(column: Column, levels: Sequence[str], other: int) -> NDArray[np.int64]:
    """Return (n_rows,) positions in `levels`; `other` for levels not among them, -1 for missing."""
    known = {level: index for index, level in enumerate(levels)}
    mapping = np.array([known.get(level, other) for level in column.levels] + [-1], dtype=np.int64)
    codes: NDArray[np.int64] = mapping[column.values]
    return codes


def _onehot(column: Column, step: dict[str, Any]) -> NDArray[np.float64]:
    width = len(step["levels"]) + 1  # the last column stands for rare, unseen and missing levels
    codes = _codes(column, step["levels"], width - 1)
    codes[codes < 0] = width - 1
    out = np.zeros((len(codes), width))
    out[np.arange(len(codes)), codes] = 1.0
    return out


def _ordinal(column: Column, step: dict[str, Any]) -> Floats:
    codes = _codes(column, step["levels"], len(step["levels"])).astype(np.float64)
    codes[codes < 0] = np.nan
    return codes


class Features:
    """A feature form made ready: turns tables into matrices."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.sparse = bool(form.config["sparse"])
        self._vocabulary = {step["column"]: {term: i for i, term in enumerate(step["terms"])} for step in form.config["steps"] if step["kind"] == "tfidf"}

    def names(self) -> list[str]:
        """Return the names of the matrix columns, in order."""
        out: list[str] = []
        for step in sorted(self.form.config["steps"], key=lambda s: s["kind"] == "tfidf"):  # texts stand last
            column = step["column"]
            if step["kind"] == "number":
                out += [column, f"{column} is missing"] if step["indicator"] else [column]
            elif step["kind"] == "onehot":
                out += [f"{column} = {level}" for level in step["levels"]] + [f"{column} = (other)"]
            elif step["kind"] == "tfidf":
                out += [f"{column}: {term}" for term in step["terms"]]
            elif step["kind"] == "date":
                out += [f"{column} {part}" for part in DATE_PARTS]
            else:
                out.append(column)
        return out

    def transform(self, table: Table) -> Any:
        """Return (n_rows, n_features): dense float32, or CSR float32 where the form says sparse."""
        dense: list[NDArray[np.float64]] = []
        texts: list[Any] = []
        for step in self.form.config["steps"]:
            column = table.columns[step["column"]]
            if step["kind"] == "number":
                dense += [v[:, None] for v in _number(column.values, step)]
            elif step["kind"] == "raw":
                dense.append(np.clip(np.where(np.isfinite(column.values), column.values, np.nan), -FLOAT_MAX, FLOAT_MAX)[:, None])
            elif step["kind"] == "onehot":
                dense.append(_onehot(column, step))
            elif step["kind"] == "ordinal":
                dense.append(_ordinal(column, step)[:, None])
            elif step["kind"] == "date":
                dense.append(self._date(column.values, step))
            else:
                texts.append(self._tfidf(column, step))
        left = np.concatenate(dense, axis=1).astype(np.float32) if dense else np.zeros((table.n_rows, 0), np.float32)
        if not texts:
            return left
        from scipy import sparse

        if self.sparse:
            return sparse.hstack([sparse.csr_matrix(left), *texts], format="csr", dtype=np.float32)
        return np.concatenate([left, *[t.toarray() for t in texts]], axis=1)

    def _date(self, seconds: Floats, step: dict[str, Any]) -> NDArray[np.float64]:
        parts = date_parts(seconds)
        if "fill" in step:
            parts = [(np.where(np.isfinite(p), p, f) - c) / s for p, f, c, s in zip(parts, step["fill"], step["centre"], step["scale"], strict=True)]
        return np.stack(parts, axis=1)

    def _tfidf(self, column: Column, step: dict[str, Any]) -> Any:
        from scipy import sparse

        vocabulary = self._vocabulary[step["column"]]
        pointers: list[int] = [0]
        indices: list[int] = []
        counts: list[float] = []
        for level in column.levels:
            seen: dict[int, int] = {}
            for token in tokens(level, step["ngrams"]):
                if (at := vocabulary.get(token)) is not None:
                    seen[at] = seen.get(at, 0) + 1
            indices += seen.keys()
            counts += seen.values()
            pointers.append(len(indices))
        pointers.append(len(indices))  # the row of a missing text is empty
        weights = 1.0 + np.log(np.array(counts, dtype=np.float64)) if counts else np.zeros(0)
        weights *= self.form.arrays[f"idf.{step['column']}"][indices] if indices else 1.0
        rows = np.repeat(np.arange(len(pointers) - 1), np.diff(pointers))
        norm = np.sqrt(np.bincount(rows, weights**2, minlength=len(pointers) - 1))
        weights /= np.where(norm > 0, norm, 1.0)[rows]
        by_level = sparse.csr_matrix((weights.astype(np.float32), np.array(indices, np.int32), np.array(pointers)), shape=(len(pointers) - 1, len(vocabulary)))
        by_level.sort_indices()
        return by_level[column.values]
