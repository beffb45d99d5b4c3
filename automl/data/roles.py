"""What each column is for: declared by the user, or read off its distinct values, each with a reason."""

import re

import numpy as np

from automl.inference.table import Column, numbers_of
from automl.vocabulary import Decision, Role

_DATE = re.compile(r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T]\d{1,2}:\d{2}.*)?\s*$|^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{4}([ T]\d{1,2}:\d{2}.*)?\s*$")
_DECLARED = {"numeric": "number", "categorical": "category", "datetime": "date"}


def declared_role(word: str) -> Role:
    """Return the role that a word of `data.columns.types` names."""
    return Role(_DECLARED.get(word, word))


def infer_role(name: str, column: Column, decimal: str = ".") -> Decision:
    """Return the role of a column with its reason; looks at distinct values only, never at a target."""
    if column.kind == "number":
        return Decision(name, Role.NUMBER, "numbers in the file")
    if column.kind == "date":
        return Decision(name, Role.DATE, "dates in the file")
    levels = column.levels
    if not levels:
        return Decision(name, Role.CATEGORY, "no value at all")
    if not np.isnan(numbers_of(levels, decimal)).any():
        return Decision(name, Role.NUMBER, "every value reads as a number")
    if all(_DATE.match(level) for level in levels):
        return Decision(name, Role.DATE, "every value reads as a date")
    words = float(np.mean([len(level.split()) for level in levels]))
    present = int((column.values >= 0).sum())
    if words >= 4 and len(levels) > 0.2 * present:
        return Decision(name, Role.TEXT, f"{words:.0f} words on average, mostly distinct")
    return Decision(name, Role.CATEGORY, f"{len(levels)} distinct texts")
