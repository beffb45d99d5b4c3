"""Diagnostics for people and for machines: full, concise, json, github (workflow commands), sarif."""

import json

from automl.spec.diagnostics import Diagnostic, render_all

FORMATS = ("full", "concise", "json", "github", "sarif")
DOCS = "docs/codes"


def write(found: list[Diagnostic], text: str, form: str) -> str:
    """Return diagnostics in a form; an empty text where the form has nothing to say of nothing."""
    if form == "json":
        return json.dumps({"schema_version": 1, "diagnostics": [d.as_dict() for d in found]}, indent=1)
    if form == "sarif":
        return json.dumps(_sarif(found), indent=1)
    if form == "concise":
        return "\n".join(f"{d.file}:{d.span.line}:{d.span.column}: {d.code} {d.message}" + (f"; {d.label}" if d.label else "") for d in found)
    if form == "github":
        return "\n".join(_github(d) for d in found)
    return render_all(found, text) if found else ""


def _github(d: Diagnostic) -> str:
    """Return a workflow command; its reserved characters are written as percent codes."""
    message = d.message + (f"; {d.label}" if d.label else "")
    safe = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    kind = "error" if d.is_error else "warning"
    return f"::{kind} file={d.file},line={d.span.line},col={d.span.column},title={d.code}::{safe}"


def _sarif(found: list[Diagnostic]) -> dict[str, object]:
    """Return a SARIF 2.1.0 log."""
    from automl.spec.codes import CODES

    used = sorted({d.code for d in found})
    rules = [{"id": code, "shortDescription": {"text": CODES[code].title}, "helpUri": f"{DOCS}/{code}.md"} for code in used]
    results = [
        {
            "ruleId": d.code, "level": "error" if d.is_error else "warning", "message": {"text": d.message + (f"; {d.label}" if d.label else "")},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": d.file},
                "region": {"startLine": d.span.line, "startColumn": d.span.column, "endColumn": d.span.end_column},
            }}],
        }
        for d in found
    ]  # fmt: skip
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "automl", "rules": rules}}, "results": results}],
    }  # fmt: skip
