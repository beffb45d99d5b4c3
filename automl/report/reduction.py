"""The report of a dimensionality reduction in words and places: the maps, how many columns and why, what each follows, what is lost."""

from collections.abc import Mapping
from typing import Any

from automl.report.drawing import lines, scatter, shades
from automl.report.parity import disagreement
from automl.report.words import figure, plural, sentence_case, visible, words

FAITHFUL = 0.9  # share of the variance that new rows get when they are placed


def reduction_view(evaluation: dict[str, Any], explanation: dict[str, Any], study: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of the page that are about new columns."""
    return {
        "verdict": _verdict(evaluation, study), "map": _maps(evaluation, explanation), "curve": curve_view(evaluation),
        "columns": [_column(c) for c in explanation["loadings"]], "lost": _lost(explanation["lost"]),
    }  # fmt: skip


def _verdict(evaluation: dict[str, Any], study: Mapping[str, Any]) -> dict[str, Any]:
    m, family = evaluation["n_components"], words(evaluation["family"])
    objective = evaluation["evidence"].get("objective") or evaluation["objective"]
    sentence = f"{sentence_case(family)} makes {plural(m, 'column')} of {plural(evaluation['n_features'], 'feature')}. Methods competed for {objective}."
    score, base = figure(evaluation["score"]), figure(evaluation["baseline_score"])
    beside = f"{words(evaluation['metric'])} {score}" + (f"; PCA {base}" if evaluation["baseline_score"] is not None else "")
    return {
        "headline": f"{plural(m, 'column')} by {family}", "big": str(m), "under": "columns" if m != 1 else "column", "sentence": sentence,
        "score": beside, "summary": "higher is better" if evaluation["greater_is_better"] else "lower is better", "trust": _trust(evaluation, study),
    }  # fmt: skip


def _trust(evaluation: dict[str, Any], study: Mapping[str, Any]) -> dict[str, Any]:
    reasons, worst = [], 0
    if differs := disagreement(evaluation):
        reasons.append(sentence_case(differs) + ".")
        worst = 2
    score, base = evaluation["score"], evaluation["baseline_score"]
    if (study.get("counts") or {}).get("complete") == 0:
        reasons.append(f"No trial finished: this is plain {words(evaluation['family'])}, and nothing was compared with it.")
        worst = 2
    elif score is not None and base is not None:
        better = score >= base if evaluation["greater_is_better"] else score <= base
        worst = max(worst, 0 if better else 1)
        reasons.append(
            f"Its {words(evaluation['metric'])} is {figure(score)}; that of PCA with as many columns, on the same rows, is {figure(base)}. "
            "It is one comparison without an interval"
            + (", and this score is the best of those tried, so a little bright." if evaluation["family"] != "pca" else ".")
        )
    fidelity = evaluation["evidence"].get("fidelity") or {}
    if evaluation["places"]:
        reasons.append("The method places new rows itself.")
    elif "r2" in fidelity:
        worst = max(worst, 0 if fidelity["r2"] >= FAITHFUL else 1)
        kept = f"{fidelity['neighbours']:.0%} of their nearest neighbours in the map" if "neighbours" in fidelity else "their place"
        reasons.append(f"New rows are placed by a model of the map: rows it had not seen got {fidelity['r2']:.0%} of the variance right, and {kept}.")
    return {"light": ("green", "amber", "red")[worst], "reasons": reasons}


def _maps(evaluation: dict[str, Any], explanation: dict[str, Any]) -> dict[str, Any]:
    """Return the maps side by side, the result's own first, all coloured alike, and the legend of their colours."""
    m = explanation["components"]
    asked = explanation["colour"]
    ranked = any((one["colour"] or {}).get("ranks") for one in explanation["maps"])
    colour = asked and visible(asked, 60) + (", by rank from 0 to 1" if ranked else "")
    what = f"The first two of {m} columns, " if m > 2 else "The one column, from left to right, " if m == 1 else ""
    caption = f"{what}both directions at one scale. Read which rows are near each other; the directions themselves have no meaning or unit."
    out: list[dict[str, Any]] = []
    legend: list[dict[str, str]] = []
    for at, one in enumerate(explanation["maps"]):
        groups, names, shaded = _coloured(one["colour"], len(one["x"]))
        name = words(one["family"] or evaluation["family"])
        scores = evaluation["evidence"].get("scores") if not at else one.get("scores")
        told = ", ".join(f"{words(k)} {v:.3f}" for k, v in (scores or {}).items())
        label = f"Map of {plural(len(one['x']), 'row')} by {name}" + (f", coloured by {colour}" if colour else "")
        chart = scatter(f"map-{at + 1}", label, one["x"], one["y"], groups, names, what=colour or "of", caption=told, width=340, height=260, shaded=shaded)
        legend = legend or chart["legend"]
        out.append({"name": name, "chart": chart | {"legend": []}})
    return {"maps": out, "legend": legend, "caption": caption[:1].upper() + caption[1:], "colour": colour}


def _coloured(colour: dict[str, Any] | None, n: int) -> tuple[list[int], dict[int, str], bool]:
    """Return the group of each point, the names of the groups, and whether they are shades of a number, from low to high."""
    if colour is None:
        return [0] * n, {0: "row"}, False
    if colour["kind"] != "number":
        return colour["codes"], {i: visible(level, 40) for i, level in enumerate(colour["levels"])} | {-1: "other or missing"}, False
    groups = shades(colour["values"])
    names = {-1: "missing"}
    for g in sorted({*groups} - {-1}):
        own = [float(v) for v, of in zip(colour["values"], groups, strict=True) if of == g]
        names[g] = f"{figure(min(own))} to {figure(max(own))}"
    return groups, names, True


def _points(found: Any) -> list[tuple[float, float]]:
    """Return a curve as points: of a list its places count from 1, of a mapping the keys say."""
    pairs = found.items() if isinstance(found, Mapping) else enumerate(found, 1)
    return sorted((float(k), float(v)) for k, v in pairs if v is not None)


def curve_view(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return why so many columns: the reason, curves of what is lost or kept over numbers of columns, the intrinsic dimension."""
    evidence, m = evaluation["evidence"], evaluation["n_components"]
    found = evidence.get("dimensions") or {}
    curves = {words(name): points for name, line in (evidence.get("curve") or {}).items() if len(points := _points(line)) > 1}
    metric, axis = words(evaluation["metric"]), "number of columns"
    better = "Higher" if evaluation["greater_is_better"] else "Lower"
    charts = []
    if chart := lines("curve", metric, axis, curves, m, f"{better} is better; the broken line is the number that ships."):
        charts.append({"name": metric, "chart": chart})
    share = _points(found.get("pca_share") or [])
    if chart := lines("pca-share", "share of variance that PCA keeps", axis, {"PCA": share}, m, "Of the rows that PCA was fitted to."):
        charts.append({"name": "share of variance that PCA keeps", "chart": chart})
    because = str(evidence.get("because") or "")
    sentences = [f"{m} column{'s' if m != 1 else ''}: {because}."] if because else []
    needs = found.get("pca_components") or {}
    if needs:
        sentences.append("PCA would need " + ", ".join(f"{count} for {part} of the variance" for part, count in needs.items()) + ".")
    dimension = found.get("intrinsic_dimension")
    said = (
        None if dimension is None else f"The rows fill about {dimension:.1f} dimensions, by how far their two nearest neighbours are (TwoNN; a rough estimate)."
    )
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
