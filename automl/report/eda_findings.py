"""The findings as a page shows them: grouped by check and what was done, each with its effect as a bar around zero."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.eda_geometry import effect_bar, effect_scale
from automl.report.words import sentence_case, signed, visible, words

_FIGURES = re.compile(r"(it loses) [\d.]+ \([^)]*\)")
SHOWN = 6  # of the findings of one group; the others fold away
FOLDED = 60
LONGEST, PIECES = 400, 41  # characters of a piece of a message, and pieces
NAMED = 4  # columns of one finding
NAMES = {
    "id_like": "Looks like an id", "constant": "A single value", "split_overlap": "Rows on both sides", "conflicting_labels": "Equal rows, different classes",
    "label_noise": "Doubtful classes", "imbalance": "Uneven classes", "rare_class": "Rare classes", "missing_target": "Rows without a target",
    "disguised_missing": "Disguised missing values", "unseen_categories": "Levels in test rows only", "high_cardinality": "Very many levels",
    "category_variants": "One level, several spellings", "mixed_types": "Numbers with words among them", "skew_outliers": "Long tails",
    "infinite": "Infinite numbers", "correlated_groups": "Columns that go together", "text": "Texts", "datetime": "Dates",
    "group_leak": "Entities on both sides", "clusterability": "Groups of rows", "intrinsic_dimension": "Dimensions",
}  # fmt: skip
HEADS = {"fail": "Stops a run", "fix": "Acted on", "warn": "For you to look at"}
KEEPS_SCORES = ("constant", "missing_target", "imbalance", "rare_class", "text", "datetime", "infinite", "clusterability", "intrinsic_dimension")
"""Checks whose fix takes nothing away that a model could use, and adds nothing."""


def findings_part(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return the findings by mode, in the order given, and the axis of their effects."""
    findings = profile.get("findings") or []
    effects = [f["effect"] for f in findings if f.get("effect")]
    scale = effect_scale(effects)
    heads = []
    for mode, head in HEADS.items():
        own = [f for f in findings if f["mode"] == mode]
        if own:
            heads.append({"mode": mode, "head": head, "count": len(own), "groups": _groups(own, scale)})
    axis = {"low": signed(-scale, _digits(scale)), "high": signed(scale, _digits(scale)), "measure": effects[0]["measure"]} if effects else None
    return {"count": len(findings), "heads": heads, "axis": axis}


def name_of(check: str) -> str:
    """Return a check in words."""
    return NAMES.get(check) or sentence_case(words(check))


def _digits(scale: float) -> int:
    return 3 if scale < 0.01 else 2 if scale < 1 else 0


def _groups(findings: Sequence[Mapping[str, Any]], scale: float) -> list[dict[str, Any]]:
    """Return findings of one check as one, where its first stood; what was done is said once where it is the same for all."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for f in findings:
        groups.setdefault((f["check"], f["override"], f.get("reason") or ""), []).append(f)
    out = []
    for (check, override, reason), own in groups.items():
        actions = [_action(f) for f in own]
        same = actions[0] if len(set(actions)) == 1 else ""
        items = [_item(f, scale) | {"action": [] if same else pieces(action)} for f, action in zip(own[: SHOWN + FOLDED], actions, strict=False)]
        out.append({
            "check": name_of(check), "mode": own[0]["mode"], "count": len(own), "action": pieces(same), "override": override, "reason": reason,
            "items": items[:SHOWN], "folded": items[SHOWN:], "more": max(0, len(own) - SHOWN - FOLDED),
        })  # fmt: skip
    return out


def _action(finding: Mapping[str, Any]) -> str:
    """Return what was done, without the figures that the bar shows; nothing where nothing was."""
    action = _FIGURES.sub(r"\1", finding["action"])
    return "" if action.lower() == "none" else sentence_case(action)


def _item(finding: Mapping[str, Any], scale: float) -> dict[str, Any]:
    columns = finding.get("columns") or ([finding["column"]] if finding.get("column") else [])
    effect = finding.get("effect")
    return {
        "columns": [visible(c, 60) for c in columns[:NAMED]], "more": max(0, len(columns) - NAMED),
        "message": pieces(sentence_case(str(finding["message"]))),
        "effect": None if effect is None else {**effect_bar(effect, scale), **_effect_words(effect)}, "without": _without(finding),
    }  # fmt: skip


def _effect_words(effect: Mapping[str, float]) -> dict[str, str]:
    change, low, high = (signed(effect[k]) for k in ("change", "low", "high"))
    if change == low == high == "0.000":
        none = not (effect["change"] or effect["low"] or effect["high"])
        return {"change": "no change" if none else "below 0.001", "interval": "", "label": f"{'no change' if none else 'a change below 0.001'} of the score"}
    sides = {True: "better", False: "worse"}
    sure = effect["low"] > 0 or effect["high"] < 0
    words = f"{change} ({low} to {high})"
    return {"change": change, "interval": f"{low} to {high}", "label": f"change of the score {words}, {sides[effect['change'] > 0] if sure else 'not clear'}"}


def _without(finding: Mapping[str, Any]) -> str:
    """Return why a finding has no effect to show."""
    if "was not measured" in finding["action"]:
        return "not measured, the time was out"
    if finding["mode"] == "warn":
        return "nothing was changed"
    return "cannot change scores" if finding["check"] in KEEPS_SCORES else "not measured"


def pieces(text: str) -> list[dict[str, Any]]:
    """Return a message in pieces: what stands between backticks is a name or a line to type."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a name with a backtick of its own: nothing can be told apart
        parts = [text]
    shown = [{"text": visible(p, 60 if i % 2 else LONGEST) if p.strip() else p, "code": bool(i % 2)} for i, p in enumerate(parts[:PIECES]) if p]
    return [*shown, {"text": "…", "code": False}] if len(parts) > PIECES else shown


def flags_of(profile: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Return per column the checks that found something there."""
    out: dict[str, list[dict[str, str]]] = {}
    for f in profile.get("findings") or []:
        for name in f.get("columns") or [f["column"]]:
            flag = {"check": f["check"], "words": name_of(f["check"]).lower(), "mode": f["mode"]}
            if flag not in out.setdefault(name, []):
                out[name].append(flag)
    return out
