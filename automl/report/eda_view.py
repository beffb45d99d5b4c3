"""The view model of the look at the data: everything its page says, from the values of profile.json and nothing else."""

from collections.abc import Mapping
from typing import Any

from automl.report.eda_columns import columns_part
from automl.report.eda_findings import findings_part, pieces
from automl.report.eda_geometry import GREY
from automl.report.eda_relations import missing_part, relations_part
from automl.report.eda_rows import dates_part, drift_part, moved, outliers_part
from automl.report.eda_structure import structure_part
from automl.report.eda_text import text_part
from automl.report.words import figure, listed, percent, plural, sentence_case, visible
from automl.spec.units import human_seconds

Profile = Mapping[str, Any]

NAME = 60  # characters of a column's name or a class
LONGEST = 700  # characters of any other text
COLOURS = 4  # classes told apart by colour, as many as the profile counts
SHOWN_CLASSES = 20
SHOWN_SAMPLE = 30  # columns
LISTED = 500  # roles
TITLES = {
    "findings": "Findings", "target": "Target", "structure": "Shape", "relations": "Relations", "columns": "Columns", "missing": "Missing values",
    "text": "Texts", "dates": "Dates", "outliers": "Outliers", "drift": "Training and test", "sample": "Sample rows", "method": "Method",
}  # fmt: skip
ORDER = ("findings", "target", "columns", "relations", "missing", "text", "dates", "outliers", "drift", "structure", "sample", "method")
ORDER_WITHOUT_TARGET = ("findings", "structure", "relations", "columns", "missing", "text", "dates", "outliers", "sample", "method")
TELLS = 0.1  # of 1: below, a column alone is not worth naming


def eda_view(profile: Profile, *, compact: bool = False) -> dict[str, Any]:
    """Return the look as JSON values that are safe to read; `compact` for a part of a longer report."""
    classes = class_colours(profile)
    view = {
        "compact": compact, "level": 3 if compact else 2, "has_target": bool(classes), "name": visible(profile["target"], NAME) if classes else "",
        "source": visible(profile.get("source", ""), NAME), "lead": _lead(profile), "figures": _figures(profile), "short": _short(profile),
        "findings": findings_part(profile), "target": _target(profile, classes), "columns": columns_part(profile, classes, compact=compact),
        "relations": relations_part(profile), "missing": missing_part(profile), "text": text_part(profile, classes), "dates": dates_part(profile, classes),
        "outliers": outliers_part(profile), "drift": drift_part(profile), "structure": structure_part(profile), "sample": _sample(profile),
        "method": _method(profile),
    }  # fmt: skip
    return dict(_readable(view | _sections(view)))


def _sections(view: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """Return the parts in the order of the page, and in one list those that have no more to say than a sentence."""
    order = ORDER if view["has_target"] else ORDER_WITHOUT_TARGET
    quiet = [p for p in order if view.get(p, {}).get("note") and not view[p].get("columns")]
    shown = [p for p in order if p not in quiet and (p not in ("text", "dates") or view[p]["columns"])]
    return {"sections": [{"id": p, "title": TITLES[p]} for p in shown], "quiet": [{"title": TITLES[p], "words": view[p]["note"]} for p in quiet]}


def class_colours(profile: Profile) -> dict[str, int]:
    """Return the colour of each class that has one of its own: the most frequent ones, in that order."""
    ranked = sorted(profile.get("classes") or [], key=lambda c: -c["rows"])
    return {str(c["label"]): i for i, c in enumerate(ranked[:COLOURS])}


def _readable(value: Any) -> Any:
    """Return the value with every text in it made safe to read."""
    if isinstance(value, str):
        return visible(value, LONGEST) if value.strip() else value
    if isinstance(value, Mapping):
        return {k: v if k in ("path", "points") else _readable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(v) for v in value]
    return value


def _lead(profile: Profile) -> str:
    """Return the summary line: what the table is, how it was divided, what was sampled, how long it took."""
    words = f"{plural(profile['rows'], 'row')} and {plural(len(profile['columns']), 'column')}."
    if profile.get("holdout_rows"):
        words += f" {profile['training_rows']:,} rows are described; {profile['holdout_rows']:,} are kept for the score and only their inputs were looked at."
    else:
        words += " Every row is described."
    sampled = profile.get("sampling") or []
    if sampled:
        words += f" For {plural(len(sampled), 'part')} a sample was enough."
    seconds = sum((profile.get("seconds") or {}).values())
    return words + (f" The look took {human_seconds(seconds)}." if seconds else "")


def _figures(profile: Profile) -> list[dict[str, str]]:
    """Return the few numbers a reader wants first."""
    columns = profile["columns"]
    kinds: dict[str, int] = {}
    for c in columns:
        kinds[c["kind"]] = kinds.get(c["kind"], 0) + 1
    names = {"number": "number", "category": "category", "text": "text", "date": "date"}
    many = {"category": "categories"}
    counted = ", ".join(plural(n, names.get(k, k), many.get(k, "")) for k, n in sorted(kinds.items(), key=lambda item: -item[1]))
    cells = profile["training_rows"] * len(columns)
    missing = sum(c["missing"] for c in columns)
    modes = [f["mode"] for f in profile.get("findings") or []]
    found = ", ".join(f"{modes.count(m)} {w}" for m, w in (("fail", "to stop for"), ("fix", "acted on"), ("warn", "to look at")) if m in modes)
    out = [
        {"label": "rows", "value": figure(profile["rows"]), "note": f"{profile['training_rows']:,} described"},
        {"label": "columns", "value": figure(len(columns)), "note": counted},
        {
            "label": "cells missing",
            "value": percent(missing / cells if cells else 0.0),
            "note": f"in {plural(sum(c['missing'] > 0 for c in columns), 'column')}",
        },
        {"label": "findings", "value": figure(len(modes)), "note": found or "nothing to report"},
    ]
    if profile.get("classes"):
        rarest = min(profile["classes"], key=lambda c: c["rows"])
        label = visible(rarest["label"], 24)
        out.insert(2, {"label": "classes", "value": figure(len(profile["classes"])), "note": f"rarest: {label}, {percent(rarest['share'])}"})
    return out


def _short(profile: Profile) -> list[str]:
    """Return what a reader in a hurry should know, in whole sentences."""
    out = []
    told = [t for t in (profile.get("relations") or {}).get("target", []) if t.get("auc")]
    if profile.get("classes") and told:
        best = [t for t in sorted(told, key=lambda t: -t["auc"]) if 2 * t["auc"] - 1 >= TELLS][:3]
        names = [f"{visible(t['column'], NAME)} ({t['auc']:.2f})" for t in best]
        out.append(
            f"Alone, {names[0]} tells most of the target{', then ' + listed(names[1:]) if names[1:] else ''}; 0.5 would be chance, 1 is certainty."
            if best
            else "No column alone tells much of the target; together they may."
        )
    gaps = sorted((c for c in profile["columns"] if c["missing"]), key=lambda c: -c["missing"])
    if gaps:
        emptiest = [f"{visible(c['name'], NAME)} ({percent(c['missing_share'])})" for c in gaps[:3]]
        out.append(f"Most values are missing in {listed(emptiest)}.")
    else:
        out.append("No value is missing.")
    apart = [c for c in (profile.get("drift") or {}).get("columns", []) if moved(c) == "moved"]
    if apart:
        out.append(f"Training and test rows differ in {listed([visible(c['column'], NAME) for c in apart])}, far beyond what chance explains.")
    if not profile.get("classes"):
        out += [card.get("short", card["words"]) for card in structure_part(profile)["cards"][:2]]
    return out


def _target(profile: Profile, colours: Mapping[str, int]) -> dict[str, Any]:
    classes = sorted(profile.get("classes") or [], key=lambda c: -c["rows"])
    greatest = classes[0]["share"] if classes else 1.0
    whole = 1.0 if greatest > 0.4 else greatest  # many classes are compared with each other, few with all rows
    bars = [
        {
            "label": visible(c["label"], NAME),
            "rows": c["rows"],
            "share": percent(c["share"]),
            "width": round(100 * c["share"] / whole, 2),
            "colour": colours.get(str(c["label"]), GREY),
        }
        for c in classes[:SHOWN_CLASSES]
    ]
    return {"bars": bars, "more": max(0, len(classes) - SHOWN_CLASSES), "legend": [b for b in bars if b["colour"] < COLOURS], "others": len(classes) > COLOURS}


def _sample(profile: Profile) -> dict[str, Any]:
    """Return the sample rows with cells as text, numbers told from texts so that they can be aligned."""
    sample = profile.get("sample") or {}
    rows, names = sample.get("rows") or [], sample.get("columns") or []
    if not rows:
        return {"note": "No rows are shown: `report.sample_rows` is 0."}
    cells = [{"row": r["row"], "cells": [_cell(v) for v in r["cells"][:SHOWN_SAMPLE]]} for r in rows]
    return {
        "columns": [visible(n, 40) for n in names[:SHOWN_SAMPLE]], "rows": cells, "more": max(0, len(names) - SHOWN_SAMPLE) + sample.get("left_out", 0),
        "masked": len(sample.get("masked") or []),
    }  # fmt: skip


def _cell(value: Any) -> dict[str, Any]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"text": figure(value) if number else "" if value is None else visible(value, NAME), "number": number, "missing": value is None}


def _method(profile: Profile) -> dict[str, Any]:
    """Return what was sampled, how long each part took, what each column was taken for."""
    seconds = sorted((profile.get("seconds") or {}).items(), key=lambda item: -item[1])
    roles = profile.get("roles") or []
    return {
        "notes": [_sentence(n) for n in profile.get("notes") or []], "split": [_sentence(d["because"]) for d in profile.get("split") or []],
        "sampling": [_sampled(s) for s in profile.get("sampling") or []],
        "seconds": [{"part": part.replace("_", " "), "seconds": s} for part, s in seconds if s >= 0.005][:12],
        "roles": [{"column": visible(r["column"], NAME), "role": r["role"], "because": pieces(r["because"])} for r in roles[:LISTED]],
        "more_roles": max(0, len(roles) - LISTED), "sha256": str(profile.get("sha256", ""))[:16],
    }  # fmt: skip


def _sentence(text: str) -> list[dict[str, Any]]:
    return pieces(sentence_case(text))


def _sampled(note: Mapping[str, Any]) -> dict[str, str]:
    return {"part": str(note["part"]), "rows": f"{note['rows']:,} of {note['of']:,}", "why": str(note["why"])}
