"""What several forms need of the same texts, found once for all of them: the places of their words, and lengths."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl.inference.steps.texts import Counts, count, lengths
from automl.inference.table import Column, Floats, Table

Places = NDArray[np.int32]


class _Source(NamedTuple):
    """A text column, and the lengths of n-grams that are counted of it."""

    column: str
    ngrams: tuple[int, int]


class Lexicon:
    """The words that forms look for, numbered through; a form joins with `add` and reads its own counts from `Looked`."""

    def __init__(self) -> None:
        self._numbers: dict[_Source, dict[str, int]] = {}

    def add(self, column: str, ngrams: Sequence[int], terms: Sequence[str]) -> Places:
        """Return (n_terms,) the numbers of the terms of a form."""
        known = self._numbers.setdefault(_Source(column, (ngrams[0], ngrams[1])), {})
        return np.array([known.setdefault(term, len(known)) for term in terms], dtype=np.int32)

    def numbers(self, column: str, ngrams: Sequence[int]) -> dict[str, int]:
        """Return the number of each word that is looked for in a column."""
        return self._numbers[_Source(column, (ngrams[0], ngrams[1]))]


class Looked:
    """The texts of one table, read once; what was found is kept as long as this lives."""

    def __init__(self, lexicon: Lexicon, table: Table) -> None:
        self._lexicon = lexicon
        self._table = table
        self._counts: dict[_Source, Counts] = {}
        self._lengths: dict[str, Floats] = {}

    def counts(self, column: str, ngrams: Sequence[int], own: Places) -> Counts:
        """Return the counts of a form's terms per distinct text; `own` (n_terms,) are their numbers, as `add` gave them."""
        source = _Source(column, (ngrams[0], ngrams[1]))
        numbers = self._lexicon.numbers(column, ngrams)
        if source not in self._counts:
            self._counts[source] = count(self._column(column).levels, ngrams, numbers)
        every = self._counts[source]
        place = np.full(len(numbers), -1, dtype=np.int32)
        place[own] = np.arange(len(own), dtype=np.int32)
        mine = place[every.indices]
        kept = mine >= 0
        return Counts(mine[kept], every.counts[kept], np.append(0, np.cumsum(kept))[every.pointers])

    def lengths(self, column: str) -> Floats:
        """Return (n_rows, 4), as `texts.lengths` does."""
        if column not in self._lengths:
            self._lengths[column] = lengths(self._column(column))
        return self._lengths[column]

    def _column(self, name: str) -> Column:
        return self._table.columns[name]
