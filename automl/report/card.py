"""The card of a run: its verdict in a few lines, as text, markdown and HTML that any notebook shows, trusted or not."""

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from automl.rundir import RunDir, shown

MOST_ROWS = 10  # of the table of constraints
MOST_CHARS = 500  # of a sentence
LIGHTS = {"green": ("#1a7f37", "can be trusted"), "amber": ("#9a6700", "with care"), "red": ("#cf222e", "not as it stands")}
STYLE = (
    "<style>.automl-card{border:1px solid rgba(128,128,128,.4);border-radius:8px;padding:12px 16px;max-width:760px;"
    "font-family:system-ui,sans-serif;line-height:1.45;background:transparent;color:inherit}"
    ".automl-card .h{font-size:1.5em;font-weight:650;margin:0}.automl-card .t{font-size:.85em;opacity:.75;margin:0}"
    ".automl-card p{margin:.4em 0}.automl-card ul{margin:.3em 0;padding-left:1.2em}"
    ".automl-card table{border-collapse:collapse;font-size:.9em;margin:.5em 0;background:transparent}"
    ".automl-card td,.automl-card th{text-align:left;padding:2px 14px 2px 0;border:0;background:transparent;color:inherit}"
    ".automl-card .l{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.4em}.automl-card code{font-size:.9em}</style>"
)


def _said(value: object) -> str:
    """Return a text of the view, cut where it has no measure; control characters go."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", str(value if value is not None else ""))
    return text if len(text) <= MOST_CHARS else f"{text[: MOST_CHARS - 1]}…"


def _facts(view: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return what every rendering says, from the view model of the report, or from the evaluation where there is no more."""
    evaluation = view.get("evaluation") or {}
    verdict, trust = view.get("verdict") or {}, view.get("trust") or {}
    score = evaluation.get("score")
    headline = verdict.get("headline") or f"{evaluation.get('metric', '')} {'undefined' if score is None else f'{score:.4f}'}".strip()
    rows = view.get("constraints") or evaluation.get("constraints") or []
    return {
        "title": _said(view.get("title") or folder.name), "headline": _said(headline), "stopped": _said(verdict.get("stopped")),
        "sentences": [_said(verdict[key]) for key in ("sentence", "size") if verdict.get(key)],
        "light": trust.get("light", ""), "reasons": [_said(reason) for reason in (trust.get("reasons") or [])[:4]],
        "constraints": [(_said(r["name"]), _said(r["asked"]), _said(r["got"]), bool(r["met"])) for r in rows[:MOST_ROWS]],
        "report": shown(RunDir(folder).report), "load": f"automl.load({shown(folder)!r})",
    }  # fmt: skip


def card_text(view: Mapping[str, Any], folder: Path) -> str:
    """Return the card as plain text."""
    said = _facts(view, folder)
    lines = [f"{said['title']}: {said['headline']}", *([said["stopped"]] if said["stopped"] else []), *said["sentences"]]
    lines += [f"{LIGHTS[said['light']][1]}: {'; '.join(said['reasons'])}"] if said["light"] in LIGHTS else []
    lines += [f"{name}: asked {asked}, got {got}{'' if met else ' (not met)'}" for name, asked, got, met in said["constraints"]]
    return "\n".join([*lines, f"report: {said['report']}", f"load: {said['load']}"])


def card_markdown(view: Mapping[str, Any], folder: Path) -> str:
    """Return the card as markdown; what stands in the data can be no markup in it."""
    said = _facts(view, folder)
    plain = _plain
    lines = [f"### {plain(said['title'])}: {plain(said['headline'])}", ""]
    lines += [plain(said["stopped"]), ""] if said["stopped"] else []
    for sentence in said["sentences"]:
        lines += [plain(sentence), ""]
    if said["light"] in LIGHTS:
        lines += [f"**{LIGHTS[said['light']][1].capitalize()}**", "", *(f"- {plain(reason)}" for reason in said["reasons"]), ""]
    if said["constraints"]:
        lines += ["| constraint | asked | got | met |", "|---|---|---|---|"]
        lines += [f"| {plain(name)} | {plain(asked)} | {plain(got)} | {'yes' if met else '**no**'} |" for name, asked, got, met in said["constraints"]]
        lines.append("")
    return "\n".join([*lines, f"Report: `{said['report']}`. Load: `{said['load']}`", ""])


def _plain(text: str) -> str:
    """Return a text in which no character is markup, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>|#~!$])", r"\\\1", " ".join(text.split())).replace("\\<", "&lt;").replace("\\>", "&gt;")


def card_html(view: Mapping[str, Any], folder: Path) -> str:
    """Return the card as HTML of at most 20 kB: everything escaped, no script, styles for itself alone, colours of the page around it."""
    said = _facts(view, folder)
    e = html.escape
    parts = [f'<p class="t">{e(said["title"])}</p><p class="h">{e(said["headline"])}</p>']
    parts += [f"<p><strong>{e(said['stopped'])}</strong></p>"] if said["stopped"] else []
    parts += [f"<p>{e(sentence)}</p>" for sentence in said["sentences"]]
    if said["light"] in LIGHTS:
        colour, words = LIGHTS[said["light"]]
        reasons = "".join(f"<li>{e(reason)}</li>" for reason in said["reasons"])
        parts.append(f'<p><span class="l" style="background:{colour}"></span><strong>{words.capitalize()}</strong></p><ul>{reasons}</ul>')
    if said["constraints"]:
        rows = "".join(
            f"<tr><td>{e(name)}</td><td>{e(asked)}</td><td>{e(got)}</td><td>{'yes' if met else '<strong>no</strong>'}</td></tr>"
            for name, asked, got, met in said["constraints"]
        )
        parts.append(f"<table><thead><tr><th>constraint</th><th>asked</th><th>got</th><th>met</th></tr></thead><tbody>{rows}</tbody></table>")
    parts.append(f'<p class="t">Report: <a href="{e(said["report"])}">{e(said["report"])}</a> · <code>{e(said["load"])}</code></p>')
    return f'{STYLE}<div class="automl-card">{"".join(parts)}</div>'
