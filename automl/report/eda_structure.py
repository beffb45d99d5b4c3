"""The shape of a table without its target, as a page shows it: scales, dimensions, groups, each with what it means."""

from collections.abc import Mapping
from typing import Any

from automl.report.words import figure, part_of, percent, plural, visible

Profile = Mapping[str, Any]

NAME = 60  # characters of a name


def structure_part(profile: Profile) -> dict[str, Any]:
    """Return the shape of the table without its target: scales, dimensions, groups; each with what it means."""
    part, note = part_of(profile, "structure", "The shape of the table was")
    if note:
        return {"note": note, "cards": []}
    cards = [card for card in (_clusters(part), _dimension(part), _pca(part), _scale(part)) if card]
    shares = (part.get("pca") or {}).get("shares") or []
    total = [sum(shares[: i + 1]) for i in range(len(shares))]
    steps = [{"share": round(s, 4), "label": f"{percent(s)}, together {percent(min(1.0, t))}"} for s, t in zip(shares, total, strict=True)]
    return {"note": "", "cards": cards, "bars": steps, "top": max(shares, default=0), "rows": f"{part['rows']:,}" if "rows" in part else ""}


def _clusters(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("clusterability") or {}
    if "structure" not in found:
        return {"value": "–", "label": "groups", "words": f"Not looked at: {found['skipped']}."} if "skipped" in found else None
    dip, hopkins = found.get("dip") or {}, found.get("hopkins") or {}
    p = dip.get("p", 1.0)
    chance = "below 0.001" if p < 0.001 else f"{p:.2g}"
    words = (
        f"More than one peak in {visible(dip.get('seen_in', ''), NAME)} (dip test, p {chance} after {dip.get('tests', 1)} tests): rows fall into groups."
        if found["structure"]
        else f"No view of the rows clearly shows more than one peak (dip test, p {chance}): a method that finds clusters may be dividing one heap."
    )
    short = words
    if "mean" in hopkins:
        words += f" Hopkins' statistic is {hopkins['mean']:.2f}; 0.5 is evenly spread, 1 is clumped."
    return {"value": "yes" if found["structure"] else "no", "label": "groups to be found", "words": words, "short": short}


def _dimension(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("intrinsic_dimension") or {}
    if "two_nn" not in found:
        return {"value": "–", "label": "intrinsic dimension", "words": f"Not looked at: {found['skipped']}."} if "skipped" in found else None
    return {
        "value": f"{found['two_nn']:.1f}", "label": "intrinsic dimension",
        "words": f"Judged by nearest neighbours (TwoNN), the rows fill about {found['two_nn']:.1f} of {found['columns']} dimensions.",
    }  # fmt: skip


def _pca(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("pca") or {}
    if "for_90" not in found:
        return None
    return {
        "value": str(found["for_90"]), "label": "components for 90 % of the variance",
        "words": f"{found['for_95']} for 95 %, of {plural(found['columns'], 'column')} once categories are spread out. "
        f"They weigh as much as {found['effective']:.1f} equal ones.",
    }  # fmt: skip


def _scale(part: Mapping[str, Any]) -> dict[str, str] | None:
    found = part.get("scale") or {}
    if "largest" not in found:
        return None
    ratio = found["ratio"]
    words = f"{visible(found['largest']['column'], NAME)} spreads {figure(ratio)} times as widely as {visible(found['smallest']['column'], NAME)}"
    return {
        "value": f"{figure(round(ratio) if ratio >= 10 else round(ratio, 1))}×",
        "label": "largest over smallest spread",
        "words": words + ("; distances need scaling first." if ratio > 10 else "."),
    }
