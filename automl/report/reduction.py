"""The report of a dimensionality reduction in words and places: the map, how many columns and why, what each follows, what is lost."""

from typing import Any

from automl.report.drawing import lines, scatter, shades
from automl.report.words import figure, visible, words

PURPOSES = {"visualize": "a map", "compress": "fewer columns to tell the others from", "features": "columns for a model to come"}
FAITHFUL = 0.95  # share of the coordinates' variance that the model of new rows gives back


def reduction_view(evaluation: dict[str, Any], explanation: dict[str, Any], study: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of the page that are about new columns."""
    evidence, found = evaluation["evidence"], explanation["map"]
    colour = found["colour"]
    groups, key = _coloured(colour, len(found["x"]))
    best = {"family": evaluation["family"], "score": evaluation["score"], "x": found["x"], "y": found["y"]}
    maps = [best, *[o for o in explanation["others"] if o["family"] != evaluation["family"]][:2]] if found["of"] <= 3 or explanation["others"] else [best]
    return {
        "verdict": _verdict(evaluation, evidence),
        "map": {
            "maps": [{"name": words(m["family"]), "score": m["score"], "chart": scatter(m["x"], m["y"], groups, 340, 260)} for m in maps], "key": key,
            "caption": _caption(found), "colour": None if colour is None else visible(colour["column"], 60),
        },
        "curve": curve_view(evaluation), "columns": [_column(c) for c in explanation["loadings"]], "lost": _lost(explanation["lost"], evaluation),
    }  # fmt: skip


def _verdict(evaluation: dict[str, Any], evidence: dict[str, Any]) -> dict[str, Any]:
    m, family = evaluation["n_components"], words(evaluation["family"])
    columns = evaluation.get("n_features") or evidence.get("n_features")
    of = f" of {columns:,}" if columns else ""
    sentence = f"{family} makes {m} column{'s' if m != 1 else ''}{of}: {evaluation['objective']}."
    score, base = figure(evaluation["score"]), figure(evaluation["baseline_score"])
    beside = f"{words(evaluation['metric'])} {score}" + (f"; PCA {base}" if evaluation["baseline_score"] is not None else "")
    return {"headline": f"{m} columns by {family}", "big": str(m), "under": "columns" if m != 1 else "column", "sentence": sentence, "score": beside,
            "summary": evaluation["metric_summary"], "trust": _trust(evaluation)}  # fmt: skip


def _trust(evaluation: dict[str, Any]) -> dict[str, Any]:
    reasons, worst = [], 0
    score, base = evaluation["score"], evaluation["baseline_score"]
    if score is not None and base is not None:
        better = score >= base if evaluation["greater_is_better"] else score <= base
        worst = 0 if better else 1
        reasons.append("It is " + ("at least as good as" if better else "worse than") + " PCA with as many columns, on the same rows.")
    agreement = evaluation["agreement"]
    if agreement is not None:
        worst = max(worst, 0 if agreement >= FAITHFUL else 1)
        reasons.append(f"The model that places new rows gives back {agreement:.1%} of the variance of the columns on rows that the fit saw.")
    return {"light": ("green", "amber", "red")[worst], "reasons": reasons}


def _coloured(colour: dict[str, Any] | None, n: int) -> tuple[list[int], list[dict[str, str]]]:
    """Return the group of each point, and the key: a colour per level, or shades from low to high."""
    if colour is None:
        return [0] * n, []
    if colour["kind"] == "number":
        known = [v for v in colour["values"] if v is not None]
        ends = (figure(float(min(known))), figure(float(max(known)))) if known else ("–", "–")
        return shades(colour["values"]), [{"name": f"from {ends[0]}", "colour": "c0"}, {"name": f"to {ends[1]}", "colour": "c6"}]
    codes = [min(c, 7) for c in colour["codes"]]
    return codes, [{"name": visible(level, 40), "colour": f"c{min(i, 7)}"} for i, level in enumerate(colour["levels"])]


def _caption(found: dict[str, Any]) -> str:
    if found["of"] > 2:
        return f"The first two of {found['of']} columns. Only nearness means anything; axes have no unit."
    return "Only nearness means anything; axes have no unit." if found["of"] == 2 else "The one column, from left to right."


def curve_view(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return why so many columns: sentences of the search, curves of quality over numbers of columns, the intrinsic dimension."""
    evidence = evaluation["evidence"]
    curves = evidence.get("curves") or {}
    charts = []
    for name, points in curves.items():
        known = [(float(k), float(v)) for k, v in points if v is not None]
        if chart := lines({words(name): known}, evaluation["n_components"]):
            charts.append({"name": words(name), "chart": chart})
    dimension = evidence.get("intrinsic_dimension")
    return {
        "sentences": [str(s) for s in evidence.get("why") or []], "charts": charts,
        "dimension": None if dimension is None else f"The rows lie about on a surface of {figure(float(dimension))} dimensions, whatever the columns.",
    }  # fmt: skip


def _column(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": found["component"], "share": found["share"],
        "bars": [{"column": visible(c["column"], 50), "correlation": c["correlation"], **_bar(50 * c["correlation"])} for c in found["columns"]],
    }  # fmt: skip


def _bar(half: float) -> dict[str, float]:
    """Return where a bar from the middle of a rail begins, and its width, in percent."""
    return {"left": 50 + min(0.0, half), "width": abs(half)}


def _lost(found: dict[str, Any], evaluation: dict[str, Any]) -> dict[str, Any]:
    sentences = []
    if found["neighbours_kept"] is not None:
        kept = f"{found['neighbours_kept']:.0%} are still among its nearest, on {found['rows']:,} rows"
        sentences.append(f"Of the {found['neighbours']} nearest neighbours of a row, {kept}.")
    if found["distances"] is not None:
        sentences.append(f"The order of distances between rows is kept with a rank correlation of {found['distances']:.2f}.")
    if (share := evaluation["evidence"].get("variance_kept")) is not None:
        sentences.append(f"The columns keep {float(share):.1%} of the variance; {1 - float(share):.1%} is lost.")
    return {"sentences": sentences}
