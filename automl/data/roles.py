"""What each column is for: declared by the user, or read off its distinct values, each with a reason."""

import re

import numpy as np
from numpy.typing import NDArray

from automl.inference.table import Column, all_numbers, numbers_of
from automl.vocabulary import Decision, Role

_DATE = re.compile(r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T]\d{1,2}:\d{2}.*)?\s*$|^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{4}([ T]\d{1,2}:\d{2}.*)?\s*$")
MOST_CODES = 6
SOME = 10_000  # values that tell enough
_DECLARED = {"numeric": "number", "categorical": "category", "datetime": "date"}


def declared_role(word: str) -> Role:
    """Return the role that a word of `data.columns.types` names."""
    return Role(_DECLARED.get(word, word))


def _codes(name: str, distinct: NDArray[np.float64], n_rows: int) -> Decision | None:
    """Return a category for few whole numbers in many rows: codes more often than quantities, and cheap to treat as such."""
    few = 2 <= len(distinct) <= MOST_CODES and n_rows >= 10 * len(distinct)
    if not few or (distinct != np.round(distinct)).any():
        return None
    return Decision(name, Role.CATEGORY, f"{len(distinct)} distinct whole numbers: likely codes")


def infer_role(name: str, column: Column, decimal: str = ".") -> Decision:
    """Return the role of a column with its reason; looks at distinct values only, never at a target."""
    if column.kind == "number":
        known = column.values[np.isfinite(column.values)]
        if len(np.unique(known[:SOME])) > MOST_CODES:
            return Decision(name, Role.NUMBER, "numbers in the file")
        return _codes(name, np.unique(known), len(column.values)) or Decision(name, Role.NUMBER, "numbers in the file")
    if column.kind == "date":
        return Decision(name, Role.DATE, "dates in the file")
    levels = column.levels
    if not levels:
        return Decision(name, Role.CATEGORY, "no value at all")
    if all_numbers(levels, decimal):
        written_whole = all(level.strip().lstrip("+-").isdigit() for level in levels)
        codes = _codes(name, np.unique(numbers_of(levels, decimal)), len(column.values)) if written_whole else None
        return codes or Decision(name, Role.NUMBER, "every value reads as a number")
    if all(_DATE.match(level) for level in levels):
        return Decision(name, Role.DATE, "every value reads as a date")
    words = float(np.mean([len(level.split()) for level in levels[:: max(1, len(levels) // SOME)]]))
    present = int((column.values >= 0).sum())
    if words >= 4 and len(levels) > 0.2 * present:
        return Decision(name, Role.TEXT, f"{words:.0f} words on average, mostly distinct")
    return Decision(name, Role.CATEGORY, f"{len(levels)} distinct texts")
