"""The findings as a page shows them: grouped by check and what was done, each with its effect as a bar around zero."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.eda_geometry import effect_bar, effect_scale
from automl.report.words import sentence_case, signed, visible, words

SHOWN = 6  # of the findings of one group; the others fold away
FOLDED = 60
NAMED = 4  # columns of one finding
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


def _digits(scale: float) -> int:
    return 3 if scale < 0.01 else 2 if scale < 1 else 0


def _groups(findings: Sequence[Mapping[str, Any]], scale: float) -> list[dict[str, Any]]:
    """Return findings that say the same of several columns as one; a group stands where its first finding stood."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for f in findings:
        groups.setdefault((f["check"], f["action"], f["override"], f.get("reason") or ""), []).append(f)
    out = []
    for (check, action, override, reason), own in groups.items():
        items = [_item(f, scale) for f in own[: SHOWN + FOLDED]]
        out.append({
            "check": sentence_case(words(check)), "mode": own[0]["mode"], "count": len(own), "action": pieces(sentence_case(action)), "override": override,
            "reason": reason, "items": items[:SHOWN], "folded": items[SHOWN:], "more": max(0, len(own) - SHOWN - FOLDED),
        })  # fmt: skip
    return out


def _item(finding: Mapping[str, Any], scale: float) -> dict[str, Any]:
    columns = finding.get("columns") or ([finding["column"]] if finding.get("column") else [])
    effect = finding.get("effect")
    return {
        "columns": [visible(str(c), 60) for c in columns[:NAMED]], "more": max(0, len(columns) - NAMED), "message": pieces(sentence_case(str(finding["message"]))),
        "effect": None if effect is None else {**effect_bar(effect, scale), **_effect_words(effect)}, "without": _without(finding),
    }  # fmt: skip


def _effect_words(effect: Mapping[str, float]) -> dict[str, str]:
    change, low, high = (signed(effect[k]) for k in ("change", "low", "high"))
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
    parts = visible(text, 700).split("`")
    if len(parts) % 2 == 0:  # a name with a backtick of its own: nothing can be told apart
        return [{"text": "`".join(parts), "code": False}]
    return [{"text": visible(p, 60) if i % 2 else p, "code": bool(i % 2)} for i, p in enumerate(parts) if p]


def flags_of(profile: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Return per column the checks that found something there."""
    out: dict[str, list[dict[str, str]]] = {}
    for f in profile.get("findings") or []:
        for name in f.get("columns") or [f["column"]]:
            flag = {"check": words(f["check"]), "mode": f["mode"]}
            if flag not in out.setdefault(name, []):
                out[name].append(flag)
    return out


