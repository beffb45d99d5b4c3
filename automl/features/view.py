"""Columns as a task without labels sees them: one matrix in which each column of the table weighs about the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Needs
from automl.features.fit import fit_features
from automl.features.recipe import CategoryOptions, DateOptions, Recipe
from automl.inference.features import Features, columns_of
from automl.inference.forms import Form
from automl.inference.table import Field, Table

Rows = NDArray[np.int64]
Matrix = NDArray[np.float32]

NEEDS = Needs(scaled=True, onehot_limit=50, terms=300)
LEVEL_SHARE = 0.01  # of the rows that a level of a category has to have a column of its own where levels are many
LENGTH_COLUMNS = 4  # of a text, that together count as one number
NUMBERS = ("number", "date", "product", "deviation")  # kinds of steps
NAMES_VALUES = ("onehot", "tfidf")  # kinds of steps whose columns are called by values of the data
CHUNK = 20_000  # rows whose features are made at a time


@dataclass(frozen=True)
class View:
    """The features `form`, fitted on the positions `rows` (n_searched,) of the table, and the matrix `x` (n_searched, n_features) of these."""

    form: Form
    rows: Rows
    x: Matrix

    @property
    def names(self) -> list[str]:
        """Return the names of the matrix columns, in order."""
        return Features(self.form).names()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return which columns of the matrix are numbers or days, each of variance 1, or say that one is missing."""
        places, steps = Features(self.form).places(), self.form.config["steps"]
        return tuple(j for at, first, width in places if steps[at]["kind"] in NUMBERS for j in range(first, first + width))

    def shown_names(self, hidden: Collection[str]) -> list[str]:
        """Return the names as a page may show them: levels and words of the table's columns in `hidden` are numbered in place of named."""
        features, names = Features(self.form), self.names
        steps = self.form.config["steps"]
        for at, first, width in features.places():
            if steps[at]["kind"] in NAMES_VALUES and not set(columns_of(steps[at])).isdisjoint(hidden):
                names[first : first + width] = [f"{' × '.join(columns_of(steps[at]))}, value {i + 1}" for i in range(width)]
        return names


def view_of(table: Table, fields: Sequence[Field], recipe: Recipe, rows: Rows) -> View:
    """Return the view of a table (already in the form of `fields`), its features fitted on some of the rows.

    Distances are to be comparable across kinds of columns. A number has variance 1. Levels of a category are 0 or 1, so that
    their variances sum to at most 1 (1 less the sum of squared shares), as in Gower's similarity, where two different levels are
    as far as the ends of a number (Gower 1971, A general coefficient of similarity, Biometrics 27: 857-871); a category of many
    levels has columns for the frequent ones only. Weights of words have length 1, and the lengths of a text count together as one number.
    """
    part = table.take(rows)
    form = fit_features(part, fields, np.zeros(len(rows), dtype=np.int64), NEEDS, _without_labels(recipe, fields))
    steps = [{**s, "scale": [2.0 * v for v in s["scale"]]} if s["kind"] == "length" and "scale" in s else s for s in form.config["steps"]]
    form = replace(form, config={**form.config, "steps": steps})
    return View(form, rows, matrix_of(form, part))


def _without_labels(recipe: Recipe, fields: Sequence[Field]) -> Recipe:
    """Return the recipe with what a label would decide settled otherwise.

    A category has a column for each level that is not rare; a date is one number, its day, as its parts (weekday, month, hour) would
    count several times over, and whether one of them matters only a label could tell.
    """
    categories, dates = {}, {}
    for field in fields:
        if field.kind == "date":
            when = recipe.dates.get(field.name, DateOptions())
            dates[field.name] = DateOptions(("days",), False) if when.parts is None and when.cyclic is None else when
        if field.kind == "category":
            asked = recipe.categories.get(field.name, CategoryOptions())
            categories[field.name] = CategoryOptions("onehot", max(asked.rare, LEVEL_SHARE)) if asked.encode in ("auto", "target") else asked
    return replace(recipe, categories={**recipe.categories, **categories}, dates={**recipe.dates, **dates})


def matrix_of(form: Form, table: Table) -> Matrix:
    """Return (n_rows, n_features) float32 of a table in the form of its fields."""
    features = Features(form)
    if table.n_rows <= CHUNK:
        return _dense(features.transform(table))
    parts = [np.arange(start, min(start + CHUNK, table.n_rows)) for start in range(0, table.n_rows, CHUNK)]
    return np.concatenate([_dense(features.transform(table.take(rows))) for rows in parts])


def _dense(x: object) -> Matrix:
    found: Matrix = x if isinstance(x, np.ndarray) else x.toarray()  # type: ignore[attr-defined]
    return found
