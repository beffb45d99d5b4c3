"""Why these groups, in words and charts: the kind of structure, what speaks for it, what came close, and whether there are groups at all."""

from collections.abc import Mapping
from typing import Any

from automl.report.drawing import dendrogram, lines
from automl.report.words import figure, listed, sentence_case, visible, words

SPEAKS = {
    "silhouette": "rows are nearer to their own group than to the next (silhouette)", "disco": "rows hang together by density (DISCO)",
    "dbcv": "groups are dense and the space between them is thin (DBCV)", "bic": "as clouds they tell the rows shortest (BIC)",
    "modularity": "neighbours share a group (modularity)", "agreement": "other methods find much the same groups",
}  # fmt: skip
ALIKE = {
    "silhouette": ("silhouette",), "disco": ("disco",),
    "dbcv": ("dbcv", "least_validity", "apart", "all_apart", "valley", "no_border", "crossing", "cut", "gap", "all_gap"),
    "bic": ("bic",), "modularity": ("modularity",), "agreement": ("agreement", "support", "twins"),
}  # fmt: skip
"""Which pieces of the rule's evidence a reader takes for one."""
SUFFIXES = ("_to_best", "_rank", "_gain", "_clusters", "_most")
NO_GROUPS = 0.05  # chance of one heap beyond which the dip tests do not speak for groups

KINDS = {
    "compact": "round groups, each around its middle", "elliptical": "clouds that may overlap, each with its own spread",
    "dense": "dense parts with thin space between, of any shape", "connected": "groups that hang together from row to row, of any shape",
}  # fmt: skip
READ = {
    "silhouette": "From −1 to 1, higher is better for round groups.", "dbcv": "From −1 to 1, higher is better for dense groups of any shape.",
    "bic": "Per row, higher is better for overlapping clouds.",
}  # fmt: skip
CHARTS = tuple(READ)
MOST_LINES = 5


def why_view(evaluation: dict[str, Any], explanation: dict[str, Any]) -> dict[str, Any]:
    """Return the sentences, the curves over numbers of groups, what else came close, and a tree of how the groups would merge."""
    evidence = evaluation["evidence"]
    tree = (explanation.get("tree") or {}).get("merges")
    sizes = {int(c["cluster"]): int(c["rows"]) for c in explanation.get("clusters") or []}
    told = (_kind(evaluation, evidence), _scaling(evidence), _structure(evidence), _reasons(evidence), _stable(evidence))
    return {
        "sentences": [s for s in told if s] + _given(evidence),
        "charts": _charts(evidence, evaluation["n_clusters"]), "alternatives": _alternatives(evidence), "tree": dendrogram(tree, sizes) if tree else None,
    }  # fmt: skip


def _given(evidence: Mapping[str, Any]) -> list[str]:
    """Return sentences that the search itself gives."""
    why = evidence.get("why") or []
    return [sentence_case(why) + "."] if isinstance(why, str) else [str(s) for s in why]


def _kind(evaluation: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
    kind = KINDS.get(str(evidence.get("kind")))
    if kind is None:
        return ""
    looked = evidence.get("rows_looked_at")
    on = f", on {looked:,} rows" if looked and looked < evaluation["n_rows"] else ""
    expected = evidence.get("expected_agreement")
    told = ""
    if expected is not None:
        told = (
            f" If the true groups are among those that were found, weighed by what speaks for each, they agree with these by "
            f"{max(0.0, min(1.0, expected)):.2f} (adjusted Rand index: 1 is the same, 0 is chance). "
            "This is a guess by a rule learned on made tables, not a measurement."
        )
    return f"{sentence_case(words(evaluation['family']))} looks for {kind}{on}.{told}"


def scaled_ways(evidence: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return how columns were scaled, and the other way that was tried or would have been, empty for none; None where nothing is known of it."""
    ways = list(evidence.get("scalings") or [])
    chosen = next((way for way in ways if way["chosen"]), None)
    return None if chosen is None else (chosen, next((way for way in ways if way is not chosen), {}))


def seen_one_way(evidence: Mapping[str, Any]) -> bool:
    """Return whether groups show under the scaling that was taken, and not under the other one."""
    ways = scaled_ways(evidence)
    return ways is not None and bool(ways[0]["structure"]) and ways[1].get("structure") is False


def _scaling(evidence: Mapping[str, Any]) -> str:
    """Return how columns were scaled for distances, where more was done than dividing by their spread, and what else was tried."""
    ways = scaled_ways(evidence)
    if ways is None:
        return ""
    told, (chosen, other) = [], ways
    odds = "" if other.get("odds") is None else f"log odds {chosen['odds']:.1f} against {other['odds']:.1f}"
    if chosen["logged"]:
        better = f"; groups stand out more with it ({odds} without)" if odds else ""
        told.append(f"Distances go by the logarithm of {visible(listed(chosen['logged']))}: long tails{better}.")
    elif other:
        logged = visible(listed(other["logged"]))
        told.append(
            f"Groups stand out more without a logarithm of {logged}, whose tails are long ({odds} with it)." if odds else
            f"The tails of {logged} are long: groups in its logarithm were not looked for, as there was no time or no trial left."
        )  # fmt: skip
    if other and odds and bool(chosen["structure"]) != bool(other["structure"]):
        told.append("Groups are seen in one of the two ways only, so they are not taken for real.")
    if chosen["held"]:
        told.append(f"A few values of {visible(listed(chosen['held']))} lie far beyond the others; distances take them for the end of what is usual.")
    return " ".join(told)


def _structure(evidence: Mapping[str, Any]) -> str:
    """Return what the tests for groups say, each for or against."""
    parts = []
    if (code := evidence.get("code_length")) is not None:
        how = "shorter" if code["passed"] else "no shorter"
        parts.append(f"a mixture of clouds tells the rows {how} than one cloud does (by {figure(float(code['gain']))} nats)")
    if isinstance(dip := evidence.get("dip"), Mapping) and dip.get("p") is not None:
        how = "does not rule out" if dip["p"] > NO_GROUPS else "speaks against"
        parts.append(f"the dip test {how} a single heap (p {dip['p']:.2g})")
    if isinstance(hopkins := evidence.get("hopkins"), Mapping) and hopkins.get("mean") is not None:
        parts.append(f"the Hopkins statistic is {hopkins['mean']:.2f} (0.5 for evenly spread rows; one heap is above it, too)")
    return f"Whether there are groups at all: {'; '.join(parts)}." if parts else ""


def _reasons(evidence: Mapping[str, Any]) -> str:
    """Return what speaks for the result, the strongest first; pieces that only say how the rule was learned are left out."""
    of = {piece: name for name, pieces in ALIKE.items() for piece in pieces}
    found = [SPEAKS[of[name]] for r in evidence.get("reasons") or [] if (name := _piece(str(r["evidence"]))) in of]
    named = list(dict.fromkeys(found))
    return f"What speaks for it against the next best: {'; '.join(named)}." if named else ""


def _piece(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _stable(evidence: Mapping[str, Any]) -> str:
    stability = evidence.get("stability")
    return f"Fits on random halves of the rows agree with it by {stability:.2f}." if isinstance(stability, int | float) else ""


def _charts(evidence: Mapping[str, Any], chosen: int) -> list[dict[str, Any]]:
    """Return one chart per index, with a line per method over the number of groups."""
    found = list((evidence.get("curves") or {}).items())
    drawn, more = found[:MOST_LINES], len(found) - MOST_LINES
    out = []
    for name in CHARTS:
        series = {words_of_method(method): _points(points, name) for method, points in drawn}
        caption = READ[name] + (f" {more} more methods are not drawn." if more > 0 else "")
        if chart := lines(name, words(name), "number of groups", {m: p for m, p in series.items() if len(p) > 1}, chosen, caption):
            out.append({"name": words(name), "chart": chart})
    return out


def words_of_method(name: str) -> str:
    """Return a method with the options that are fixed along its curve, in words."""
    family, *rest = name.split(" ")
    kept = ["on components" if part == "p" else part for part in rest if part != "likelihood"]
    return " ".join([words(family), *kept])


def _points(points: Any, name: str) -> list[tuple[float, float]]:
    """Return (groups, index) of a method's points, mappings or pairs, the best where several have as many groups."""
    best: dict[float, float] = {}
    for point in points:
        k, value = (point.get("clusters"), point.get(name)) if isinstance(point, Mapping) else (point[0], point[1])
        if k is not None and value is not None:
            best[float(k)] = max(float(value), best.get(float(k), float("-inf")))
    return sorted(best.items())


def _alternatives(evidence: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the foremost candidates and the best of each kind of structure, each once."""
    out: dict[str, dict[str, Any]] = {}
    for found in [*(evidence.get("finalists") or []), *(evidence.get("kinds") or [])]:
        if not found.get("chosen"):
            told = {name: found.get(name) for name in ("kind", "stability", "agreement")} | {"expected": found.get("expected_agreement")}
            out.setdefault(repr((found["family"], found.get("params"))), told | {"family": words(found["family"]), "n_clusters": found.get("clusters")})
    return [a for a in out.values() if a["agreement"] is None or a["agreement"] < 1.0]
