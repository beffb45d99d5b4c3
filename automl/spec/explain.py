"""`automl explain` and the docs: what a key or a code means, from the declarations themselves."""

import json
import re
import typing
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from automl.spec.codes import CODES
from automl.spec.keys import Section, extra_of, section_of
from automl.spec.model import Spec
from automl.spec.suggest import Key, all_keys
from automl.spec.tasks import BRANCHES


def field_of(key: Key) -> FieldInfo:
    """Return the declaration of a key."""
    return next(i for f, i in key.section.model_fields.items() if (i.alias or f) == key.name)


def default_of(info: FieldInfo) -> str:
    """Return the default as it would be written; empty where there is none."""
    if info.is_required():
        return ""
    if shown := extra_of(info)["shown"]:
        return str(shown)
    value = info.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or isinstance(value, Section):
        return ""
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value or '""'


def type_words(info: FieldInfo) -> str:
    """Return what a key takes, in words."""
    if section_of(info) is not None:
        return "keys"
    words = _words(info.annotation) or "a value"
    example = extra_of(info)["example"]
    with_unit = isinstance(example, str) and re.fullmatch(r"[\d.]+ ?([a-zA-Z]+|%)", example)
    return words.replace("a number", "a number with its unit", 1) if with_unit else words


def _words(kind: Any) -> str:
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return " | ".join(str(v) for v in typing.get_args(kind))
    if origin is typing.Annotated:
        return _words(typing.get_args(kind)[0])
    if origin is list:
        return "a list of " + (_words(typing.get_args(kind)[0]) or "values")
    if origin is dict:
        return "a mapping"
    if origin is not None:
        return " | ".join(w for w in (_words(a) for a in typing.get_args(kind)) if w)
    names = {str: "text", int: "a whole number", float: "a number", bool: "true | false", type(None): "", Any: "anything"}
    return names.get(kind, "")


def explain_key(path: str) -> str | None:
    """Return the text for a key, or None when there is no such key."""
    keys = {k.path: k for k in all_keys()}
    if path not in keys:
        return None
    key = keys[path]
    info, extra = field_of(key), extra_of(field_of(key))
    lines = [path, f"  {info.description}", ""]
    rows = [("takes", type_words(info)), ("default", default_of(info)), ("auto", extra["auto"]), ("example", _example(path, extra["example"]))]
    if path.startswith("task.") and path != "task.type":
        rows.append(("tasks", ", ".join(n for n, b in BRANCHES.items() if any((i.alias or f) == key.name for f, i in b.model_fields.items()))))
    if extra["later"] is True:
        rows.append(("status", "part of the format, not yet of this version"))
    elif extra["later"]:
        rows.append(("not yet", ", ".join(extra["later"])))
    lines += [f"  {name:<8} {value}" for name, value in rows if value]
    if extra["values"]:
        width = max(len(v) for v in extra["values"])
        lines += ["", "  values"] + [f"    {name:<{width}}  {words}" for name, words in extra["values"].items()]
    below = [k for k in keys.values() if k.path.rpartition(".")[0] == path]
    if below:
        lines += ["", "  keys"]
        width = max(len(k.name) for k in below)
        for k in below:
            later = " (not yet)" if extra_of(field_of(k))["later"] is True else ""
            lines.append(f"    {k.name:<{width}}  {field_of(k).description}{later}")
    return "\n".join(lines)


def _example(path: str, value: object) -> str:
    if value is None or value == {}:
        return ""
    text = value if isinstance(value, str) and not value.startswith(("{", "[", "*")) else json.dumps(value, ensure_ascii=False)
    return f"{path.rpartition('.')[2]}: {text}"


def explain_code(code: str) -> str | None:
    """Return the text for a diagnostic code, or None when there is no such code."""
    found = CODES.get(code.upper())
    if found is None:
        return None
    lines = [f"{code.upper()}: {found.title}", "", f"  {found.text}", f"  What now: {found.fix}"]
    if found.example and len(found.example) < 400 and found.example.isprintable() is not None:
        lines += ["", "  For example:"] + [f"    {line}" for line in found.example.encode("utf-8", "replace").decode().splitlines()]
    return "\n".join(lines)


def section_page(name: str) -> str:
    """Return the docs page of a section of the spec, as Markdown."""
    keys = [k for k in all_keys() if k.path == name or k.path.startswith(name + ".")]
    info = field_of(keys[0])
    section = section_of(info)
    lines = [f"# `{name}`", "", f"{info.description}" + (f" {section.__doc__}" if section is not None and section.__doc__ else ""), ""]
    if len(keys) > 1:
        lines += ["| key | takes | default | what it does |", "|---|---|---|---|"]
    for key in keys[1:] if len(keys) > 1 else keys:
        own, extra = field_of(key), extra_of(field_of(key))
        words = str(own.description)
        if extra["auto"]:
            words += f" `auto` or left out: {extra['auto']}."
        if extra["values"]:
            words += " " + "; ".join(f"`{v}`: {w}" for v, w in extra["values"].items()) + "."
        if extra["later"] is True:
            words += " **Not yet.**"
        elif extra["later"]:
            words += " **Not yet:** " + ", ".join(f"`{v}`" for v in extra["later"]) + "."
        if example := _example(key.path, extra["example"]):
            words += f" Example: `{example}`."
        default = default_of(own)
        takes = "" if extra["later"] is True else type_words(own).replace("|", "or")
        row = [f"`{key.path}`", takes, f"`{default}`" if default else "", words]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" if len(keys) > 1 else f"Default: `{default}`. {words}")
    return "\n".join(lines) + "\n"


def code_page(code: str) -> str:
    """Return the docs page of a diagnostic code, as Markdown."""
    found = CODES[code]
    lines = [f"# {code}: {found.title}", "", found.text, "", f"**What now:** {found.fix}"]
    example = found.example
    if example and len(example) < 400 and "\udce4" not in example:
        lines += ["", "```yaml", example.rstrip("\n"), "```"]
    return "\n".join(lines) + "\n"


def sections() -> list[str]:
    """Return the sections and single keys at the top of a spec, each with a docs page."""
    return [i.alias or f for f, i in Spec.model_fields.items()]
