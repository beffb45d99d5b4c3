"""The report of a dimensionality reduction in words and places: the maps, how many columns and why, what each follows, what is lost."""

from collections.abc import Mapping
from typing import Any

from automl.report.drawing import lines, scatter, shades
from automl.report.parity import disagreement
from automl.report.words import figure, sentence_case, visible, words

FAITHFUL = 0.9  # share of the variance that new rows get when they are placed


def reduction_view(evaluation: dict[str, Any], explanation: dict[str, Any], study: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of the page that are about new columns."""
    return {
        "verdict": _verdict(evaluation), "map": _maps(evaluation, explanation), "curve": curve_view(evaluation),
        "columns": [_column(c) for c in explanation["loadings"]], "lost": _lost(explanation["lost"]),
    }  # fmt: skip


def _verdict(evaluation: dict[str, Any]) -> dict[str, Any]:
    m, family = evaluation["n_components"], words(evaluation["family"])
    objective = evaluation["evidence"].get("objective") or evaluation["objective"]
    sentence = f"{sentence_case(family)} makes {m} column{'s' if m != 1 else ''} of {evaluation['n_features']:,}. Methods competed for {objective}."
    score, base = figure(evaluation["score"]), figure(evaluation["baseline_score"])
    beside = f"{words(evaluation['metric'])} {score}" + (f"; PCA {base}" if evaluation["baseline_score"] is not None else "")
    return {
        "headline": f"{m} column{'s' if m != 1 else ''} by {family}", "big": str(m), "under": "columns" if m != 1 else "column", "sentence": sentence,
        "score": beside, "summary": "higher is better" if evaluation["greater_is_better"] else "lower is better", "trust": _trust(evaluation),
    }  # fmt: skip


def _trust(evaluation: dict[str, Any]) -> dict[str, Any]:
    reasons, worst = [], 0
    if differs := disagreement(evaluation):
        reasons.append(sentence_case(differs) + ".")
        worst = 2
    score, base = evaluation["score"], evaluation["baseline_score"]
    if score is not None and base is not None:
        better = score >= base if evaluation["greater_is_better"] else score <= base
        worst = max(worst, 0 if better else 1)
        reasons.append("It is " + ("at least as good as" if better else "worse than") + " PCA with as many columns, on the same rows.")
    fidelity = evaluation["evidence"].get("fidelity") or {}
    if evaluation["places"]:
        reasons.append("The method places new rows itself.")
    elif "r2" in fidelity:
        worst = max(worst, 0 if fidelity["r2"] >= FAITHFUL else 1)
        kept = f"{fidelity['neighbours']:.0%} of their nearest neighbours in the map" if "neighbours" in fidelity else "their place"
        reasons.append(f"New rows are placed by a model of the map: rows it had not seen got {fidelity['r2']:.0%} of the variance right, and {kept}.")
    return {"light": ("green", "amber", "red")[worst], "reasons": reasons}


def _maps(evaluation: dict[str, Any], explanation: dict[str, Any]) -> dict[str, Any]:
    """Return the maps side by side, the result's own first, all coloured alike."""
    out: list[dict[str, Any]] = []
    key: list[dict[str, str]] = []
    for at, one in enumerate(explanation["maps"]):
        groups, key = _coloured(one["colour"], len(one["x"]))
        name = words(one["family"] or evaluation["family"])
        told = ", ".join(f"{words(k)} {v:.3f}" for k, v in (one.get("scores") or {}).items()) if at else ""
        out.append({"name": name, "score": evaluation["score"] if not at else None, "told": told, "chart": scatter(one["x"], one["y"], groups, 340, 260)})
    m = explanation["components"]
    caption = f"The first two of {m} columns." if m > 2 else "The one column, from left to right." if m == 1 else ""
    colour = explanation["colour"]
    return {"maps": out, "key": key, "caption": f"{caption} Only nearness means anything; axes have no unit.".strip(), "colour": colour and visible(colour, 60)}


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


def _points(found: Any) -> list[tuple[float, float]]:
    """Return a curve as points: of a list its places count from 1, of a mapping the keys say."""
    pairs = found.items() if isinstance(found, Mapping) else enumerate(found, 1)
    return sorted((float(k), float(v)) for k, v in pairs if v is not None)


def curve_view(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return why so many columns: the reason, curves of what is lost or kept over numbers of columns, the intrinsic dimension."""
    evidence, m = evaluation["evidence"], evaluation["n_components"]
    found = evidence.get("dimensions") or {}
    curves = {words(name): points for name, line in (evidence.get("curve") or {}).items() if len(points := _points(line)) > 1}
    charts = [{"name": words(evaluation["metric"]), "chart": chart, "key": list(curves)}] if (chart := lines(curves, m)) else []
    share = _points(found.get("pca_share") or [])
    if chart := lines({"PCA": share}, m):
        charts.append({"name": "share of variance that PCA keeps", "chart": chart, "key": []})
    because = str(evidence.get("because") or "")
    sentences = [f"{m} column{'s' if m != 1 else ''}: {because}."] if because else []
    needs = found.get("pca_components") or {}
    if needs:
        sentences.append("PCA would need " + ", ".join(f"{count} for {part} of the variance" for part, count in needs.items()) + ".")
    dimension = found.get("intrinsic_dimension")
    said = None if dimension is None else f"The rows fill about {figure(float(dimension))} dimensions, by how far their two nearest neighbours are."
    return {"sentences": sentences, "charts": charts, "dimension": said}


def _column(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": found["component"],
        "bars": [{"column": visible(c["column"], 50), "correlation": c["correlation"], **_bar(50 * c["correlation"])} for c in found["columns"]],
    }


def _bar(half: float) -> dict[str, float]:
    """Return where a bar from the middle of a rail begins, and its width, in percent."""
    return {"left": 50 + min(0.0, half), "width": abs(half)}


def _lost(found: dict[str, Any]) -> dict[str, Any]:
    sentences = []
    if "variance" in found:
        how = "by the method's own way back" if found.get("way_back") == "own" else "by the best linear way back"
        sentences.append(f"{found['variance']:.1%} of the variance of all columns does not come back {how}.")
    if "neighbours" in found:
        sentences.append(f"{found['neighbours']:.0%} of the 15 nearest neighbours of a row are not among its nearest any more.")
    worst = [{"column": visible(c["column"], 50), "lost": c["lost"]} for c in found["columns"] if c["lost"] > 0.005]
    return {"sentences": sentences, "columns": worst}
