"""Where values are missing: by place in the file, together with which others, and whether that tells the target."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.eda.pairs import groups_of
from automl.eda.ranks import macro_auc

BLOCKS = 40
PATTERNS = 10
SHOWN = 60
MOST_ROWS = 200_000
MOST_COLUMNS = 300
TOGETHER = 0.9


def missingness(dataset: Dataset, rows: NDArray[np.int64], clock: Clock) -> dict[str, Any]:
    """Return `columns`, those with missing values, the emptiest first, each with the area that its gaps alone reach against the
    target; `map`, the share missing in blocks of rows in the order of the file; the most frequent `patterns`; `groups` of
    columns that are missing together (phi of the indicators above 0.9).
    """
    chosen = sample(rows, MOST_ROWS)
    clock.sampled("missing values", len(chosen), len(rows), "places and patterns change little with more rows")
    names, gaps = [], []
    for done, field in enumerate(dataset.fields):
        if clock.left() <= 0:
            return {"skipped": f"the time ran out after {done} of {len(dataset.fields)} columns"}
        gap = dataset.table.columns[field.name].missing()[chosen]
        if gap.any():
            names.append(field.name)
            gaps.append(gap)
    order = np.argsort([-int(g.sum()) for g in gaps], kind="stable")[:MOST_COLUMNS]
    kept = [names[k] for k in order]
    missing = np.stack([gaps[k] for k in order], axis=1) if kept else np.zeros((len(chosen), 0), dtype=bool)  # (n_rows, n_columns)
    out: dict[str, Any] = {"rows": len(chosen), "columns_missing": len(names), "complete_rows": int((~missing.any(axis=1)).sum())}
    out["columns"] = _columns(dataset, chosen, kept, missing)
    out["map"] = _map(kept, missing)
    out["patterns"] = _patterns(kept, missing)
    return out | {"groups": _together(kept, missing)}


def indicator_auc(gap: NDArray[np.bool_], y: NDArray[np.int64], n_classes: int) -> float | None:
    """Return the mean area of one class against the rest that a yes-or-no (n,) reaches, 0.5 to 1."""
    size = np.bincount(y, minlength=n_classes)
    inside = np.bincount(y[gap], minlength=n_classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        areas = 0.5 + 0.5 * (inside / size - (inside.sum() - inside) / (size.sum() - size))
    return macro_auc(areas, size)


def _columns(dataset: Dataset, rows: NDArray[np.int64], names: list[str], missing: NDArray[np.bool_]) -> list[dict[str, Any]]:
    out = []
    for k, name in enumerate(names):
        share = float(missing[:, k].mean())
        entry: dict[str, Any] = {"column": name, "share": share}
        if dataset.classes:
            entry["auc"] = indicator_auc(missing[:, k], dataset.y[rows], len(dataset.classes))
        out.append(entry)
    return out


def _map(names: list[str], missing: NDArray[np.bool_]) -> dict[str, Any]:
    n = len(missing)
    blocks = min(BLOCKS, n)
    starts = np.arange(blocks) * n // max(1, blocks)
    sizes = np.diff(np.append(starts, n))
    shown = missing[:, :SHOWN]
    shares = np.add.reduceat(shown, starts, axis=0, dtype=np.int64) / sizes[:, None] if names and n else np.zeros((0, len(names[:SHOWN])))
    return {"columns": names[:SHOWN], "blocks": blocks, "shares": [[round(float(v), 4) for v in column] for column in shares.T]}


def _patterns(names: list[str], missing: NDArray[np.bool_]) -> list[dict[str, Any]]:
    keys = np.random.default_rng(0).integers(1, 2**63, len(names), dtype=np.uint64)  # a random word per column: equal sums, equal patterns
    code = np.zeros(len(missing), dtype=np.uint64)
    for k in range(len(names)):
        code[missing[:, k]] ^= keys[k]
    _, first, counts = np.unique(code, return_index=True, return_counts=True)
    best = np.argsort(-counts, kind="stable")[:PATTERNS]
    return [{"columns": [names[k] for k in np.flatnonzero(missing[first[i]])], "rows": int(counts[i]), "share": float(counts[i] / len(missing))} for i in best]


def _together(names: list[str], missing: NDArray[np.bool_]) -> list[dict[str, Any]]:
    gaps = missing.astype(np.float32)
    gaps -= gaps.mean(axis=0)
    size = np.sqrt((gaps**2).sum(axis=0, dtype=np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        phi = (gaps.T @ gaps) / np.outer(size, size)
    return groups_of(names, np.maximum(phi, 0), TOGETHER)
