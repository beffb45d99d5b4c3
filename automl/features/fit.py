"""Fits feature steps on training rows; what comes out is data that inference runs, in training as in serving."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Needs
from automl.inference.features import DATE_PARTS, FLOAT_MAX, date_parts, tokens
from automl.inference.forms import Arrays, Form
from automl.inference.table import Column, Field, Floats, Table

RARE = 5  # a level with fewer training rows shares a column with others: its own weight would be noise
NGRAMS = (1, 2)


def fit_features(table: Table, fields: Sequence[Field], y: NDArray[np.int64], needs: Needs) -> Form:
    """Return the feature form of a family's needs, fitted on `table` (training rows only) and its class codes `y`."""
    steps: list[dict[str, Any]] = []
    arrays: Arrays = {}
    for field in fields:
        column = table.columns[field.name]
        if field.kind == "number":
            steps.append(_number(field.name, column.values) if needs.scaled else {"kind": "raw", "column": field.name})
        elif field.kind == "date":
            steps.append(_date(field.name, column.values, needs.scaled))
        elif field.kind == "category":
            steps.append(_category(field.name, column, needs))
        else:
            step, idf = _tfidf(field.name, column, y, needs.terms)
            steps.append(step)
            arrays[f"idf.{field.name}"] = idf
    return Form("features", {"steps": steps, "sparse": needs.sparse and any(s["kind"] == "tfidf" for s in steps)}, arrays)


def _centre_and_scale(values: Floats) -> tuple[float, float, float]:
    """Return median, mean and standard deviation of the finite values; 0, 0, 1 where there are none."""
    known = np.clip(values[np.isfinite(values)], -FLOAT_MAX, FLOAT_MAX)
    if len(known) == 0:
        return 0.0, 0.0, 1.0
    spread = float(known.std())
    return float(np.median(known)), float(known.mean()), spread if spread > 1e-12 * max(1.0, abs(float(known.mean()))) else 1.0


def _number(name: str, values: Floats) -> dict[str, Any]:
    fill, centre, scale = _centre_and_scale(values)
    return {"kind": "number", "column": name, "fill": fill, "centre": centre, "scale": scale, "indicator": bool((~np.isfinite(values)).any())}


def _date(name: str, seconds: Floats, scaled: bool) -> dict[str, Any]:
    step: dict[str, Any] = {"kind": "date", "column": name}
    if scaled:
        facts = [_centre_and_scale(part) for part in date_parts(seconds)]
        step |= {key: [fact[i] for fact in facts] for i, key in enumerate(("fill", "centre", "scale"))}
        assert len(facts) == len(DATE_PARTS)
    return step


def _category(name: str, column: Column, needs: Needs) -> dict[str, Any]:
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda i: (-counts[i], column.levels[i]))
    if len(order) > needs.onehot_limit and not needs.scaled:
        return {"kind": "ordinal", "column": name, "levels": [column.levels[i] for i in order]}
    kept = [column.levels[i] for i in order if counts[i] >= RARE or len(order) <= 2][: needs.onehot_limit]
    return {"kind": "onehot", "column": name, "levels": kept}


def _tfidf(name: str, column: Column, y: NDArray[np.int64], limit: int) -> tuple[dict[str, Any], NDArray[np.float32]]:
    """Keep the terms whose presence tells most about the class (chi-squared), and weigh them by rarity.

    The inverse document frequency is scikit-learn's smooth one: ln((1 + n) / (1 + df)) + 1.
    """
    n_classes = int(y.max()) + 1 if len(y) else 1
    by_level = np.zeros((len(column.levels), n_classes), dtype=np.int64)
    present = column.values >= 0
    np.add.at(by_level, (column.values[present], y[present]), 1)
    documents: dict[str, NDArray[np.int64]] = {}
    for level, rows in zip(column.levels, by_level, strict=True):
        if rows.any():
            for token in set(tokens(level, NGRAMS)):
                if token in documents:
                    documents[token] += rows
                else:
                    documents[token] = rows.copy()
    terms = [term for term, rows in documents.items() if rows.sum() >= 2]
    if not terms:
        return {"kind": "tfidf", "column": name, "ngrams": list(NGRAMS), "terms": []}, np.zeros(0, np.float32)
    seen = np.array([documents[term] for term in terms], dtype=np.float64)  # (n_terms, n_classes)
    if len(terms) > limit:
        expected = seen.sum(axis=1, keepdims=True) * np.bincount(y, minlength=n_classes) / len(y)
        chi2 = ((seen - expected) ** 2 / np.maximum(expected, 1e-12)).sum(axis=1)
        best = np.sort(np.argsort(-chi2, kind="stable")[:limit])
        terms, seen = [terms[i] for i in best], seen[best]
    idf = np.log((1 + len(y)) / (1 + seen.sum(axis=1))) + 1
    return {"kind": "tfidf", "column": name, "ngrams": list(NGRAMS), "terms": terms}, idf.astype(np.float32)
