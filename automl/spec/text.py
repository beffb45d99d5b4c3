"""Writes a value so that every YAML reader gives it back as text."""

import json
import re

from automl.spec.nodes import scalar

_PLAIN = re.compile(r"^[A-Za-z_][A-Za-z0-9_./ -]*[A-Za-z0-9_/]$|^[A-Za-z_]$")
_BOOLEAN = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"}


def plain(text: str) -> str:
    """Return the text as a YAML scalar, quoted where it would be read as something else."""
    if _PLAIN.match(text) and text.lower() not in _BOOLEAN and scalar(text) == text and " #" not in text and ": " not in text:
        return text
    return quoted(text)


def quoted(value: object) -> str:
    """Return a value as JSON, which is YAML; escaped where a letter would not survive or not be seen."""
    plain_json = json.dumps(value, ensure_ascii=False)
    return plain_json if all(c.isprintable() and c != "\u00a0" for c in plain_json) else json.dumps(value)
