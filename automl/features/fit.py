"""Fits feature steps on training rows; what comes out is data that inference runs, in training as in serving."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Needs
from automl.features.categories import Rows, fit_category
from automl.features.custom import fit_custom
from automl.features.dates import fit_date
from automl.features.numbers import fit_number
from automl.features.pairs import fit_pair
from automl.features.recipe import CategoryOptions, DateOptions, NumberOptions, Recipe, TextOptions
from automl.features.select import select
from automl.features.texts import fit_text
from automl.inference.features import SPARSE, Features
from automl.inference.forms import Arrays, Form
from automl.inference.table import Field, Floats, Table

Learned = dict[int, NDArray[Any]]


def fit_transform(
    table: Table, fields: Sequence[Field], y: NDArray[np.int64], needs: Needs, recipe: Recipe | None = None,
    time: Floats | None = None, groups: NDArray[np.int64] | None = None,
) -> tuple[Form, Any]:  # fmt: skip
    """Return the feature form of a family's needs, and the matrix (n_rows, n_features) of the rows it is fitted on.

    `table` holds learning rows only, `y` (n_rows,) their class codes, `time` (n_rows,) orders them, `groups` (n_rows,) says
    which belong together. The matrix differs from what the form makes of these rows as if they were new in two kinds of
    steps: a class share does not hold the row's own class, and a number carried forward comes from the row before.
    """
    recipe = recipe or Recipe()
    form, learned = _steps(table, fields, needs, recipe, Rows(y, groups, recipe.seed), time)
    x = Features(form).transform(table, learned)
    return select(form, x, y, recipe.select)


def fit_features(
    table: Table, fields: Sequence[Field], y: NDArray[np.int64], needs: Needs, recipe: Recipe | None = None,
    time: Floats | None = None, groups: NDArray[np.int64] | None = None,
) -> Form:  # fmt: skip
    """Return the feature form alone; arguments as for `fit_transform`, which gives the matrix to learn from as well."""
    return fit_transform(table, fields, y, needs, recipe, time, groups)[0]


def _steps(table: Table, fields: Sequence[Field], needs: Needs, recipe: Recipe, rows: Rows, time: Floats | None) -> tuple[Form, Learned]:
    """Return the form of all columns, and by step the matrix of the learning rows where it is another."""
    steps: list[dict[str, Any]] = []
    learned: Learned = {}
    arrays: Arrays = {}

    def add(step: dict[str, Any], matrix: NDArray[Any] | None = None) -> None:
        if matrix is not None:
            learned[len(steps)] = matrix
        steps.append(step)

    for field in fields:
        name, column = field.name, table.columns[field.name]
        if name in recipe.transforms:
            add(fit_custom(name, column, rows.y, needs, recipe.transforms[name], arrays))
        if needs.scaled and name in recipe.not_scaled:
            continue
        if field.kind == "number" and needs.scaled:
            add(*fit_number(name, column.values, recipe.numbers.get(name, NumberOptions()), time, arrays))
        elif field.kind == "number":
            add({"kind": "raw", "column": name})
        elif field.kind == "date":
            add(fit_date(name, column.values, recipe.dates.get(name, DateOptions()), needs.scaled))
        elif field.kind == "category":
            add(*fit_category({"column": name}, column, rows, needs, recipe.categories.get(name, CategoryOptions()), arrays))
        else:
            for step in fit_text(name, column, rows.y, needs, recipe.texts.get(name, TextOptions()), arrays):
                add(step)
    kinds = {f.name: f.kind for f in fields}
    for pair in recipe.pairs:
        add(*fit_pair(pair, kinds, table.columns, rows, needs, arrays))
    return Form("features", {"steps": steps, "sparse": needs.sparse and any(s["kind"] in SPARSE for s in steps)}, arrays), learned
