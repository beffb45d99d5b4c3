"""The report as Markdown: the same view in another form, for pull requests and assistants; every value is escaped."""

import functools
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_SPACE = re.compile(r"\s+")
_LINE_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


class Plain(str):
    """Text that stands as it is: a line to paste inside a block of code."""


def escaped(value: object) -> object:
    """Return a value as Markdown shows it: marks of Markdown and HTML lose their meaning, line breaks become spaces."""
    if value is None:
        return "–"
    if not isinstance(value, str) or isinstance(value, Plain):
        return value
    text = _SPACE.sub(" ", value)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def code(value: str) -> Plain:
    """Return lines as they stand in an indented block of code, where nothing has a meaning but the depth of a line."""
    return Plain("\n        ".join(" ".join(line.split()) for line in value.splitlines()))


def markdown(view: Mapping[str, Any], filters: Mapping[str, Any], template: str = "report.md.j2") -> str:
    """Return a view as Markdown; `filters` write values, as on the page."""
    text = _environment(tuple(filters.items())).get_template(template).render(view=view)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@functools.lru_cache(maxsize=1)
def _environment(filters: tuple[tuple[str, Any], ...]) -> Environment:
    environment = Environment(  # no HTML: `finalize` escapes each value instead
        loader=PackageLoader("automl.report"), autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=escaped
    )
    environment.filters.update({**dict(filters), "code": code})
    return environment
