"""What a run folder is of: the spec but for what may be spent and how it is shown, and the data by their content."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.errors import DataError, UsageError
from automl.inference.table import Column
from automl.spec.model import Spec

NOT_COMPARED = (
    "version", "name", "description", "notes", "output", "report", "runtime",
    "constraints.time", "constraints.memory", "constraints.trials", "constraints.cpus", "constraints.gpu",
    "data.train", "data.test", "data.sql.connection",  # where the rows lie; which rows they are, their content says
)  # fmt: skip
NEW_FOLDER = "name a new folder with --out; nothing was changed in this one"
SHOWN = 60  # characters of a value in a message
HASHED_AT_ONCE = 4  # threads; hashing lets others run


def spec_facts(spec: Spec) -> dict[str, Any]:
    """Return dotted keys and values of what a run is of; keys at their default are left out, so that new ones change nothing."""
    flat = dict(_flat(spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)))
    return {key: value for key, value in flat.items() if not any(key == k or key.startswith(f"{k}.") for k in NOT_COMPARED)}


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def check_spec(kept: Mapping[str, Any], now: Mapping[str, Any], folder: str) -> None:
    """Raise UsageError listing the keys in which the spec of a run folder and the one given now differ, with both values."""
    keys = [key for key in dict.fromkeys([*kept, *now]) if kept.get(key) != now.get(key)]
    if not keys:
        return
    lines = [f"\n      {key}: {_shown(kept, key)} there, {_shown(now, key)} now" for key in keys]
    raise UsageError(f"the folder {folder} holds a run of another spec" + "".join(lines), "--out", NEW_FOLDER)


def same_spec(kept: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Return whether both are the same task on the same terms."""
    return dict(kept) == dict(now)


def _shown(facts: Mapping[str, Any], key: str) -> str:
    if key not in facts:
        return "the default"
    text = json.dumps(facts[key], ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def data_facts(dataset: Dataset, limit: int | None) -> dict[str, Any]:
    """Return rows, columns and a hash of the content as it was read, whatever file it came from.

    `limit`: the bytes of memory by which a table too large for it was sampled, None where all rows were read.
    """
    arrays: dict[str, NDArray[Any] | None] = {"y": dataset.y, "group": dataset.group, "time": dataset.time, "tested": dataset.tested, "weight": dataset.weight}
    if dataset.groups is not None:
        arrays["groups"] = dataset.groups.codes
    columns = dataset.table.columns
    with ThreadPoolExecutor(HASHED_AT_ONCE) as pool:
        digests = [*pool.map(_of_column, columns.values()), *pool.map(_of_array, (a for a in arrays.values() if a is not None))]
    names = [*columns, *(name for name, array in arrays.items() if array is not None)]
    whole = hashlib.sha256(json.dumps([dataset.target, dataset.classes, list(zip(names, digests, strict=True))]).encode()).hexdigest()
    return {"rows": len(dataset.y), "columns": len(columns), "sha256": whole, "limit": limit if dataset.whole is not None else None}


def _of_column(column: Column) -> str:
    levels = hashlib.sha256(f"{len(column.levels)}\0".encode() + "\0".join(column.levels).encode("utf-8", "surrogatepass")).hexdigest() if column.levels else ""
    return f"{column.kind} {_of_array(column.values)} {levels}"


def _of_array(array: NDArray[Any]) -> str:
    import numpy as np

    flat = np.ascontiguousarray(array)
    return f"{flat.dtype.str}{flat.shape} {hashlib.sha256(flat.data.cast('B')).hexdigest()}"


def check_data(kept: Mapping[str, Any], now: Mapping[str, Any], folder: str) -> None:
    """Raise DataError with rows and hash of both, where the data are not those that the run began with."""
    if kept["sha256"] == now["sha256"]:
        return
    then, today = (f"{facts['rows']:,} rows, columns: {facts['columns']:,}, sha256 {facts['sha256'][:12]}" for facts in (kept, now))
    raise DataError(
        f"the data have changed since the run in {folder} began\n      there: {then}\n      now:   {today}", "data",
        "trials on other rows cannot be compared: put the old data back, or name a new folder with --out",
    )  # fmt: skip
