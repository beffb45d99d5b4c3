"""The rows as workers see them: arrays on disk, mapped into memory, and features fitted once per fold and shared."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Needs
from automl.features.fit import fit_transform
from automl.features.recipe import Recipe
from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.storage import read_form, to_bytes
from automl.inference.table import Column, Field, Floats, Table, conform

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Store:
    """Rows under a folder; `y` (n_rows,) codes, `folds` pairs of row positions, `train` all rows that may be learned from.

    `recipe` says what becomes of the columns; `time` (n_rows,) orders the rows and `groups` (n_rows,) codes say which belong
    together, each None where there is none.
    """

    folder: Path
    table: Table
    fields: tuple[Field, ...]
    y: NDArray[np.int64]
    train: Rows
    folds: tuple[tuple[Rows, Rows], ...]
    recipe: Recipe = field(default_factory=Recipe)
    time: Floats | None = None
    groups: Rows | None = None

    @classmethod
    def create(
        cls, folder: Path, table: Table, fields: Sequence[Field], y: NDArray[np.int64], train: Rows, folds: Sequence[tuple[Rows, Rows]],
        recipe: Recipe | None = None, time: Floats | None = None, groups: Rows | None = None,
    ) -> "Store":  # fmt: skip
        """Write rows for workers to read: only the columns in `fields`, cleaned as these say, as new rows will be."""
        folder.mkdir(parents=True, exist_ok=True)
        recipe = recipe or Recipe()
        kept = conform(table, fields).columns
        meta = [asdict(f) for f in fields]
        levels = {name: column.levels for name, column in kept.items() if column.kind == "coded"}
        (folder / "columns.json").write_text(json.dumps({"fields": meta, "levels": levels, "kinds": {n: c.kind for n, c in kept.items()}}))
        (folder / "recipe.json").write_text(json.dumps(recipe.asdict()))
        for name, array in (("time", time), ("groups", groups)):
            if array is not None:
                np.save(folder / f"{name}.npy", array)
        for position, column in enumerate(kept.values()):
            np.save(folder / f"column{position}.npy", column.values)
        np.save(folder / "y.npy", y)
        np.save(folder / "train.npy", train)
        for number, (left, right) in enumerate(folds):
            np.save(folder / f"fold{number}.train.npy", left)
            np.save(folder / f"fold{number}.valid.npy", right)
        return cls(folder, Table(kept, len(y)), tuple(fields), y, train, tuple(folds), recipe, time, groups)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Map the rows that another process wrote."""
        meta = json.loads((folder / "columns.json").read_text())
        fields = tuple(Field.from_dict(f) for f in meta["fields"])
        columns = {
            f.name: Column(meta["kinds"][f.name], np.load(folder / f"column{i}.npy", mmap_mode="c"), tuple(meta["levels"].get(f.name, ())))
            for i, f in enumerate(fields)
        }
        y = np.load(folder / "y.npy")
        n_folds = len(list(folder.glob("fold*.train.npy")))
        folds = tuple((np.load(folder / f"fold{k}.train.npy"), np.load(folder / f"fold{k}.valid.npy")) for k in range(n_folds))
        recipe = Recipe.from_dict(json.loads((folder / "recipe.json").read_text()))
        time, groups = (np.load(path) if (path := folder / f"{name}.npy").exists() else None for name in ("time", "groups"))
        return cls(folder, Table(columns, len(y)), fields, y, np.load(folder / "train.npy"), folds, recipe, time, groups)

    def rows(self, fold: int | None) -> tuple[Rows, Rows]:
        """Return (learn, score) positions of a fold; of all training rows and none for None."""
        return (self.train, self.train[:0]) if fold is None else self.folds[fold]

    def features(self, needs: Needs, fold: int | None) -> tuple[Form, Any, Any]:
        """Return (form, x_learn, x_score): features fitted on the learning rows of a fold, made once and then mapped."""
        place = self.folder / f"features-{needs.key()}-{'all' if fold is None else fold}"
        if not place.exists():
            self._make(place, needs, fold)
        form = read_form(place / "form.safetensors")
        return form, _read_matrix(place / "learn"), _read_matrix(place / "score")

    def _make(self, place: Path, needs: Needs, fold: int | None) -> None:
        learn, score = self.rows(fold)
        time = None if self.time is None else self.time[learn]
        groups = None if self.groups is None else self.groups[learn]
        form, x = fit_transform(self.table.take(learn), self.fields, self.y[learn], needs, self.recipe, time, groups)
        temporary = place.with_name(f".{place.name}-{os.getpid()}")
        temporary.mkdir()
        _write_matrix(temporary / "learn", x)
        _write_matrix(temporary / "score", Features(form).transform(self.table.take(score)))
        (temporary / "form.safetensors").write_bytes(to_bytes(form))
        try:
            temporary.rename(place)
        except OSError:  # another worker was first; its copy is the same
            shutil.rmtree(temporary)


def _write_matrix(stem: Path, x: Any) -> None:
    if isinstance(x, np.ndarray):
        np.save(stem.with_suffix(".npy"), x)
    else:
        np.savez(stem.with_suffix(".npz"), data=x.data, indices=x.indices, indptr=x.indptr, shape=np.array(x.shape))


def _read_matrix(stem: Path) -> Any:
    """Map a matrix copy-on-write: some libraries refuse read-only memory, none of them writes to it."""
    if stem.with_suffix(".npy").exists():
        return np.load(stem.with_suffix(".npy"), mmap_mode="c")
    from scipy import sparse

    parts = np.load(stem.with_suffix(".npz"))
    return sparse.csr_matrix((parts["data"], parts["indices"], parts["indptr"]), shape=tuple(parts["shape"]))
