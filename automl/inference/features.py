"""Feature steps as data: a table in the schema's form to a matrix, exactly as in training (float64, then float32).

Every step is about one column, or about the pair in `columns`; what its kind does stands in `steps/`. The columns of dense
steps come first in the matrix, in the order of the form, those of words (CSR) after them; `select` holds the ones that stay.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays, Form
from automl.inference.steps import categories, custom, dates, numbers, texts
from automl.inference.steps.dates import DATE_PARTS, date_parts
from automl.inference.steps.lexicon import Lexicon, Looked
from automl.inference.steps.numbers import CLIP, FLOAT_MAX
from automl.inference.steps.texts import tokens
from automl.inference.table import Column, Table
from automl.inference.transformer import load

__all__ = ["CLIP", "DATE_PARTS", "FLOAT_MAX", "Features", "columns_of", "date_parts", "tokens"]

Step = dict[str, Any]
FEW_ROWS = 16


@dataclass(frozen=True)
class Dense:
    """A kind of step: the names of its matrix columns, and what it writes into them (a view, zeros at first).

    `write` is None for lengths of texts: several forms of one table share what was found of them.
    """

    names: Callable[[Step], list[str]]
    write: Callable[[NDArray[np.float32], Step, Sequence[Column], Arrays], None] | None


def _one(step: Step) -> list[str]:
    return [categories.title(step)]


DENSE = {
    "raw": Dense(_one, numbers.write_raw), "number": Dense(numbers.names_number, numbers.write_number), "rank": Dense(numbers.names_number, numbers.write_rank),
    "onehot": Dense(categories.names_onehot, categories.write_onehot), "ordinal": Dense(_one, categories.write_ordinal),
    "target": Dense(categories.names_target, categories.write_target), "date": Dense(dates.names_date, dates.write_date),
    "length": Dense(texts.names_length, None), "product": Dense(numbers.names_pair, numbers.write_product),
    "deviation": Dense(numbers.names_pair, numbers.write_deviation), "custom": Dense(custom.names_custom, custom.write_custom),
}  # fmt: skip
SPARSE = {"tfidf": texts.names_tfidf, "hash": texts.names_hash}


def columns_of(step: Step) -> list[str]:
    """Return the names of the table's columns that a step reads."""
    return list(step["columns"]) if "columns" in step else [step["column"]]


class Features:
    """A feature form made ready: turns tables into matrices. Forms of one table share a `lexicon`, so that its texts are read once.

    Raises KeyError when the form has a kind of step that this version does not know, MissingPackageError when a step is of
    another package that is not installed.
    """

    def __init__(self, form: Form, lexicon: Lexicon | None = None) -> None:
        self.form = form
        self.lexicon = Lexicon() if lexicon is None else lexicon
        steps: list[Step] = form.config["steps"]
        for origin in custom.needed(steps):
            load(origin)
        self._dense = [(i, step, DENSE[step["kind"]]) for i, step in enumerate(steps) if step["kind"] not in SPARSE]
        self._sparse = [(i, step) for i, step in enumerate(steps) if step["kind"] in SPARSE]
        self.sparse = bool(form.config["sparse"]) and bool(self._sparse)
        self._terms = {i: self.lexicon.add(step["column"], step["ngrams"], step["terms"]) for i, step in self._sparse if step["kind"] == "tfidf"}
        self.widths = {i: len(kind.names(step)) for i, step, kind in self._dense}
        self.widths |= {i: len(self._terms[i]) if i in self._terms else int(step["buckets"]) for i, step in self._sparse}
        self._n_dense, self._n_columns = self.n_dense, self.n_columns
        at = {i: first for i, first, _ in self.places()}
        alone = [(step["column"], at[i]) for i, step, _ in self._dense if step["kind"] == "raw"]
        self._raw = [name for name, _ in alone], np.array([place for _, place in alone], dtype=np.int64)

    @property
    def has_words(self) -> bool:
        """Return whether texts are looked into."""
        return bool(self._sparse) or any(kind.write is None for _, _, kind in self._dense)

    @property
    def width(self) -> int:
        """Return the number of columns of the matrix that `transform` makes."""
        kept = self.form.arrays.get("select")
        return self.n_columns if kept is None else len(kept)

    @property
    def n_dense(self) -> int:
        """Return the number of matrix columns that are not words."""
        return sum(self.widths[i] for i, _, _ in self._dense)

    @property
    def n_columns(self) -> int:
        """Return the number of matrix columns, before any are left out."""
        return sum(self.widths.values())

    def places(self) -> list[tuple[int, int, int]]:
        """Return (position of the step, its first column, its number of columns) in the order of the matrix, before any are left out."""
        out, at = [], 0
        for i in [*(i for i, _, _ in self._dense), *(i for i, _ in self._sparse)]:
            out.append((i, at, self.widths[i]))
            at += self.widths[i]
        return out

    def names(self) -> list[str]:
        """Return the names of the matrix columns, in order."""
        every = [name for _, step, kind in self._dense for name in kind.names(step)]
        every += [name for _, step in self._sparse for name in SPARSE[step["kind"]](step)]
        kept = self.form.arrays.get("select")
        return every if kept is None else [every[at] for at in kept.tolist()]

    def transform(self, table: Table, learned: Mapping[int, NDArray[Any]] | None = None, looked: Looked | None = None) -> Any:
        """Return (n_rows, n_features): dense float32, or CSR float32 where the form says sparse.

        `learned` holds, by position of the step, what stands in its columns instead: the rows a form was fitted on have
        values of their own in some steps (features.fit). Each row's values depend on that row alone. `looked` is what forms of
        the same lexicon share of this very table.
        """
        looked = Looked(self.lexicon, table) if looked is None else looked
        out = np.zeros((table.n_rows, self._n_dense if self.sparse else self._n_columns), dtype=np.float32)
        together = learned is None and table.n_rows <= FEW_ROWS and len(self._raw[0]) > 1
        if together:  # of few rows, looking at columns one by one takes longer than what is done with them
            names, places = self._raw
            out[:, places] = numbers.raw(np.stack([table.columns[name].values for name in names], axis=1))
        at = 0
        for i, step, kind in self._dense:
            first, at = at, at + self.widths[i]
            if together and step["kind"] == "raw":
                continue
            view = out[:, first:at]
            if learned is not None and i in learned:
                view[:] = learned[i]
            elif kind.write is None:
                texts.write_length(view, step, looked.lengths(step["column"]))
            else:
                kind.write(view, step, [table.columns[name] for name in columns_of(step)], self.form.arrays)
        if not self._sparse:
            return self._selected(out)
        words = [self._words(i, step, table.columns[step["column"]], looked) for i, step in self._sparse]
        if self.sparse:
            from scipy import sparse

            return self._selected(sparse.hstack([sparse.csr_matrix(out), *words], format="csr", dtype=np.float32))
        for found in words:
            out[np.repeat(np.arange(table.n_rows), np.diff(found.indptr)), at + found.indices] = found.data
            at += found.shape[1]
        return self._selected(out)

    def _words(self, i: int, step: Step, column: Column, looked: Looked) -> Any:
        if step["kind"] == "tfidf":
            found = looked.counts(step["column"], step["ngrams"], self._terms[i])
            return texts.tfidf(found, column, self.form.arrays[f"idf.{step['column']}"])
        return texts.hashed(step, column)

    def _selected(self, x: Any) -> Any:
        kept = self.form.arrays.get("select")
        return x if kept is None else x[:, kept]
