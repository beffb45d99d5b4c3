"""A YAML file to a Spec, or to every problem in it, each with file, line and column."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from automl.errors import SpecError, did_you_mean
from automl.spec.diagnostics import Diagnostic, Span, render_all
from automl.spec.model import NOT_YET, Spec
from automl.spec.nodes import Node, parse, scalar

MINIMAL = """version: 1
data: customers.csv
task: {type: classification, target: churned}
constraints: {time: 10m}"""

_SYNONYMS = {
    "label": "task.target", "y": "task.target", "timeout": "constraints.time", "budget": "constraints.time",
    "time_limit": "constraints.time", "random_state": "seed", "estimators": "models.include",
}  # fmt: skip


@dataclass
class SpecSource:
    """The text a spec came from; turns a key path into a place."""

    path: Path
    text: str
    root: Node

    def span(self, path: tuple[str | int, ...], *, key: bool = False) -> Span:
        """Return where the value (or key) at a path stands; the nearest parent's place when it is not written."""
        node, span = self.root, self.root.span
        for index, part in enumerate(path):
            child = node.child(part)
            if child is None:
                return span
            last = index == len(path) - 1
            at_key = node.key_span(part) if isinstance(part, str) else None
            span = at_key if at_key and ((last and key) or child.kind == "map") else child.span
            node = child
        return span

    def error(self, code: str, path: tuple[str | int, ...], message: str, label: str = "", fix: str = "", notes: tuple[str, ...] = ()) -> str:  # fmt: skip
        """Return a rendered error at a path of this spec, for stages that find it later."""
        found = Diagnostic(code, message, self.span(path), label, fix, notes, file=self.path.name)
        return render_all([found], self.text)


def read_spec(path: Path, overrides: dict[str, str] | None = None) -> Spec:
    """Return the spec of a file. Raises SpecError that holds every problem, rendered."""
    spec, found, text = _load(path, overrides or {})
    if spec is None:
        raise SpecError(f"{path.name} cannot be used", text=render_all(found, text))
    return spec


def load_spec(path: Path, overrides: dict[str, str] | None = None) -> tuple[Spec | None, list[Diagnostic]]:
    """Return the spec (None when it has errors) and all its problems, found in one pass.

    `overrides` are dotted keys with YAML scalars, as given to --set. Raises SpecError when there is no such file.
    """
    spec, found, _ = _load(path, overrides or {})
    return spec, found


def _load(path: Path, overrides: dict[str, str]) -> tuple[Spec | None, list[Diagnostic], str]:
    try:
        raw = path.read_bytes()
    except OSError as fault:
        near = did_you_mean(path.name, [p.name for p in path.parent.glob("*.y*ml")]) if path.parent.is_dir() else ""
        raise SpecError(f"cannot read the spec: {fault.strerror}", str(path), f"did you mean {near}?" if near else "check the path") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        found = [Diagnostic("Y013", f"byte {fault.start} is not UTF-8", Span(line, 1, 2), "save the file as UTF-8")]
        return None, [d.at(path.name) for d in found], raw.decode("utf-8", "replace")
    root, found = parse(text)
    if not found:
        if root is None or (root.kind == "scalar" and not root.text):
            found = [Diagnostic("S001", "the spec is empty", Span(1, 1, 2), "the least is:", notes=tuple(MINIMAL.splitlines()))]
        elif root.kind != "map":
            found = [Diagnostic("S002", "a spec is a mapping with `data` and `task`", root.span)]
    if found or root is None:
        return None, [d.at(path.name) for d in found], text
    source = SpecSource(path, text, root)
    values: Any = root.value()
    found = [*_not_yet(root, values, ())]
    for key, value in overrides.items():
        _override(values, key, value)
    try:
        spec = Spec.model_validate(values)
    except ValidationError as fault:
        found += _explain(fault, source, values)
        return None, [d.at(path.name) for d in _ordered(found)], text
    if found:
        return None, [d.at(path.name) for d in _ordered(found)], text
    spec._source = source
    return spec, [], text


def _ordered(found: list[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=lambda d: (d.span.line, d.span.column))


def _override(values: dict[str, Any], key: str, value: str) -> None:
    """Set a dotted key. Raises SpecError with a caret when a part of it is not a mapping."""
    parts = key.split(".")
    if not all(parts):
        raise SpecError(f"--set {key}={value}: the key is not of the form a.b", "--set", "for example --set constraints.time=5m")
    at = values
    for part in parts[:-1]:
        inner = at.setdefault(part, {})
        if part == "data" and isinstance(inner, str):
            inner = at[part] = {"train": inner}
        if not isinstance(inner, dict):
            raise SpecError(f"--set {key}={value}: `{part}` holds a value, not keys", "--set")
        at = inner
    tree, problems = parse(value)
    at[parts[-1]] = scalar(value) if problems or tree is None else tree.value()


def _not_yet(node: Node, values: Any, path: tuple[str, ...]) -> list[Diagnostic]:
    """Refuse what the format names and this version does not do; take it out so that it is reported once."""
    found: list[Diagnostic] = []
    for key, value in list(node.pairs):
        where = ".".join((*path, key.text))
        words = NOT_YET.get(where)
        if words == "" or (words and value.text in words.split()):
            what = f"`{where}`" if words == "" else f"`{where}: {value.text}`"
            found.append(Diagnostic("S104", f"{what} is part of the format, but not yet of this version", key.span, "remove it for now"))
            values.pop(key.text, None)
            if words and key.text == "type":
                values[key.text] = "classification"
                values.setdefault("target", "-")
                for other in [k for k in values if k not in ("type", "target")]:
                    values.pop(other)
        elif value.kind == "map" and isinstance(values.get(key.text), dict) and where != "notes":
            found += _not_yet(value, values[key.text], (*path, key.text))
    return found


def _explain(fault: ValidationError, source: SpecSource, values: Any) -> list[Diagnostic]:
    """Turn pydantic's errors into diagnostics at their place, one per mistake."""
    found: list[Diagnostic] = []
    taken: set[tuple[str | int, ...]] = set()
    offered: set[str] = set()
    errors = sorted(fault.errors(), key=lambda e: e["type"] == "missing")
    for error in errors:
        path, node = _walk(error["loc"], source.root)
        kind, context = error["type"], error.get("ctx", {})
        if kind == "extra_forbidden":
            diagnostic, near = _unknown_key(path, source)
            offered.add(near)
            found.append(diagnostic)
            continue
        if kind == "missing":
            key = ".".join(str(p) for p in path)
            if key in offered:  # the key is there, misspelt: one mistake, one error
                continue
            parent, section = path[:-1], ".".join(str(p) for p in path[:-1]) or "the spec"
            found.append(Diagnostic("S102", f"`{path[-1]}` is missing in {section}", source.span(parent, key=True), f"add `{path[-1]}: …`"))
            continue
        if path in taken:  # several branches of a union complain about one value
            continue
        taken.add(path)
        name = ".".join(str(p) for p in path) or "the spec"
        written = f"`{node.text[:60]}`" if node is not None and node.kind == "scalar" else "this"
        text, label = _in_words(kind, context, error["msg"], name, written)
        found.append(Diagnostic("S103", text, source.span(path), label))
    return found


def _walk(loc: tuple[str | int, ...], root: Node) -> tuple[tuple[str | int, ...], Node | None]:
    """Return the part of a pydantic location that is in the file; markers of unions and validators are dropped."""
    path: tuple[str | int, ...] = ()
    node: Node | None = root
    for index, part in enumerate(loc):
        child = node.child(part) if node is not None else None
        if child is not None:
            path, node = (*path, part), child
        elif index == len(loc) - 1 and node is not None and node.kind == "map" and isinstance(part, str) and part.isidentifier():
            return (*path, part), None
    return path, node


def _fields(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Return every key of the format as a dotted path."""
    names: list[str] = []
    for name, info in model.model_fields.items():
        names.append(prefix + name)
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names += _fields(inner, f"{prefix}{name}.")
    return names


def _unknown_key(path: tuple[str | int, ...], source: SpecSource) -> tuple[Diagnostic, str]:
    word, parent = str(path[-1]), ".".join(str(p) for p in path[:-1])
    known = _fields(Spec)
    inside = [k.rpartition(".")[2] for k in known if k.rpartition(".")[0] == parent]
    below = {k.rpartition(".")[2]: k for k in reversed(known) if k.startswith(parent)}
    everywhere = {k.rpartition(".")[2]: k for k in reversed(known)}
    near = ""
    if word in everywhere and word not in inside:
        near = everywhere[word]
    elif close := did_you_mean(word, inside):
        near = f"{parent}.{close}".lstrip(".")
    elif close := did_you_mean(word, list(below), 0.7):
        near = below[close]
    elif word in _SYNONYMS:
        near = _SYNONYMS[word]
    elif close := did_you_mean(word, list(everywhere), 0.8):
        near = everywhere[close]
    span = source.span(path, key=True)
    label = f"did you mean `{near}`?" if near else ""
    section = f"`{parent}`" if parent else "the spec"
    notes = (f"keys of {section}: {', '.join(inside[:12])}",) if inside else ()
    return Diagnostic("S101", f"unknown key `{word}` in {section}", span, label, notes=notes), near


def _in_words(kind: str, context: dict[str, Any], message: str, name: str, written: str) -> tuple[str, str]:
    """Return message and label of a value error, without pydantic's jargon."""
    if kind == "literal_error":
        allowed = [word.strip(" '\"") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        near = did_you_mean(written.strip("`"), allowed)
        return f"{written} is not a value of `{name}`", f"did you mean `{near}`?" if near else "one of: " + ", ".join(allowed)
    if kind == "value_error":
        return f"`{name}`: {message.removeprefix('Value error, ')}", ""
    if kind in ("int_type", "int_parsing", "int_from_float", "int_parsing_size"):
        return f"`{name}` takes a whole number, not {written}", ""
    if kind in ("float_type", "float_parsing"):
        return f"`{name}` takes a number, not {written}", ""
    if kind in ("string_type", "string_pattern_mismatch"):
        return f"`{name}` takes {'a plain name' if 'pattern' in kind else 'text'}, not {written}", ""
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"`{name}` takes keys, not {written}", ""
    if kind == "list_type":
        return f"`{name}` takes a list, not {written}", ""
    if kind in ("bool_type", "bool_parsing"):
        return f"`{name}` takes true or false, not {written}", ""
    words = message.replace("Input should be", "must be").replace("Value should", "must")
    return f"`{name}` {words}" + (f", not {written}" if written != "this" else ""), ""
