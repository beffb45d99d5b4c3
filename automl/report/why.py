"""Why these groups, in words and charts: the kind of structure, what speaks for it, what came close, and whether there are groups at all."""

from collections.abc import Mapping
from typing import Any

from automl.report.drawing import dendrogram, lines
from automl.report.words import figure, sentence_case, words

KINDS = {
    "compact": "round groups, each around its middle", "elliptical": "clouds that may overlap, each with its own spread",
    "dense": "dense parts with thin space between, of any shape", "connected": "groups that hang together from row to row, of any shape",
}  # fmt: skip
CHARTS = ("silhouette", "dbcv", "bic")
MOST_LINES = 5


def why_view(evaluation: dict[str, Any], explanation: dict[str, Any]) -> dict[str, Any]:
    """Return the sentences, the curves over numbers of groups, what else came close, and a tree of how the groups would merge."""
    evidence = evaluation["evidence"]
    tree = (explanation.get("tree") or {}).get("merges")
    return {
        "sentences": [s for s in (_kind(evaluation, evidence), _structure(evidence), _reasons(evidence), _stable(evidence)) if s] + _given(evidence),
        "charts": _charts(evidence, evaluation["n_clusters"]), "alternatives": _alternatives(evidence), "tree": dendrogram(tree) if tree else None,
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
    told = f" By its evidence, an agreement with true groups of about {max(0.0, min(1.0, expected)):.2f} is to be expected." if expected is not None else ""
    return f"{sentence_case(words(evaluation['family']))} looks for {kind}.{told} Indices were compared only within the kind of structure they fit{on}."


def _structure(evidence: Mapping[str, Any]) -> str:
    """Return what the tests for groups say."""
    parts = []
    if (code := evidence.get("code_length")) is not None:
        how = "tell the rows shorter than one cloud does" if code["passed"] else "tell the rows no shorter than one cloud does"
        parts.append(f"groups {how} ({figure(float(code['gain']))} nats)")
    if isinstance(dip := evidence.get("dip"), Mapping) and dip.get("p") is not None:
        parts.append(f"the least p of the dip tests for more than one mode is {dip['p']:.2g}")
    if isinstance(hopkins := evidence.get("hopkins"), Mapping) and hopkins.get("mean") is not None:
        parts.append(f"the Hopkins statistic is {hopkins['mean']:.2f} (a half for evenly spread rows)")
    return f"Whether there are groups at all: {'; '.join(parts)}." if parts else ""


def _reasons(evidence: Mapping[str, Any]) -> str:
    found = [words(str(r["evidence"]).removesuffix("_to_best").removesuffix("_rank")) for r in evidence.get("reasons") or []]
    named = list(dict.fromkeys(found))
    return f"What speaks for it against the next best: {', '.join(named)}." if named else ""


def _stable(evidence: Mapping[str, Any]) -> str:
    stability = evidence.get("stability")
    return f"Fits on random halves of the rows agree with it by {stability:.2f}." if isinstance(stability, int | float) else ""


def _charts(evidence: Mapping[str, Any], chosen: int) -> list[dict[str, Any]]:
    """Return one chart per index, with a line per method over the number of groups."""
    found = evidence.get("curves") or {}
    out = []
    for name in CHARTS:
        series = {words_of_method(method): _points(points, name) for method, points in list(found.items())[:MOST_LINES]}
        series = {method: points for method, points in series.items() if len(points) > 1}
        if chart := lines(series, chosen):
            out.append({"name": words(name), "chart": chart, "key": list(series)})
    return out


def words_of_method(name: str) -> str:
    """Return a method with the options that are fixed along its curve, in words."""
    family, *rest = name.split(" ")
    kept = ["on principal components" if part == "p" else part for part in rest]
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
