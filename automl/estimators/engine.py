"""What the estimators share: a table in memory becomes a run, and of the run the artifact stays, as bytes, which is what is pickled."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from automl.api import loaded
from automl.artifact.load import Predictor, predictor_of
from automl.errors import DataError, SpecError
from automl.result import Run
from automl.run import run
from automl.rundir import RunDir
from automl.search.workers.inline import InlineExecutor
from automl.spec.model import Spec
from automl.spec.nodes import parse

LEAST_ROWS, ENOUGH_ROWS = 20, 40  # fewer rows than the first are repeated up to the second; folds keep the copies of a row together
SMALL = 1000  # rows up to which their order is made not to matter: folds are dealt out by place, and few rows feel it
TRIALS = 20  # where neither a time nor a number of trials is given
QUIET: dict[str, Any] = {  # sections of a run that nobody reads the report of
    "checks": {"default": "off"}, "explain": {"importance": "none", "effects": 0, "examples": 0, "slices": "none"}, "report": {"sample_rows": 0},
}  # fmt: skip


class Engine(BaseEstimator):  # type: ignore[misc]
    """Fits by a run of the engine; subclasses give `_task`, the section `task` of the spec, and read what the run says of its rows."""

    spec: Any
    time: Any
    seed: Any
    trials: Any
    families: Any
    out: Any
    in_process: Any

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = tags.input_tags.categorical = True
        tags.non_deterministic = self.time is not None  # what fits into the time decides
        return tags

    def _frame(self, x: Any, *, reset: bool) -> pd.DataFrame:
        """Return a frame whose columns have text as names, its values as a file has them; the columns of `fit` are noted with `reset`."""
        if isinstance(x, pd.DataFrame):
            validate_data(self, x, skip_check_array=True, reset=reset)
            frame = x.copy(deep=False)
            plain = all(isinstance(name, str) for name in x.columns) and x.columns.is_unique
            names = list(x.columns) if plain else [f"x{i}" for i in range(x.shape[1])]
        else:
            frame = pd.DataFrame(validate_data(self, x, dtype=None, ensure_all_finite="allow-nan", reset=reset))
            names = [f"x{i}" for i in range(frame.shape[1])]
        frame.columns = pd.Index(names, dtype=object)
        for name in names:
            frame[name] = _as_in_a_file(frame[name])
        return frame.reset_index(drop=True)

    def _learn(self, frame: pd.DataFrame, task: Mapping[str, Any], extra: Mapping[str, Any], columns: Mapping[str, str]) -> Run:
        """Carry out a run on a frame with further columns (`extra`, by name), of which `columns` says what they are for; keep its artifact.

        Raises ValueError where the data cannot be learned from, SpecError where `spec` is wrong.
        """
        table = frame.assign(**extra)
        if "target" in task and len(table) <= SMALL:
            table = table.iloc[np.argsort(pd.util.hash_pandas_object(table, index=False).to_numpy(), kind="stable")].reset_index(drop=True)
        repeat = -(-ENOUGH_ROWS // len(table)) if len(table) < LEAST_ROWS else 1
        if repeat > 1:
            of = free_name("row", table)
            table = pd.concat([table.assign(**{of: np.arange(len(table)).astype(str)})] * repeat, ignore_index=True)
            columns = {"group": of, **columns} if "target" in task else {**columns, "drop": of}
        with tempfile.TemporaryDirectory(prefix="automl-") as place:
            path = Path(place) / "train.parquet"
            table.to_parquet(path, index=False)
            try:
                spec = self._spec(path, task, columns)
                executor = InlineExecutor() if self.in_process else None
                done = run(spec, out=self.out or Path(place) / "run", executor=executor, brief=self.out is None)
            except DataError as fault:
                raise ValueError(fault.problem) from fault
            files = RunDir(done.folder)
            self._names = list(frame.columns)
            self._parts = {str(p.relative_to(files.artifact)): p.read_bytes() for p in sorted(files.artifact.rglob("*")) if p.is_file()}
            self._predictor = _opened(self._parts)
            self.evaluation_ = done.evaluation
            self.leaderboard_ = done.leaderboard
            self._read(files, len(frame))
        if self.out is not None:
            self.run_ = done
        return done

    def _read(self, files: RunDir, n_rows: int) -> None:
        """Take from the run folder what it says of the rows of `fit`, which are the first `n_rows`."""

    def _spec(self, path: Path, task: Mapping[str, Any], columns: Mapping[str, str]) -> Spec:
        given = _sections(self.spec)
        data, about = given.get("data"), given.get("task")
        own: dict[str, Any] = {"seed": self.seed, **(QUIET if self.out is None else {"checks": {"default": "warn"}}), **given}
        own["data"] = {"train": str(path), "columns": {**(data.get("columns", {}) if isinstance(data, Mapping) else {}), **columns}}
        own["task"] = {**task, **(about if isinstance(about, Mapping) else {}), **{key: task[key] for key in ("type", "target") if key in task}}
        asked = dict(given.get("constraints") or {})
        asked.setdefault("time", "none" if self.time is None else self.time)
        if self.trials is not None or asked["time"] == "none":
            asked["trials"] = TRIALS if self.trials is None else self.trials
        own["constraints"] = asked
        if self.families is not None:
            own["models"] = {**(given.get("models") or {}), "include": list(self.families)}
        if "target" in task:
            own["validation"] = {"test": "none", **(given.get("validation") or {})}
        return loaded(own, {}).or_raise()

    def _rows(self, x: Any) -> pd.DataFrame:
        """Return new rows as the artifact takes them. Raises NotFittedError and ValueError."""
        check_is_fitted(self)
        frame = self._frame(x, reset=False)
        frame.columns = pd.Index(self._names, dtype=object)
        return frame

    def __getstate__(self) -> Any:
        state = dict(super().__getstate__())
        state.pop("_predictor", None)
        return state

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        if getattr(self, "_parts", None):
            self._predictor = _opened(self._parts)


def _opened(parts: Mapping[str, bytes]) -> Predictor:
    """Return the predictor of an artifact that is in memory."""
    with tempfile.TemporaryDirectory(prefix="automl-") as place:
        for name, content in parts.items():
            (Path(place) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(place) / name).write_bytes(content)
        return predictor_of(Path(place))


def _sections(spec: Any) -> dict[str, Any]:
    """Return the sections of `spec`: a dict, the path of a YAML file, or its text. Raises SpecError where that is none."""
    if spec is None:
        return {}
    if isinstance(spec, Mapping):
        return dict(spec)
    text = spec if isinstance(spec, str) and "\n" in spec else Path(spec).read_text(encoding="utf-8")
    root, problems = parse(text)
    found = root.value() if root is not None and not problems else None
    if not isinstance(found, dict):
        raise SpecError("`spec` is no mapping of sections", "spec", "for example {'models': {'exclude': ['knn']}}")
    return found


def _as_in_a_file(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column as a file can hold it: numbers, dates and truth as they are, all else as text, missing values kept."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if column.dtype == object:
        column = column.infer_objects()
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    known = column.notna()
    return column.astype(object).where(~known, column.astype(str)).where(known, None)


def free_name(name: str, frame: pd.DataFrame) -> str:
    """Return a name that no column has."""
    while name in frame.columns:
        name += "_"
    return name
