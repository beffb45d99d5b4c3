"""Rows for the gate of an export: those that the run learned from where they are still there, else rows made up from what the features know."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from automl.artifact.load import MODEL, Predictor
from automl.errors import AutoMLError
from automl.inference.blend import BLEND, views_of, voices_of
from automl.inference.features import Features, columns_of
from automl.inference.storage import read_form
from automl.inference.table import Column, Field, Table
from automl.inference.trees import thresholds_of
from automl.rundir import RunDir

ROWS = 1000


def made_up(predictor: Predictor, seed: int = 0) -> Table:
    """Return rows of every kind of value the features tell apart: numbers around their centres and far away, each level and none of
    them, words that are looked for and others, dates, and missing values everywhere.
    """
    rng = np.random.default_rng(seed)
    steps = [step for form in views_of(predictor.features) for step in form.config["steps"]]
    return Table({field.name: _column(field, [s for s in steps if field.name in columns_of(s)], predictor, rng) for field in predictor.fields}, ROWS)


def _column(field: Field, steps: list[Mapping[str, Any]], predictor: Predictor, rng: np.random.Generator) -> Column:
    if field.kind == "number":
        return Column("number", _numbers(field, steps, predictor, rng))
    if field.kind == "date":
        values = rng.uniform(0.0, 1.9e9, ROWS)
        values[rng.random(ROWS) < 0.05] = np.nan
        return Column("date", np.floor(values))
    if field.kind == "text":
        words = [term for step in steps for term in step.get("terms", ())] or ["a", "word"]
        texts = tuple(dict.fromkeys(" ".join(rng.choice(words, rng.integers(0, 12)).tolist()) + f" nothing{i}" for i in range(ROWS)))
        return Column("coded", _codes(len(texts), rng), texts)
    known = [level for step in steps for level in step.get("levels", ()) if len(step.get("columns", ())) != 2]
    levels = tuple(dict.fromkeys([*known, "no level of this name"]))
    return Column("coded", _codes(len(levels), rng), levels)


def _codes(n_levels: int, rng: np.random.Generator) -> Any:
    codes = rng.integers(0, n_levels, ROWS).astype(np.int32)
    codes[rng.random(ROWS) < 0.05] = -1
    return codes


def _numbers(field: Field, steps: list[Mapping[str, Any]], predictor: Predictor, rng: np.random.Generator) -> Any:
    """Return numbers about the centre that a step has, or about the cut points of trees that look at the column as it is."""
    scaled = next((s for s in steps if isinstance(s.get("centre"), int | float)), None)
    if scaled is not None:
        values = scaled["centre"] + float(scaled["scale"]) * rng.normal(0.0, 2.0, ROWS)
    else:
        cuts = _cuts(field, predictor)
        values = rng.choice(cuts, ROWS) + rng.normal(0.0, 1.0, ROWS) * max(float(np.std(cuts)), 1e-3) * rng.choice([0.0, 0.1, 1.0], ROWS)
    values = np.asarray(values, dtype=np.float64)
    values[rng.random(ROWS) < 0.05] = np.nan
    return values


def _cuts(field: Field, predictor: Predictor) -> Any:
    """Return the cut points of trees on a column that stands in the matrix as it is; 0 and 1 where there are none."""
    found = []
    views = [Features(form).names() for form in views_of(predictor.features)]
    model = read_form(predictor.folder / MODEL)
    for form, view in [(v.model, v.view) for v in voices_of(model)] if model.kind == BLEND else [(model, 0)]:
        if form.kind == "trees" and field.name in views[view]:
            found.append(thresholds_of(form)[form.arrays["feature"] == views[view].index(field.name)].astype(np.float64))
    cuts = np.concatenate(found) if found else np.zeros(0)
    cuts = cuts[np.isfinite(cuts)]
    return cuts if len(cuts) else np.array([0.0, 1.0])


def rows_of(path: Path, predictor: Predictor) -> tuple[Table, str]:
    """Return at most 1,000 rows for the gate, and where they are from, in words."""
    from automl.data.dataset import load_dataset
    from automl.spec.load import read_spec

    spec = RunDir(path).resolved_spec
    if spec.is_file():
        with contextlib.suppress(AutoMLError, OSError):
            dataset = load_dataset(read_spec(spec), spec.parent)
            some = np.sort(np.random.default_rng(0).permutation(dataset.table.n_rows)[:ROWS])
            table = dataset.table.take(some)
            predictor.matrix(table)
            return table, f"{table.n_rows:,} rows of the run's data"
    return made_up(predictor), f"{ROWS:,} rows that were made up, as the run's data is not at hand"
