"""Fits the steps on texts: the terms that tell most about the class, or hashing where terms are too many; and lengths."""

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Needs
from automl.features.numbers import centre_and_scale
from automl.features.recipe import TextOptions
from automl.inference.features import tokens
from automl.inference.forms import Arrays
from automl.inference.steps.texts import lengths, logged
from automl.inference.table import Column, Floats

Step = dict[str, Any]

MOST_TERMS = 500_000  # that occur in more than one text; twice as many are in memory at a time, with their texts some 200 MB
LEAST_ROWS, LEAST_ROWS_SMALL, SMALL_TABLE = 5, 2, 1000  # rows a term must occur in; in a small table five are a large share
PORTION = 4_000_000  # terms of texts that are in memory at a time


def fit_text(name: str, column: Column, y: NDArray[np.int64], needs: Needs, options: TextOptions, arrays: Arrays) -> list[Step]:
    """Return the steps of a text: lengths, and weights of words. The rarity of terms goes into `arrays`."""
    if options.encode == "none":
        return []
    step: Step = {"kind": "length", "column": name}
    if needs.scaled:
        facts = [centre_and_scale(values) for values in logged(lengths(column)).T]
        step |= {"centre": [f[1] for f in facts], "scale": [f[2] for f in facts]}
    if options.encode == "length":
        return [step]
    limit = _limit(needs, options)
    if options.encode != "hashing":
        words = _tfidf(name, column, y, options, limit, arrays)
        if words is not None:
            return [step, words]
    return [step, {"kind": "hash", "column": name, "ngrams": list(options.ngrams), "buckets": 1 << (limit.bit_length() - 1)}]


def _limit(needs: Needs, options: TextOptions) -> int:
    """Return the most columns of words: what was asked for, but for dense matrices no more than the family can take."""
    if options.max_features is None:
        return needs.terms
    return options.max_features if needs.sparse else min(options.max_features, needs.terms)


def _tfidf(name: str, column: Column, y: NDArray[np.int64], options: TextOptions, limit: int, arrays: Arrays) -> Step | None:
    """Keep the terms whose presence tells most about the class (chi-squared), of one class the most frequent ones, and weigh them by rarity.

    The inverse document frequency is scikit-learn's smooth one: ln((1 + n) / (1 + df)) + 1. Returns None when there are too
    many terms and the choice is ours.
    """
    counted = _counted(column, y, options)
    if counted is None:
        return None
    terms, seen = counted
    df = np.asarray(seen.sum(axis=1)).ravel()
    kept = np.flatnonzero(df >= (LEAST_ROWS if len(y) >= SMALL_TABLE else LEAST_ROWS_SMALL))
    if len(kept) > limit:
        shares = np.bincount(y, minlength=seen.shape[1]) / len(y)
        some = seen[kept]
        # the sum over classes of (seen - expected)² / expected, where expected is df times the share of the class
        chi2 = some.multiply(some) @ (1 / np.maximum(shares, 1e-12)) / df[kept] - df[kept]
        told = chi2 if np.count_nonzero(shares) > 1 else df[kept]  # without classes the most frequent terms
        kept = kept[np.sort(np.argsort(-told, kind="stable")[:limit])]
    arrays[f"idf.{name}"] = (np.log((1 + len(y)) / (1 + df[kept])) + 1).astype(np.float32)
    return {"kind": "tfidf", "column": name, "ngrams": list(options.ngrams), "terms": [terms[i] for i in kept.tolist()]}


def _counted(column: Column, y: NDArray[np.int64], options: TextOptions) -> tuple[list[str], Any] | None:
    """Return the terms, in order of their first text, and (n_terms, n_classes) CSR of the rows they occur in.

    When they get too many, those of a single row so far are forgotten (lossy counting: Manku and Motwani 2002, Approximate
    frequency counts over data streams, VLDB, section 4.2): most terms of a long table occur once and are never kept. Where
    too many are left all the same, the answer is None, or, where TF-IDF was asked for, rarer ones are forgotten.
    """
    from scipy import sparse

    n_classes = int(y.max(initial=0)) + 1
    present = column.values >= 0
    by_level = sparse.csr_matrix((np.ones(int(present.sum())), (column.values[present], y[present])), shape=(len(column.levels), n_classes))
    used = np.flatnonzero(np.diff(by_level.indptr)).tolist()
    known: dict[str, int] = {}
    total = sparse.csr_matrix((0, n_classes))
    found, ends, first = array("i"), array("q", [0]), 0
    for position, level in enumerate(used, 1):
        words = dict.fromkeys(tokens(column.levels[level], options.ngrams))  # a set would put the terms in another order in each process
        found.extend([known.setdefault(word, len(known)) for word in words])
        ends.append(len(found))
        if len(found) < PORTION and len(known) <= 2 * MOST_TERMS and position < len(used):
            continue
        terms = sparse.csr_matrix((np.ones(len(found)), np.frombuffer(found, np.int32), np.frombuffer(ends, np.int64)), shape=(len(ends) - 1, len(known)))
        total.resize(len(known), n_classes)
        total = total + terms.T.tocsr() @ by_level[used[first:position]]
        found, ends, first = array("i"), array("q", [0]), position
        if len(known) > 2 * MOST_TERMS:
            rows = np.asarray(total.sum(axis=1)).ravel()
            if options.encode == "auto" and np.count_nonzero(rows > 1) > MOST_TERMS:
                return None
            kept = _frequent(rows)
            total, every = total[kept], list(known)
            known = {every[at]: i for i, at in enumerate(kept.tolist())}
    return list(known), total


def _frequent(rows: Floats) -> NDArray[np.int64]:
    """Return the positions of the terms in more than one row, or in more than as many as it takes to keep no more than MOST_TERMS."""
    least = 1
    while np.count_nonzero(rows > least) > MOST_TERMS:
        least += 1
    return np.flatnonzero(rows > least)
