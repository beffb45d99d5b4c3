"""What a better score costs: trials by score and size, and by score and time, with the Pareto front; the ladder of precisions as bars."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.charts import HEIGHT, WIDTH, chart, dot, line, linear, logarithmic
from automl.report.searched import colours, within
from automl.report.words import words
from automl.spec.units import human_bytes, human_milliseconds

COSTS = {"size_bytes": ("size", "bytes of the model at float32"), "latency_ms": ("time", "milliseconds for one row, its features ready")}
KEPT = ("number", "family", "score", "latency_ms", "size_bytes")


def front_view(study: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the objectives and the trials on the front, best score first, with the costs that were asked for; None for one objective."""
    objectives = plan.get("objectives", ["score"])
    if len(objectives) < 2:
        return None
    trials = {t["number"]: t for t in study["trials"]}
    rows = [trials[number] for number in study.get("front", [])]
    return {"objectives": objectives, "trials": [{k: t[k] for k in KEPT} for t in rows]}


def pareto(trials: Sequence[Mapping[str, Any]], cost: str, greater: bool) -> list[Mapping[str, Any]]:
    """Return the trials that no other is better than in score and in one cost (a key of COSTS), cheapest first."""
    best: float | None = None
    kept = []
    for t in sorted(trials, key=lambda t: (t[cost], -t["score"] if greater else t["score"], t["number"])):
        if best is None or (t["score"] > best if greater else t["score"] < best):
            best = t["score"]
            kept.append(t)
    return kept


def costed(trials: Sequence[Mapping[str, Any]], cost: str) -> list[Mapping[str, Any]]:
    """Return the complete trials of which a cost was measured."""
    return [t for t in trials if t["state"] == "ok" and t["score"] is not None and (t.get(cost) or 0) > 0]


def cost_chart(trials: Sequence[Mapping[str, Any]], cost: str, metric: str, greater: bool, shipped: Sequence[int | None]) -> dict[str, Any] | None:
    """Return complete trials by one cost and score, the front as steps, members of what ships ringed; None of fewer than two."""
    measured = costed(trials, cost)
    if len(measured) < 2:
        return None
    tell = human_bytes if cost == "size_bytes" else human_milliseconds
    name, unit = COSTS[cost]
    low, high = within([t["score"] for t in measured], greater)
    x, y = logarithmic([float(t[cost]) for t in measured], WIDTH), linear([low, high], HEIGHT, flipped=True)
    looks, on_front = colours(trials), pareto(measured, cost, greater)
    steps: list[tuple[float, float]] = []
    for t in on_front:
        at = x.at(t[cost])
        steps += [(at, steps[-1][1])] if steps else []
        steps.append((at, y.at(t["score"])))
    marks = [line([*steps, (WIDTH, steps[-1][1])], "ink step")]
    for t in measured:
        far = not low <= t["score"] <= high
        ring = " ring" if t["number"] in shipped else ""
        tip = f"trial {t['number']}, {words(t['family'])}: {t['score']:.4f}, {tell(t[cost])}" + (", beyond the picture" if far else "")
        marks.append(dot(x.at(t[cost]), y.at(t["score"]), looks[t["family"]] + (" far" if far else "") + ring, tip, 5 if ring else 3.5))
    rows = [(str(t["number"]), words(t["family"]), f"{t['score']:.4f}", tell(t[cost])) for t in on_front]
    present = {t["family"] for t in measured}
    return chart(
        f"cost-{name}", f"{metric} against {name}: {len(on_front)} of {len(measured)} trials are on the Pareto front", x, y, marks,
        ("trial on the front", "family", metric, name), rows, x_title=f"{unit}, log scale", x_ticks=x.ticks(tell, most=4),
        legend=[("Pareto front", "ink"), *((words(f), look) for f, look in looks.items() if f in present)],
        caption=f"{metric[:1].upper() + metric[1:]} over the folds, {'higher' if greater else 'lower'} is better. Ringed: what ships.",
    )  # fmt: skip


def ladder_bars(ladder: Sequence[Mapping[str, Any]], max_drop: float) -> list[dict[str, Any]]:
    """Return for each rung the widths of its bars in percent: bytes, rows per second, and the judged loss beside what is allowed."""
    size = max((r["size_bytes"] for r in ladder), default=0) or 1
    speed = max((r["rows_per_second"] for r in ladder), default=0) or 1
    losses = [max(0.0, r["judged_drop_upper"]) for r in ladder if r["judged_drop_upper"] is not None]
    reach = 1.15 * max([max_drop, *losses, 1e-9])
    return [
        {
            "precision": r["precision"], "chosen": r["chosen"], "passes": r["passes"], "size": round(100 * r["size_bytes"] / size, 1),
            "speed": round(100 * r["rows_per_second"] / speed, 1), "limit": round(100 * max_drop / reach, 1),
            "loss": None if r["judged_drop_upper"] is None else round(100 * max(0.0, r["judged_drop_upper"]) / reach, 1),
        }
        for r in ladder
    ]  # fmt: skip
