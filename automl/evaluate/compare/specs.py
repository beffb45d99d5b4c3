"""What differs in what was asked of several runs, and in what was found in their data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from automl.errors import UsageError
from automl.evaluate.compare.read import FinishedRun
from automl.rundir import RunDir
from automl.spec.nodes import Node, parse

PLACES = "output.dir", "data.train", "data.test"  # where things lie; which data they are, their content says
COMMENT = "  # "
NOT_DONE = "not done"


def spec_differences(runs: Sequence[FinishedRun]) -> list[dict[str, Any]]:
    """Return the keys whose values differ, each with a value and where it came from per run (None where the key is not set)."""
    found = [_keys(run.path) for run in runs]
    keys = dict.fromkeys(key for own in found for key in own)
    return [
        {"key": key, "values": [{"value": own[key][0], "from": own[key][1]} if key in own else None for own in found]}
        for key in keys if key not in PLACES and len({own[key][0] if key in own else None for own in found}) > 1
    ]  # fmt: skip


def _keys(folder: Path) -> dict[str, tuple[str, str]]:
    """Return dotted keys of the resolved spec, each with its value as text and its source."""
    try:
        text = RunDir(folder).resolved_spec.read_text(encoding="utf-8")
    except OSError:
        raise UsageError(f"the run {folder} has no resolved spec", "RUN", "take a copy of the run that is whole") from None
    out: dict[str, tuple[str, str]] = {}
    _collect(parse(text)[0], "", text.splitlines(), out)
    return out


def _collect(node: Node | None, prefix: str, lines: list[str], out: dict[str, tuple[str, str]]) -> None:
    if node is None:
        return
    if node.kind != "map":
        line = lines[node.span.line - 1]
        value = node.value()
        text = ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
        out[prefix] = (text, line.rpartition(COMMENT)[2] if COMMENT in line else "")
        return
    for name, child in node.pairs:
        _collect(child, f"{prefix}.{name.text}" if prefix else name.text, lines, out)


def finding_differences(runs: Sequence[FinishedRun]) -> list[dict[str, Any]]:
    """Return the findings that not all runs have, or not all did the same about: per run None, or what was done."""
    found = [{(f["check"], ", ".join(sorted(f["columns"]))): _done(f) for f in run.profile.get("findings", [])} for run in runs]
    keys = dict.fromkeys(key for own in found for key in own)
    return [{"check": key[0], "column": key[1], "done": [own.get(key) for own in found]} for key in keys if len({own.get(key) for own in found}) > 1]


def _done(finding: dict[str, Any]) -> str:
    """Return what was done, without the figures that differ from run to run."""
    action = str(finding.get("action") or "")
    return f"{finding['mode']}, {NOT_DONE}" if action.startswith(NOT_DONE) or action in ("", "none") else f"{finding['mode']}, {action}"
