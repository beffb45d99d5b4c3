"""Pictures of how good the answers are: ROC, reliability, thresholds, the learning curve; each from the facts of the evaluation."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.charts import HEIGHT, WIDTH, Axis, chart, dot, line, linear, rect, rule
from automl.report.words import sentence_case, visible, words

SQUARE = 260
UNIT = (0.0, 1.0)
GUESSED = "The dashed line is guessing."
THINNED = 25  # rows of a table under a curve of many points


def thinned(rows: Sequence[Any], most: int = THINNED) -> list[Any]:
    """Return at most about `most` of the rows, evenly spread, with the first and the last."""
    step = max(1, math.ceil(len(rows) / most))
    kept = list(rows[::step])
    return kept if not rows or kept[-1] is rows[-1] else [*kept, rows[-1]]


def _unit(size: float, flipped: bool = False) -> Axis:
    return Axis(*UNIT, size, flipped=flipped)


def roc_chart(points: Sequence[Sequence[float]] | None, positive: str, area: float | None) -> dict[str, Any] | None:
    """Return the ROC curve of corners (false positive rate, true positive rate); None where there is none."""
    if not points:
        return None
    x, y = _unit(SQUARE), _unit(SQUARE, flipped=True)
    said = "undefined" if area is None else f"{area:.3f}"
    places = [(x.at(false), y.at(true)) for false, true in points]
    marks = [rule(0, SQUARE, SQUARE, 0), line([(0, SQUARE), *places, (SQUARE, SQUARE)], "fill0"), line(places)]
    marks += [dot(a, b, "ghost", f"{100 * t:.1f} % of the rows found, {100 * f:.1f} % of the others taken for them", 5) for (a, b), (f, t) in
              zip(thinned(places, 60), thinned(points, 60), strict=True)]  # fmt: skip
    return chart(
        "roc", f"ROC curve of the class {visible(positive)}, area {said}", x, y, marks, ("false positive rate", "true positive rate"),
        [(f"{f:.3f}", f"{t:.3f}") for f, t in thinned(points)], x_title="false positive rate", y_title="true positive rate", look="square", height=SQUARE,
        caption=f"ROC curve of the class “{visible(positive)}”, area {said}. {GUESSED}",
    )  # fmt: skip


def reliability_chart(found: Mapping[str, Any] | None, reading: str) -> dict[str, Any] | None:
    """Return said against true probabilities, with the rows of each range at the foot."""
    bins = [b for b in (found or {}).get("bins", []) if b["rows"]]
    if not bins:
        return None
    x, y = _unit(SQUARE), _unit(SQUARE, flipped=True)
    most = max(b["rows"] for b in bins)
    marks = [rule(0, SQUARE, SQUARE, 0)]
    for b in bins:
        high = 46 * b["rows"] / most
        left, right = x.at(b["low"]), x.at(b["high"])
        marks.append(rect(left + 1, SQUARE - high, max(1.0, right - left - 2), high, "quiet", f"{b['rows']:,} rows"))
    for b in bins:
        at = x.at(b["said"])
        marks.append(rule(at, y.at(b["interval"][0]), at, y.at(b["interval"][1]), "whisker"))
        tip = f"said {b['said']:.3f}, true {b['true']:.3f} ({b['interval'][0]:.3f} to {b['interval'][1]:.3f}), {b['rows']:,} rows"
        marks.append(dot(at, y.at(b["true"]), "c0", tip, round(3 + 3 * math.sqrt(b["rows"] / most), 1)))
    return chart(
        "reliability", f"Reliability: {reading}", x, y, marks, ("probability", "rows", "mean of it", "came true", "95 % interval"),
        [(f"{b['low']:.1f} to {b['high']:.1f}", f"{b['rows']:,}", f"{b['said']:.3f}", f"{b['true']:.3f}", f"{b['interval'][0]:.3f} to {b['interval'][1]:.3f}")
         for b in bins],
        x_title="probability that is said", y_title="share that came true", look="square", height=SQUARE,
        caption="On the dashed line what is said comes true. Bars at the foot: how many rows each range has.",
    )  # fmt: skip


def learning_curve(curve: Mapping[str, Any] | None, said: Mapping[str, Any] | None, evaluation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return scores against rows learned from, on a log scale; None of a single point."""
    points = [p for p in (curve or {}).get("points", []) if p["score"] is not None and p["train"] is not None]
    if curve is None or said is None or len(points) < 2:
        return None
    ends = [v for v in curve.get("whole") or [] if v is not None]
    rows = [float(p["rows"]) for p in points]
    x = Axis(rows[0], rows[-1], WIDTH, log=True)
    y = linear([v for p in points for v in (p["score"], p["train"])] + ends, HEIGHT, flipped=True)
    marks = [rule(WIDTH, y.at(ends[0]), WIDTH, y.at(ends[1]), "whisker", f"95 % interval {ends[0]:.4f} to {ends[1]:.4f}")] if len(ends) == 2 else []
    for kind, look, what in (("train", "c1", "rows learned from"), ("score", "c0", "rows not seen")):
        places = [(x.at(p["rows"]), y.at(p[kind])) for p in points]
        marks.append(line(places, look))
        marks += [dot(a, b, look, f"{p['rows']:,} rows: {p[kind]:.4f} on {what}") for (a, b), p in zip(places, points, strict=True)]
    better = "higher" if evaluation["greater_is_better"] else "lower"
    return chart(
        "learning-curve", f"Learning curve: {said['sentence']}", x, y, marks, ("rows learned from", "on rows not seen", "on rows learned from"),
        [(f"{p['rows']:,}", f"{p['score']:.4f}", f"{p['train']:.4f}") for p in points], x_ticks=[(x.at(p["rows"]), f"{p['rows']:,}") for p in points],
        x_title="rows learned from, log scale", legend=(("rows not seen, with the 95 % interval of the last", "c0"), ("rows learned from", "c1")),
        caption=f"{sentence_case(words(evaluation['metric']))}, {better} is better. {said['rows']}",
    )  # fmt: skip


def threshold_chart(found: Sequence[Mapping[str, Any]] | None, positive: str | None, at: float | None) -> dict[str, Any] | None:
    """Return precision, recall and the share answered with the positive class against the threshold; None for more than two classes."""
    if not found or positive is None:
        return None
    rows = [{**t, **rates(t)} for t in found]
    x = Axis(0.0, max(min(1.0, 1.02 * max(t["threshold"] for t in rows)), 0.01), WIDTH)
    y = _unit(HEIGHT, flipped=True)
    looks = (("precision", "c0"), ("recall", "c1"), ("answered", "c2"))
    names = {"precision": "precision: of those answered so, right", "recall": "recall: of all such rows, found", "answered": "share of rows answered so"}
    marks = [] if at is None else [rule(x.at(at), 0, x.at(at), HEIGHT, "dashed", f"the threshold that is used: {at:.4g}")]
    marks += [line([(x.at(t["threshold"]), y.at(t[kind])) for t in rows if t[kind] is not None], look) for kind, look in looks]
    for t in thinned(rows, 40):
        known = [kind for kind, _ in looks if t[kind] is not None]
        marks += [dot(x.at(t["threshold"]), y.at(t[kind]), "ghost", f"above {t['threshold']:.3g}: {kind} {t[kind]:.3f}", 5) for kind in known]
    table = []
    for t in thinned(rows):
        told = ["–" if t[kind] is None else f"{t[kind]:.3f}" for kind, _ in looks]
        table.append((f"{t['threshold']:.4g}", *told, f"{t['fp']:,}", f"{t['fn']:,}"))
    return chart(
        "thresholds", f"Precision and recall of the class {visible(positive)} against the threshold", x, y, marks,
        ("threshold", "precision", "recall", "answered so", "false alarms", "misses"), table, x_title="threshold on its probability",
        legend=[(names[kind], look) for kind, look in looks],
    )  # fmt: skip


def rates(counts: Mapping[str, Any]) -> dict[str, float | None]:
    """Return precision, recall and the share answered with the positive class of counts tp, fp, fn, tn; None where undefined."""
    answered, there = counts["tp"] + counts["fp"], counts["tp"] + counts["fn"]
    rows = answered + counts["fn"] + counts["tn"]
    return {
        "precision": counts["tp"] / answered if answered else None, "recall": counts["tp"] / there if there else None,
        "answered": answered / rows if rows else None,
    }  # fmt: skip
