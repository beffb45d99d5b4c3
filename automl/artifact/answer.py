"""Asks an artifact in a process of its own: `python -m automl.artifact.answer ROWS.npz ARTIFACT RUNG...` prints one line of JSON.

ROWS.npz holds a table as `write_rows` put it there; the answers lie beside it afterwards.
"""

import contextlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl.artifact.load import Predictor, load
from automl.inference.table import Column, Table


def answers_of(rows: Path) -> Path:
    """Return where the answers to some rows lie."""
    return rows.with_suffix(".answers.npy")


def write_rows(path: Path, table: Table, names: Sequence[str], singles: Sequence[Mapping[str, object]]) -> None:
    """Write the columns `names` of a table, and rows given as mappings, for the other process."""
    columns = [table.columns[name] for name in names]
    facts = {"columns": [{"name": n, "kind": c.kind, "levels": list(c.levels)} for n, c in zip(names, columns, strict=True)], "singles": list(singles)}
    text = np.frombuffer(json.dumps(facts).encode("utf-8", "surrogatepass"), dtype=np.uint8)
    arrays = {f"column{i}": c.values for i, c in enumerate(columns)}
    np.savez(path, allow_pickle=False, facts=text, n_rows=np.array(table.n_rows), **arrays)


def read_rows(path: Path) -> tuple[Table, list[dict[str, object]]]:
    """Return the table and the mappings that `write_rows` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        facts = json.loads(stored["facts"].tobytes().decode("utf-8", "surrogatepass"))
        columns = {f["name"]: Column(f["kind"], stored[f"column{i}"], tuple(f["levels"])) for i, f in enumerate(facts["columns"])}
        return Table(columns, int(stored["n_rows"])), facts["singles"]


def numbers(predictor: Predictor, table: Table) -> NDArray[np.float32]:
    """Return the numbers that a predictor answers rows with, (n_rows, n_outputs), of whatever task."""
    return predictor.proba(table) if predictor.classes_ else predictor.outputs(table)


def peak_mb() -> float | None:
    """Return the most memory that this process ever held; None where the system does not tell.

    Linux counts it anew for a new program; what the resource module tells may still be of the process that started this one.
    """
    with contextlib.suppress(OSError, IndexError, ValueError):
        line = next((line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")), "")
        return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main(rows: Path, artifact: Path, rungs: Sequence[Path]) -> None:
    """Load, answer, time single rows, and measure what each rung takes in memory."""
    import tracemalloc

    table, singles = read_rows(rows)
    began = time.process_time()
    predictor = load(artifact, warm=False)
    load_seconds = time.process_time() - began
    np.save(answers_of(rows), numbers(predictor, table))
    spent = []
    for row in singles:
        start = time.perf_counter()
        predictor.predict_row(row)
        spent.append(time.perf_counter() - start)
    peak, memory = peak_mb(), []
    for folder in rungs:
        tracemalloc.start()
        numbers(load(folder, warm=False), table)
        memory.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    half = float(np.median(spent)) * 1e3 if spent else None
    print(json.dumps({"load_seconds": load_seconds, "batch1_p50_ms": half, "peak_memory_mb": peak, "memory_mb": memory}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(p) for p in sys.argv[3:]])
