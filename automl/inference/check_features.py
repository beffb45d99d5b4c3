"""Features out of a file are looked at before they are made: what each step reads is there, and a row without a value goes through all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from automl.inference.features import DENSE, SPARSE, Features, columns_of
from automl.inference.forms import Form
from automl.inference.steps import texts
from automl.inference.table import Column, Field

MOST_BUCKETS = 1 << 24
MOST_WORDS = 20  # of one n-gram
EMPTY = {"number": Column("number", np.array([np.nan])), "date": Column("date", np.array([np.nan]))}
CODED = Column("coded", np.array([-1], dtype=np.int32))


def check_steps(form: Form, fields: Sequence[Field]) -> Form:
    """Return the form of some features if its steps are of known kinds, about columns that the artifact asks for, and of sizes that can be.

    Raises ValueError, TypeError or KeyError otherwise. To be called before anything is made of the form.
    """
    known = {field.name for field in fields}
    steps = form.config["steps"]
    _require(isinstance(steps, list), "the steps are no list")
    for step in steps:
        _require(isinstance(step, dict) and (step["kind"] in DENSE or step["kind"] in SPARSE), "a step is of no known kind")
        names = columns_of(step)
        _require(1 <= len(names) <= 2 and all(name in known for name in names), "a step is about a column that is not there")
        if step["kind"] in SPARSE:
            _check_words(step, form)
    for name, array in form.arrays.items():
        _require(array.dtype.kind in "biuf", f"{name} holds no numbers")
    return form


def check_features(features: Features, fields: Sequence[Field]) -> Features:
    """Return the features if they choose columns that there are, and a row without any value becomes numbers.

    Raises ValueError, TypeError, KeyError or IndexError otherwise. Words are left out: to count them loads what a table without
    texts never needs, and `check_steps` has seen all they depend on.
    """
    kept = features.form.arrays.get("select")
    if kept is not None:
        sound = kept.ndim == 1 and kept.dtype.kind in "iu" and (not len(kept) or (int(kept.min()) >= 0 and int(kept.max()) < features.n_columns))
        _require(bool(sound), "the columns that are kept are not among those there are")
    kinds: Mapping[str, str] = {field.name: field.kind for field in fields}
    for at, step in enumerate(features.form.config["steps"]):
        if step["kind"] not in DENSE:
            continue
        out, write = np.zeros((1, features.widths[at]), dtype=np.float32), DENSE[step["kind"]].write
        if write is None:
            texts.write_length(out, step, texts.lengths(CODED))
        else:
            write(out, step, [EMPTY.get(kinds[name], CODED) for name in columns_of(step)], features.form.arrays)
    return features


def _check_words(step: Mapping[str, Any], form: Form) -> None:
    low, high = step["ngrams"]
    _require(type(low) is int and type(high) is int and 1 <= low <= high <= MOST_WORDS, "the lengths of word sequences cannot be")
    if step["kind"] == "hash":
        _require(type(step["buckets"]) is int and 1 <= step["buckets"] <= MOST_BUCKETS, "the number of hashed words cannot be")
    else:
        weights = form.arrays[f"idf.{step['column']}"]
        terms = step["terms"]
        _require(isinstance(terms, list) and all(isinstance(term, str) for term in terms), "the words are no texts")
        _require(weights.shape == (len(terms),) and len(set(terms)) == len(terms), "the words and their weights differ in number")


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise ValueError(fault)
