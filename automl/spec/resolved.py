"""The resolved spec: every value of a run with where it came from, as YAML that runs again."""

import os
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from automl.spec.environment import has_variable, substituted, why_not
from automl.spec.keys import extra_of
from automl.spec.load import SpecSource
from automl.spec.model import Spec
from automl.spec.text import quoted


def resolved_text(spec: Spec, base: Path, folder: Path, overrides: dict[str, str]) -> str:
    """Return the text of spec.resolved.yaml; paths are rewritten to hold from `folder`, each value says its source.

    `${NAME}` stays as it was written: what it stands for is never in a run folder.
    """
    lines = ["# Every value of this run and where it came from. `automl run` on this file repeats it."]
    _section(lines, spec, (), spec.source, overrides, lambda path: _moved(path, base, folder))
    return "\n".join(lines) + "\n"


def _moved(path: str, base: Path, folder: Path) -> str:
    """Return a path of the spec as it is to be written in another folder."""
    if not has_variable(path):
        return os.path.relpath((base / path).resolve(), folder.resolve())
    if why_not(path) or Path(substituted(path)).is_absolute():
        return path
    return f"{os.path.relpath(base.resolve(), folder.resolve())}/{path}"


_SQLITE = re.compile(r"^(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:|\?|$)([^?]+)(.*)$")


def _section(lines: list[str], model: BaseModel, path: tuple[str, ...], source: SpecSource | None, overrides: dict[str, str], moved: Any) -> None:
    indent = "  " * len(path)
    for field, info in type(model).model_fields.items():
        name = info.alias or field
        value = getattr(model, field)
        at = (*path, name)
        if extra_of(info)["later"] is True:
            continue
        if isinstance(value, BaseModel):
            inner: list[str] = []
            _section(inner, value, at, source, overrides, moved)
            lines += [f"{indent}{name}:", *inner] if inner else []
            continue
        if (value is None and at not in (("validation", "test"), ("constraints", "time"))) or (isinstance(value, list) and not value and at[0] == "checks"):
            continue
        if at in (("data", "train"), ("data", "test")):
            value = [moved(one) for one in value]
        if at in (("output", "dir"), ("search", "start_from"), ("runtime", "log", "file")) or (at == ("search", "portfolio") and value not in ("auto", "none")):
            value = moved(value)
        if at == ("data", "sql", "connection") and (file := _SQLITE.match(value)):
            value = f"{file[1]}{moved(file[2])}{file[3]}"
        if isinstance(value, list):
            value = [one.model_dump() if isinstance(one, BaseModel) else one for one in value]
        if at == ("constraints", "time"):
            value = "none" if value is None else f"{value:g}s"
        if value is not None and at in (("constraints", "memory"), ("constraints", "model_size", "max")):
            value = f"{value}B"
        if at == ("constraints", "latency", "max"):
            value = f"{value:g}ms"
        if at == ("validation", "test"):
            value = "none" if value is None else value
        lines.append(f"{indent}{name}: {quoted(value)}  # {_origin(at, source, overrides)}")


SHORT_FOR = (
    ("data", "train"), ("quantize", "precisions"), ("constraints", "model_size", "max"), ("constraints", "latency", "max"),
    ("constraints", "quality", "min"), ("constraints", "quality", "max"), ("runtime", "log", "level"),
)  # fmt: skip
"""Keys that a section written as a single value stands for."""


def _origin(path: tuple[str, ...], source: SpecSource | None, overrides: dict[str, str]) -> str:
    dotted = ".".join(path)
    if any(dotted == key or dotted.startswith(f"{key}.") for key in overrides):
        return "--set"
    if source is None:
        return "given in Python"
    node = source.root
    for depth, part in enumerate(path):
        child = node.child(part)
        if child is None:
            short_form = depth > 0 and node.kind == "scalar" and path in SHORT_FOR
            return f"{source.path.name}:{node.span.line}" if short_form else "default"
        node = child
    return f"{source.path.name}:{node.span.line}"
