"""A YAML file to a Spec, or to every problem in it: text, shape, meaning, and the names in the data's header."""

import re
import types
import typing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from automl.errors import DataError, SpecError, did_you_mean
from automl.spec.diagnostics import Diagnostic, Edit, Span, lines_of, render_all
from automl.spec.header import check_header
from automl.spec.keys import AsText, Section, extra_of, section_of
from automl.spec.meaning import contradictions
from automl.spec.model import Spec
from automl.spec.nodes import Node, parse
from automl.spec.origin import origins
from automl.spec.overrides import apply
from automl.spec.shape import Source, explain
from automl.spec.tasks import BRANCHES

TABLES = (".csv", ".tsv", ".jsonl", ".parquet", ".feather", ".gz", ".zst")  # names of files that are no YAML
MINIMAL = """version: 1
data: customers.csv
task: {type: classification, target: churned}
constraints: {time: 10m}"""

_BOOLEAN_ELSEWHERE = re.compile(r"^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$")


@dataclass
class SpecSource(Source):
    """The text of a spec with its path; later stages point into it."""

    path: Path = field(default_factory=Path)
    given: str = ""  # the text of the file, without what --set added

    def error(self, code: str, path: tuple[str | int, ...], message: str, label: str = "", notes: tuple[str, ...] = ()) -> str:
        """Return a rendered error at a path of this spec, for stages that find it later."""
        return render_all([Diagnostic(code, message, self.span(path), label, notes=notes, file=self.file)], self.text)


@dataclass(frozen=True)
class Loaded:
    """What reading a spec gave: the spec (None when it has errors), every problem, and the text they point into.

    `shaped` is the spec as soon as its shape is right, so that more can be checked although the data disagree.
    """

    spec: Spec | None
    found: list[Diagnostic]
    text: str
    shaped: Spec | None = None

    def or_raise(self) -> Spec:
        """Return the spec. Raises SpecError or, when only the data disagrees, DataError, with everything rendered."""
        if self.spec is not None:
            return self.spec
        name = self.found[0].file
        kind = DataError if all(d.code.startswith("D") for d in self.found if d.is_error) else SpecError
        raise kind(f"{name} cannot be used", text=render_all(self.found, self.text), diagnostics=self.found)


def read_spec(path: Path, overrides: dict[str, str] | None = None) -> Spec:
    """Return the spec of a file. Raises SpecError or DataError that hold every problem, rendered."""
    return load(path, overrides).or_raise()


def load_spec(path: Path, overrides: dict[str, str] | None = None, *, with_data: bool = True) -> tuple[Spec | None, list[Diagnostic]]:
    """Return the spec (None when it has errors) and all its problems, found in one pass.

    `overrides` are dotted keys with YAML scalars, as given to --set. `with_data` looks at the names in the data's header
    too. Raises SpecError when there is no such file.
    """
    loaded = load(path, overrides, with_data=with_data)
    return loaded.spec, loaded.found


def load(path: Path, overrides: dict[str, str] | None = None, *, with_data: bool = True) -> Loaded:
    """Return what reading a file gives. Raises SpecError when it cannot be read at all."""
    try:
        raw = path.read_bytes()
    except OSError as fault:
        near = did_you_mean(path.name, [p.name for p in path.parent.glob("*.y*ml")]) if path.parent.is_dir() else ""
        raise SpecError(f"cannot read the spec: {fault.strerror}", str(path), f"did you mean {near}?" if near else "check the path") from None
    if path.suffix.lower() in TABLES:
        raise SpecError(f"{path.name} is a table, not a spec", str(path), f"automl init {path.name} writes a spec for it")
    return load_given(raw, path, overrides, with_data=with_data)


def load_given(raw: bytes, path: Path, overrides: dict[str, str] | None = None, *, with_data: bool = True) -> Loaded:
    """Return what reading a text gives, its problems in order, each with the name of `path`, which need not be a file: `<cell>`."""
    loaded = load_text(raw, path, overrides or {}, with_data=with_data)
    found = [d if d.file else d.at(path.name) for d in sorted(loaded.found, key=lambda d: (d.span.line, d.span.column))]
    return Loaded(loaded.spec, found, loaded.text, loaded.shaped)


def load_text(raw: bytes, path: Path, overrides: dict[str, str], *, with_data: bool) -> Loaded:
    """Return what reading a text gives; `path` says where it stands, for relative paths and names."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        return Loaded(
            None, [Diagnostic("Y013", f"byte {fault.start} is not UTF-8", Span(line, 1, 2), "save the file as UTF-8")], raw.decode("utf-8", "replace")
        )
    root, found = parse(text)
    if not found and (root is None or (root.kind == "scalar" and not root.text)):
        found = [Diagnostic("S001", "the spec is empty", Span(1, 1, 2), "the least is:", notes=tuple(MINIMAL.splitlines()))]
    elif not found and root is not None and root.kind != "map":
        found = [Diagnostic("S002", "a spec is a mapping with `data` and `task`", root.span)]
    if found or root is None:
        return Loaded(None, found, text)
    n_lines = len(lines_of(text))
    added = apply(root, overrides, n_lines + 1)
    given, text = text, "\n".join([text, *added])
    source = SpecSource(path.name, text, root, path, given)
    values = _values(root, Spec)
    found = [*_not_yet(root, values, Spec, ()), *_warnings(root, Spec, ()), *origins(source)]
    spec: Spec | None = None
    try:
        spec = Spec.model_validate(values)
        spec._source = source
    except ValidationError as fault:
        found += explain(fault, source)
    if spec is not None and not any(d.is_error for d in found):
        found += contradictions(spec, source)
    if spec is not None and with_data and not any(d.is_error for d in found):
        found += check_header(spec, source)
    found = [(replace(d, file="--set", edits=()) if d.span.line > n_lines else d).quiet() for d in found]
    return Loaded(spec if not any(d.is_error for d in found) else None, found, text, spec)


def _section(section: type[Section] | None, name: str, node: Node) -> tuple[type[Section] | None, Any]:
    """Return the section under a key, and the key's field."""
    info = next((i for f, i in section.model_fields.items() if (i.alias or f) == name), None) if section else None
    if section is Spec and name == "task":
        kind = node.child("type")
        return BRANCHES.get(kind.text if kind is not None else node.text if node.kind == "scalar" else ""), info
    return section_of(info) if info is not None else None, info


def _values(node: Node, section: type[Section]) -> dict[str, Any]:
    """Return the plain values of a mapping; where the format wants text, the text as it was written."""
    out: dict[str, Any] = {}
    for name, child in node.pairs:
        inner, info = _section(section, name.text, child)
        if inner is not None and child.kind == "map":
            out[name.text] = _values(child, inner)
        elif inner is not None and child.kind == "scalar" and not child.text and name.text not in ("data", "task"):
            out[name.text] = {}  # a section whose keys are all commented out
        elif info is not None and child.text == "auto" and not child.quoted and extra_of(info)["auto"] and info.default is None:
            out[name.text] = None
        elif info is not None and _wants_text(info) and child.kind == "scalar" and child.value() is not None:
            out[name.text] = child.text
        elif info is not None and _wants_text(info) and child.kind == "list":
            out[name.text] = [item.text if item.kind == "scalar" else item.value() for item in child.items]
        else:
            out[name.text] = child.value()
    return out


def _wants_text(info: Any) -> bool:
    def inside(kind: Any) -> bool:
        if typing.get_origin(kind) is typing.Annotated:
            return any(isinstance(m, AsText) for m in typing.get_args(kind)[1:]) or inside(typing.get_args(kind)[0])
        if typing.get_origin(kind) in (list, typing.Union, types.UnionType):
            return any(inside(a) for a in typing.get_args(kind))
        return False

    return any(isinstance(m, AsText) for m in info.metadata) or inside(info.annotation)


def _not_yet(node: Node, values: dict[str, Any], section: type[Section], path: tuple[str, ...]) -> list[Diagnostic]:
    """Refuse what the format names and this version does not do; take it out so that it is reported once."""
    found: list[Diagnostic] = []
    for name, child in node.pairs:
        inner, info = _section(section, name.text, child)
        later = extra_of(info)["later"] if info is not None else False
        where = ".".join((*path, name.text))
        if later is True:
            found.append(Diagnostic("S104", f"`{where}` is part of the format, but not yet of this version", name.span, "remove it for now"))
            values.pop(name.text, None)
        elif isinstance(later, tuple) and child.kind == "scalar" and child.text in later:
            found.append(
                Diagnostic("S104", f"`{where}: {child.text}` is part of the format, but not yet of this version", child.span, "choose another for now")
            )
            values.pop(name.text, None)
        elif inner is not None and child.kind == "map" and isinstance(values.get(name.text), dict):
            found += _not_yet(child, values[name.text], inner, (*path, name.text))
    return found


def _warnings(node: Node, section: type[Section], path: tuple[str, ...]) -> list[Diagnostic]:
    """Name scalars that other YAML tools read otherwise."""
    found: list[Diagnostic] = []
    for name, child in node.pairs:
        inner, info = _section(section, name.text, child)
        if inner is not None and child.kind == "map":
            found += _warnings(child, inner, (*path, name.text))
            continue
        wants_text = info is not None and _wants_text(info)
        for item in child.items if child.kind == "list" else [child]:
            if item.kind != "scalar" or item.quoted:
                continue
            if wants_text and _BOOLEAN_ELSEWHERE.match(item.text):
                edit = () if item.given else (Edit(item.span, f'"{item.text}"'),)
                found.append(
                    Diagnostic(
                        "W202",
                        f"`{item.text}` is text here; many YAML tools read it as true or false",
                        item.span,
                        f'write "{item.text}" to be safe everywhere',
                        edits=edit,
                    )
                )
            elif not wants_text and info is not None and re.fullmatch(r"[-+]?0\d+", item.text):
                found.append(Diagnostic("W201", f"the leading zero of `{item.text}` is lost", item.span, f"this is {int(item.text)}"))
    return found
