"""The rows as workers see them: arrays on disk, mapped into memory, and features fitted once per fold and shared."""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import share_of
from automl.families.base import Needs
from automl.features.fit import fit_transform
from automl.features.recipe import Recipe
from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.storage import read_form, to_bytes
from automl.inference.table import Column, Field, Floats, Table, conform

Rows = NDArray[np.int64]

WHOLE = "whole"  # the file that is written last
MOST_KEPT = 50  # folds whose learning rows are kept as features; of more, the features are made again from their form


@dataclass(frozen=True)
class Store:
    """Rows under a folder; `y` (n_rows,) codes, `folds` pairs of row positions, `train` all rows that may be learned from.

    `units` (n_rows,) number rows that must stay together, None where each stands alone; `time` (n_rows,) orders the rows
    where the split is forward in time; `recipe` says what becomes of the columns; `weight` (n_rows,) how much each row counts.
    """

    folder: Path
    table: Table
    fields: tuple[Field, ...]
    y: NDArray[np.int64]
    train: Rows
    folds: tuple[tuple[Rows, Rows], ...]
    units: Rows | None = None
    time: Floats | None = None
    recipe: Recipe = field(default_factory=Recipe)
    weight: Floats | None = None

    @classmethod
    def create(
        cls, folder: Path, table: Table, fields: Sequence[Field], y: NDArray[np.int64], train: Rows, folds: Sequence[tuple[Rows, Rows]],
        units: Rows | None = None, time: Floats | None = None, recipe: Recipe | None = None, fit_rows: int | None = None, mark: str = "",
        weight: Floats | None = None,
    ) -> "Store":  # fmt: skip
        """Write rows for workers to read: only the columns in `fields`, cleaned as these say, as new rows will be.

        Folds learn from about `fit_rows` of their rows where these are more (`share_of`); they are scored on all of theirs.
        `mark` says what the content depends on, for `reuse`. Raises OSError.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folds = [(_at_most(fit_rows, y, learn, units, time, recipe.seed if recipe else 0), valid) for learn, valid in folds]
        recipe = recipe or Recipe()
        kept = conform(table, fields).columns
        meta = [asdict(f) for f in fields]
        levels = {name: column.levels for name, column in kept.items() if column.kind == "coded"}
        (folder / "columns.json").write_text(json.dumps({"fields": meta, "levels": levels, "kinds": {n: c.kind for n, c in kept.items()}}))
        (folder / "recipe.json").write_text(json.dumps(recipe.asdict()))
        for name, array in (("units", units), ("time", time), ("weight", weight)):
            if array is not None:
                np.save(folder / f"{name}.npy", array)
        for position, column in enumerate(kept.values()):
            np.save(folder / f"column{position}.npy", column.values)
        np.save(folder / "y.npy", y)
        np.save(folder / "train.npy", train)
        for name, side in (("learn", 0), ("valid", 1)):  # one file for all folds: there may be a thousand
            np.save(folder / f"{name}.npy", np.concatenate([fold[side] for fold in folds]) if folds else train[:0])
            np.save(folder / f"{name}.ends.npy", np.cumsum([len(fold[side]) for fold in folds], dtype=np.int64))
        (folder / WHOLE).write_text(_since_boot(mark))
        return cls(folder, Table(kept, len(y)), tuple(fields), y, train, tuple(folds), units, time, recipe, weight)

    @classmethod
    def reuse(cls, folder: Path, mark: str) -> "Store | None":
        """Map the rows that an earlier start wrote with this mark; None where they are not whole, or the machine has started since.

        Nothing here is made sure of being on the disk, so it outlives a process, and not a machine.
        """
        try:
            if (folder / WHOLE).read_text() != _since_boot(mark):
                return None
            for left in folder.glob(".*"):  # features that a killed worker was writing
                shutil.rmtree(left, ignore_errors=True)
            return cls.open(folder)
        except (OSError, ValueError, KeyError):
            return None

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
        sides = [np.split(np.load(folder / f"{name}.npy"), np.load(folder / f"{name}.ends.npy")[:-1]) for name in ("learn", "valid")]
        units, time, weight = (np.load(path) if (path := folder / f"{name}.npy").exists() else None for name in ("units", "time", "weight"))
        recipe = Recipe.from_dict(json.loads((folder / "recipe.json").read_text()))
        return cls(folder, Table(columns, len(y)), fields, y, np.load(folder / "train.npy"), tuple(zip(*sides, strict=True)), units, time, recipe, weight)

    def unit_of(self, rows: Rows) -> Rows:
        """Return (n,) the unit of each row."""
        return rows if self.units is None else self.units[rows]

    def time_of(self, rows: Rows) -> Floats | None:
        """Return (n,) the time of each row, None where the split is not forward in time."""
        return None if self.time is None else self.time[rows]

    def weight_of(self, rows: Rows) -> Floats | None:
        """Return (n,) how much each row counts, None where all count alike."""
        return None if self.weight is None else self.weight[rows]

    def rows(self, fold: int | None) -> tuple[Rows, Rows]:
        """Return (learn, score) positions of a fold; of all training rows and none for None."""
        return (self.train, self.train[:0]) if fold is None else self.folds[fold]

    def features(self, needs: Needs, fold: int | None) -> tuple[Form, Any, Any]:
        """Return (form, x_learn, x_score): features fitted on the learning rows of a fold, made once and then mapped."""
        form, x_score = self.scored(needs, fold)
        learn = self._place(needs, fold) / "learn"
        return form, _read_matrix(learn) if _kept(learn) else self._fitted(needs, fold)[1], x_score

    def form(self, needs: Needs, fold: int | None) -> Form:
        """Return the features of a fold, fitted now where no trial needed them."""
        self.scored(needs, fold)
        return read_form(self._place(needs, fold) / "form.safetensors")

    def made(self, needs: Needs, fold: int | None) -> bool:
        """Return whether the features of a fold are there already."""
        return self._place(needs, fold).exists()

    def fresh(self, needs: Needs, fold: int) -> tuple[Form, Any, Any]:
        """Return (form, x_learn, x_score) of a fold as `features` does, made now and kept nowhere."""
        form, x = self._fitted(needs, fold)
        return form, x, Features(form).transform(self.table.take(self.rows(fold)[1]))

    def scored(self, needs: Needs, fold: int | None) -> tuple[Form, Any]:
        """Return (form, x_score) of a fold, as `features` does."""
        place = self._place(needs, fold)
        if not place.exists():
            self._make(place, needs, fold)
        return read_form(place / "form.safetensors"), _read_matrix(place / "score")

    def _place(self, needs: Needs, fold: int | None) -> Path:
        return self.folder / f"features-{needs.key()}-{'all' if fold is None else fold}"

    def _fitted(self, needs: Needs, fold: int | None) -> tuple[Form, Any]:
        """Return (form, x_learn), fitted now; a learning row may be encoded otherwise than the same row would be as a new one."""
        learn, _ = self.rows(fold)
        time = self.time_of(learn)
        again = len(learn) > 0 and int(np.bincount(learn).max()) > 1  # drawn twice, a row must not tell its own class
        units = self.unit_of(learn) if again or self.units is not None else None
        return fit_transform(self.table.take(learn), self.fields, self.y[learn], needs, self.recipe, time, units)

    def _make(self, place: Path, needs: Needs, fold: int | None) -> None:
        form, x = self._fitted(needs, fold)
        temporary = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=self.folder))
        if fold is None or len(self.folds) <= MOST_KEPT:
            _write_matrix(temporary / "learn", x)
        _write_matrix(temporary / "score", Features(form).transform(self.table.take(self.rows(fold)[1])))
        (temporary / "form.safetensors").write_bytes(to_bytes(form))
        try:
            temporary.rename(place)
        except OSError:  # another worker was first; its copy is the same
            shutil.rmtree(temporary)


def _since_boot(mark: str) -> str:
    """Return the mark with the start of the machine that it holds for."""
    try:
        return f"{mark} {Path('/proc/sys/kernel/random/boot_id').read_text().strip()}"
    except OSError:
        return f"{mark} {os.getpid()}"  # where it is not told, nothing is reused


def _at_most(most: int | None, y: Rows, learn: Rows, units: Rows | None, time: Floats | None, seed: int) -> Rows:
    """Return about `most` of the rows to learn from, or all where they are no more."""
    if most is None or len(learn) <= most:
        return learn
    kept = learn[share_of(y[learn], most / len(learn), seed, None if units is None else units[learn], None if time is None else time[learn])]
    return kept if len(np.unique(y[kept])) == len(np.unique(y[learn])) else learn


def _kept(stem: Path) -> bool:
    return stem.with_suffix(".npy").exists() or stem.with_suffix(".npz").exists()


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
