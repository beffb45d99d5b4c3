"""A pandas frame to a raw table: each column is read in the cheapest way its type has, only those that are needed."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError
from automl.inference.table import Column, Table, canonical, recode

FEW_ROWS = 8


def table_of_frame(frame: Any, needed: Collection[str] | None = None) -> Table:
    """Return the raw table of a pandas frame; column names become texts.

    `needed` names columns: where all of them are there, the table holds no others; else it holds what there is, so that the
    one who misses some can say which are near. Raises DataError where two columns have the same name.
    """
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise DataError(f"the column name `{twice}` occurs twice", "the input table", "rename one of them")
    wanted = set(needed) if needed is not None and set(needed) <= set(names) else set(names)
    types = frame.dtypes.array
    return Table({name: _column(frame, i, types[i]) for i, name in enumerate(names) if name in wanted}, len(frame))


def _column(frame: Any, position: int, dtype: Any) -> Column:
    label = frame.columns[position]
    series = frame[label] if isinstance(label, str) else frame.iloc[:, position]  # the first is quicker; other labels may mean a mask
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        return Column("number", series.to_numpy().astype(np.float64))
    if type(dtype).__name__ == "StringDtype" and dtype.storage == "pyarrow":
        return _texts(series)
    kind = dtype.kind if isinstance(dtype, np.dtype) else getattr(dtype, "kind", "O")
    if kind in "iuf":
        return Column("number", series.to_numpy(dtype=np.float64, na_value=np.nan))
    if kind == "M":
        return Column("date", _seconds(series))
    codes, distinct = series.factorize()
    return recode([canonical(value) or "" for value in distinct], codes.astype(np.int32))


def _texts(series: Any) -> Column:
    """Return a column of texts that lie in Arrow's memory, by Arrow's own dictionary: its levels are in order of appearance, too."""
    if len(series) <= FEW_ROWS:  # to call Arrow takes longer
        texts = [text if isinstance(text, str) else None for text in series.tolist()]
        levels = {text: code for code, text in enumerate(dict.fromkeys(text for text in texts if text is not None))}
        return Column("coded", np.array([-1 if text is None else levels[text] for text in texts], dtype=np.int32), tuple(levels))
    import pyarrow as pa

    stored = pa.array(series.array)
    whole = stored.combine_chunks() if isinstance(stored, pa.ChunkedArray) else stored
    coded = whole.dictionary_encode()
    return Column("coded", coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32), tuple(coded.dictionary.to_pylist()))


def _seconds(series: Any) -> NDArray[np.float64]:
    """Return seconds since 1970 (UTC), NaN where there is no date."""
    zone = getattr(series.dtype, "tz", None) or getattr(getattr(series.dtype, "pyarrow_dtype", None), "tz", None)
    stamps = series.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else series
    values = stamps.to_numpy().astype("datetime64[ms]")
    seconds: NDArray[np.float64] = values.astype(np.int64).astype(np.float64) / 1e3
    seconds[np.isnat(values)] = np.nan
    return seconds
