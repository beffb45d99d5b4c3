"""Two runs side by side: differences of their specs and results, and a paired bootstrap on the rows that both scored."""

from pathlib import Path
from typing import Any

import numpy as np

from automl.data.units import Draws
from automl.metrics import metric_of
from automl.rundir import RunDir, read_json
from automl.spec.nodes import Node, parse

REPLICATES = 1000


def compare(first: Path, second: Path) -> dict[str, Any]:
    """Return the differences. Raises OSError, KeyError or ValueError when a folder is not a finished run."""
    left, right = RunDir(first), RunDir(second)
    a, b = read_json(left.evaluation), read_json(right.evaluation)
    specs = _flat(parse(left.resolved_spec.read_text())[0]), _flat(parse(right.resolved_spec.read_text())[0])
    keys = [k for k in dict.fromkeys([*specs[0], *specs[1]]) if specs[0].get(k) != specs[1].get(k) and k not in ("data.train", "output.dir")]
    rungs = [next(r for r in e["precision_ladder"] if r["chosen"]) for e in (a, b)]
    results = [
        {"name": name, "first": x, "second": y}
        for name, x, y in (
            ("family", a["family"], b["family"]), (a["metric"], round(a["score"], 5), round(b["score"], 5)),
            ("precision", rungs[0]["precision"], rungs[1]["precision"]), ("artifact bytes", rungs[0]["size_bytes"], rungs[1]["size_bytes"]),
            ("rows per second", round(rungs[0]["rows_per_second"]), round(rungs[1]["rows_per_second"])),
            ("seconds used", a["budget"]["used_seconds"], b["budget"]["used_seconds"]), ("trials", a["trials"]["complete"], b["trials"]["complete"]),
        )
    ]  # fmt: skip
    spec = [{"key": k, "first": specs[0].get(k, ""), "second": specs[1].get(k, "")} for k in keys]
    return {"spec": spec, "results": results, **_paired(left, right, a, b)}


def _flat(node: Node | None, prefix: str = "") -> dict[str, str]:
    if node is None:
        return {}
    if node.kind != "map":
        return {prefix: str(node.value())}
    out: dict[str, str] = {}
    for name, child in node.pairs:
        out |= _flat(child, f"{prefix}.{name.text}" if prefix else name.text)
    return out


def _paired(left: RunDir, right: RunDir, a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Return the difference of the first run's metric on the shared rows with its paired 95 % bootstrap interval.

    Rows that the first run kept together are drawn together.
    """
    if a["metric"] != b["metric"]:
        return {"paired": None, "verdict": f"the runs optimised {a['metric']} and {b['metric']}: their scores are not compared"}
    if "training" in (a["score_rows"], b["score_rows"]):
        return {"paired": None, "verdict": "a score on training rows proves nothing: the runs are not compared"}
    (rows_a, y_a, p_a, names_a, units), (rows_b, _, p_b, names_b, _) = _predictions(left), _predictions(right)
    shared, at_a, at_b = np.intersect1d(rows_a, rows_b, return_indices=True)
    fingerprints = [read_json(files.profile)["sha256"] for files in (left, right)]
    if names_a != names_b or fingerprints[0] != fingerprints[1]:
        return {"paired": None, "verdict": "the runs saw different data: their scores are not compared"}
    if len(shared) < 20:
        return {"paired": None, "verdict": f"only {len(shared)} rows were scored by both: no test"}
    costs = [read_json(files.plan).get("costs", []) for files in (left, right)] if a["metric"] == "cost" else [[], []]
    if costs[0] != costs[1]:
        return {"paired": None, "verdict": "the runs optimised other costs: their scores are not compared"}
    metric = metric_of("classification", a["metric"], tuple(map(tuple, costs[0])))
    y, p, q = y_a[at_a], p_a[at_a], p_b[at_b]
    positive = names_a.index(a["positive_class"]) if a["positive_class"] in names_a else 0
    rng = np.random.default_rng(0)
    draws = Draws(len(y), None if units is None else units[at_a])
    picks = [draws.rows(rng) for _ in range(REPLICATES if len(y) <= 5000 else 200)]
    differences = np.array([metric.score(y[i], q[i], positive) - metric.score(y[i], p[i], positive) for i in picks])
    low, high = (float(v) for v in np.nanquantile(differences, (0.025, 0.975)))
    difference = metric.score(y, q, positive) - metric.score(y, p, positive)
    better = low > 0 if metric.greater_is_better else high < 0
    worse = high < 0 if metric.greater_is_better else low > 0
    bright = " (out of fold, on rows that also chose the winners)" if "out_of_fold" in (a["score_rows"], b["score_rows"]) else ""
    words = "the second is better" if better else "the first is better" if worse else "no difference beyond luck"
    verdict = f"on {len(shared)} shared rows {a['metric']} differs by {difference:+.5f} (95 % interval {low:+.5f} to {high:+.5f}): {words}{bright}"
    return {"paired": {"rows": len(shared), "difference": difference, "interval": [low, high]}, "verdict": verdict}


def _predictions(files: RunDir) -> tuple[Any, Any, Any, list[str], Any]:
    """Return rows, codes, probabilities, classes, and the unit of each row (None where each stands alone)."""
    import pyarrow.parquet as pq

    table = pq.read_table(files.predictions)
    names = [c.removeprefix("proba_") for c in table.column_names if c.startswith("proba_")]
    proba = np.stack([table[f"proba_{n}"].to_numpy() for n in names], axis=1)
    y = np.array([names.index(v) for v in table["y"].to_pylist()], dtype=np.int64)
    units = table["unit"].to_numpy() if "unit" in table.column_names else None
    return table["row"].to_numpy(), y, proba, names, units
