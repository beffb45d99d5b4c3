"""The report of a clustering in words and places: whether there are groups, what sets each apart, why so many, and which rows lie apart."""

from typing import Any

from automl.report.drawing import scatter
from automl.report.parity import disagreement
from automl.report.why import NO_GROUPS, seen_one_way, why_view
from automl.report.words import figure, plural, sentence_case, visible, words

LONGEST = 240  # characters of a sentence about a group
SUMMARIES = {"expected_agreement": "a guess from the evidence, from 0 (chance) to 1 (the true groups)"}
RANDOM = "No structure was found that random rows would not show as well."
STRONG, FAIR = 0.9, 0.6  # agreement of the form with the fit, and of resampled groups with these


def clusters_view(evaluation: dict[str, Any], explanation: dict[str, Any], study: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of the page that are about groups; a part without anything to say is None or empty."""
    evidence = evaluation["evidence"]
    clusters = [_cluster(c) for c in explanation["clusters"]]
    return {
        "verdict": _verdict(evaluation, evidence), "map": _map(explanation["map"]), "clusters": clusters,
        "noise": _noise(evaluation, explanation), "why": why_view(evaluation, explanation), "odd": _odd(explanation["odd_rows"]),
        "known": _known(explanation["known"]),
    }  # fmt: skip


def _verdict(evaluation: dict[str, Any], evidence: dict[str, Any]) -> dict[str, Any]:
    n, family = evaluation["n_clusters"], words(evaluation["family"])
    if evaluation["structure"]:
        headline = f"{n} group{'s' if n != 1 else ''}"
        sentence = f"The rows were put into {plural(n, 'group')}, found by {family}."
    else:
        headline = "No clear groups"
        why = "Groups show under one way to scale the columns and not under another." if seen_one_way(evidence) else RANDOM
        sentence = f"{why} The table below is the best division found ({family}), not a finding."
    if evaluation["noise_share"] > 0:
        sentence += f" {evaluation['noise_share']:.1%} of the rows are in no group."
    score, base = evaluation["score"], evaluation["baseline_score"]
    beside = f"{words(evaluation['metric'])} {figure(_short(score))}"
    if base is not None:
        beside += "; it is k-means itself" if evaluation["family"] == "kmeans" and base == score else f"; k-means {figure(_short(base))}"
    return {
        "headline": headline, "big": str(n) if evaluation["structure"] else "–", "under": "groups" if n != 1 else "group", "sentence": sentence,
        "score": beside, "summary": evaluation["metric_summary"] or SUMMARIES.get(evaluation["metric"], ""), "trust": _trust(evaluation, evidence),
    }  # fmt: skip


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _trust(evaluation: dict[str, Any], evidence: dict[str, Any]) -> dict[str, Any]:
    """Return a light with its reasons: whether there is structure, whether resampled rows show it again, whether new rows are placed alike."""
    reasons, worst = [], 0
    if differs := disagreement(evaluation):
        reasons.append(sentence_case(differs) + ".")
        worst = 2
    if not evaluation["structure"]:
        nothing = "Evidence of groups hangs on how columns are scaled" if seen_one_way(evidence) else "There is no evidence of groups"
        reasons.append(f"{nothing}; do not read meaning into the division.")
        worst = 2
    dip = evidence.get("dip")
    if evaluation["structure"] and isinstance(dip, dict) and (dip.get("p") or 0.0) > NO_GROUPS:
        reasons.append(f"The dip test does not rule out that the rows are one heap (p {dip['p']:.2g}); other evidence speaks for groups.")
        worst = max(worst, 1)
    stability = evidence.get("stability")
    if isinstance(stability, int | float):
        level = 0 if stability >= STRONG else 1 if stability >= FAIR else 2
        worst = max(worst, level)
        reasons.append(f"Resampled rows show the same groups with an agreement of {stability:.2f} (1 is the same, 0 is chance).")
    agreement = evaluation["agreement"]
    if agreement is not None:
        worst = max(worst, 0 if agreement >= STRONG else 1)
        reasons.append(f"The model puts {agreement:.1%} of the rows that the fit saw where the fit put them.")
    fresh, placed = evidence.get("new_rows"), evidence.get("placed")
    if fresh is not None and placed is not None:
        worst = max(worst, 0 if fresh["agreement"] >= FAIR else 1)
        reasons.append(
            f"New rows go to the group of {placed['by']}. Of {fresh['rows']:,} rows a model that had not seen them said the same as the result "
            f"with an agreement of {fresh['agreement']:.2f} (1 is the same, 0 is chance)."
        )
    return {"light": ("green", "amber", "red")[worst], "reasons": reasons}


def _cluster(told: dict[str, Any]) -> dict[str, Any]:
    rule = told["rule"]
    return {
        **{k: told[k] for k in ("cluster", "rows", "share", "strength")}, "says": [visible(w["text"], LONGEST) for w in told["words"]],
        "rule": None if rule is None else {**rule, "text": visible(rule["text"], LONGEST)},
    }  # fmt: skip


def _map(found: dict[str, Any]) -> dict[str, Any]:
    """Return the map as a picture; how much of the rows' spread it shows is said, as what it does not show may part groups."""
    x, y, groups = [p[0] for p in found["points"]], [p[1] for p in found["points"]], found["clusters"]
    names = {c: "in no group" if c < 0 else f"group {c}" for c in set(groups)}
    caption = f"The two directions in which rows differ most. They hold {found['share']:.0%} of the variance: groups that overlap here may be apart in others."
    label = f"Map of {plural(len(x), 'row')} in {plural(len(names), 'colour')}, one for each group"
    return {"chart": scatter("map", label, x, y, groups, names, caption=caption), "points": len(x)}


def _noise(evaluation: dict[str, Any], explanation: dict[str, Any]) -> str:
    rows = explanation["noise_rows"]
    return f"{rows:,} rows ({evaluation['noise_share']:.1%}) are in no group: nothing dense enough is near them." if rows else ""


def _odd(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    of = f"{found['looked_at']:,} rows that were looked at"
    sentence = (
        f"Of the {of}, these fit their group, or the rows around them, least. Some rows always come last: this is a list to look at, not a finding."
        if found["rows"]
        else f"None of the {of} lies apart."
    )
    return {"sentence": sentence, "rows": found["rows"]}


def _known(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    if found["adjusted_rand"] is None:
        return {"column": visible(found["column"], 60), "sentence": "The column holds no value.", "groups": [], "clusters": [], "table": []}
    how = found["adjusted_rand"]
    said = "the same groups" if how > 0.9 else "much in common" if how > 0.5 else "something in common" if how > 0.1 else "little more in common than chance"
    mutual = "" if found["adjusted_mutual_information"] is None else f", adjusted mutual information {found['adjusted_mutual_information']:.2f}"
    sentence = f"Adjusted Rand index {how:.2f}{mutual}: {said}. On {found['rows']:,} rows; never used to search or to choose."
    return {
        "column": visible(found["column"], 60), "sentence": sentence,
        "groups": [visible(g, 40) for g in found["groups"]], "clusters": ["none" if c < 0 else str(c) for c in found["clusters"]], "table": found["table"],
    }  # fmt: skip
