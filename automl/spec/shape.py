"""pydantic's errors as diagnostics: at their place, in the user's words, one per mistake, with the fix where it is certain."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from automl.errors import did_you_mean
from automl.spec.diagnostics import Diagnostic, Edit, Span, lines_of
from automl.spec.keys import Section, section_of
from automl.spec.model import Spec
from automl.spec.nodes import Node
from automl.spec.suggest import all_keys, keys_in, suggest_key
from automl.spec.tasks import BRANCHES, TYPES
from automl.spec.values import suggest_value

Path = tuple[str | int, ...]
MOST_SUGGESTIONS = 50  # of unknown keys; beyond, something else is wrong than a typo


@dataclass
class Source:
    """The text a spec came from, as a tree; turns a path of keys into a place."""

    file: str
    text: str
    root: Node

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the text."""
        return lines_of(self.text)

    def node(self, path: Path) -> Node | None:
        """Return the node at a path, or None."""
        node: Node | None = self.root
        for part in path:
            node = node.child(part) if node is not None else None
        return node

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Return where the value (or key) at a path stands; the nearest parent's place when it is not written."""
        node, span = self.root, self.root.span
        for index, part in enumerate(path):
            child = node.child(part)
            if child is None:
                return span
            at_key = node.key_span(part) if isinstance(part, str) else None
            span = at_key if at_key and ((index == len(path) - 1 and key) or child.kind == "map") else child.span
            node = child
        return span


def section_at(path: Path, source: Source) -> type[Section] | None:
    """Return the section whose keys stand under a path; for `task` the branch that its type chooses."""
    section: type[Section] | None = Spec
    for part in path:
        if section is Spec and part == "task":
            node = source.node(("task", "type"))
            section = BRANCHES.get(node.text if node is not None else "")
            continue
        info = next((i for f, i in section.model_fields.items() if (i.alias or f) == part), None) if section else None
        section = section_of(info) if info is not None else None
    return section


def explain(fault: ValidationError, source: Source) -> list[Diagnostic]:
    """Return the errors of a spec, at most one per mistake."""
    found: list[Diagnostic] = []
    taken: set[Path] = set()
    offered: set[str] = set()
    for error in sorted(fault.errors(), key=lambda e: e["type"] == "missing"):
        path, node = _walk(error["loc"], source.root)
        kind = error["type"]
        if kind == "extra_forbidden":
            diagnostic, near = _unknown_key(path, source, len(found) < MOST_SUGGESTIONS)
            offered.add(near)
            found.append(diagnostic)
        elif kind == "union_tag_not_found" and (meant := _misspelt_type(path, source)) is not None:
            found.append(meant)
        elif kind in ("missing", "union_tag_not_found"):
            path = (*path, "type") if kind == "union_tag_not_found" else path
            dotted = ".".join(map(str, path))
            if dotted not in offered and not any(o.startswith(dotted + ".") for o in offered):  # the key is there, misspelt: one mistake, one error
                found.append(_missing(path, source))
        elif not any(path[: len(t)] == t or t[: len(path)] == path for t in taken):  # branches of a union complain about one value
            taken.add(path)
            found.append(_value(kind, error, path, node, source))
    return found


def _walk(loc: Path, root: Node) -> tuple[Path, Node | None]:
    """Return the part of a pydantic location that is in the file; markers of unions and validators are dropped."""
    path: Path = ()
    node: Node | None = root
    for index, part in enumerate(loc):
        child = node.child(part) if node is not None else None
        if child is not None:
            path, node = (*path, part), child
        elif index == len(loc) - 1 and node is not None and node.kind != "list" and isinstance(part, str) and part.isidentifier() and _is_key(path, part):
            return (*path, part), None
    return path, node


def _is_key(path: Path, part: str) -> bool:
    """Return whether a word can be a key of the section at a path; markers of validators cannot."""
    dotted = ".".join(map(str, path))
    return any(k.path == f"{dotted}.{part}".lstrip(".") for k in all_keys())


def _misspelt_type(path: Path, source: Source) -> Diagnostic | None:
    """Return the error for a key that was meant as `type`; without a type its section is not looked into."""
    node = source.node(path)
    for name, value in node.pairs if node is not None else []:
        if did_you_mean(name.text, ["type"], 0.7) and name.text != "type":
            fix = f"type: {value.text}"
            return Diagnostic("S101", f"unknown key `{name.text}` in `task`", name.span, "did you mean `task.type`?", fix, edits=(Edit(name.span, "type"),))
    return None


def _missing(path: Path, source: Source) -> Diagnostic:
    parent = path[:-1]
    where = f"`{'.'.join(map(str, parent))}`" if parent else "the spec"
    examples = {
        "data": "data: customers.csv",
        "task": "task: {type: classification, target: churned}",
        "type": "type: classification",
        "target": "target: churned",
    }
    return Diagnostic("S102", f"`{path[-1]}` is missing in {where}", source.span(parent, key=True), fix=examples.get(str(path[-1]), f"{path[-1]}: …"))


def _unknown_key(path: Path, source: Source, suggest: bool) -> tuple[Diagnostic, str]:
    word, parent = str(path[-1]), path[:-1]
    dotted = ".".join(map(str, parent))
    section = section_at(parent, source) or Spec
    span = source.span(path, key=True)
    if parent == ("task",):
        other = [name for name, branch in BRANCHES.items() if branch is not section and word in [i.alias or f for f, i in branch.model_fields.items()]]
        if other:
            kind = source.node(("task", "type"))
            second = (kind.span, f"this task has no {word}") if kind is not None else None
            message = f"`{word}` is not used by `type: {kind.text if kind else ''}`"
            note = f"`{word}` is used by `type: {other[0]}`"
            return Diagnostic("S107", message, span, "not used here", notes=(note,), second=second), ""
    near = suggest_key(word, dotted, section) if suggest else ""
    where = f"`{dotted}`" if dotted else "the spec"
    notes = (f"keys of {where}: {', '.join(keys_in(section))}",)
    fix = ""
    edits: tuple[Edit, ...] = ()
    node = source.node(path)
    if near and node is not None:
        fix, edits = _move(near, path, node, span, source)
    label = f"did you mean `{near}`?" if near else ""
    return Diagnostic("S101", f"unknown key `{word}` in {where}", span, label, fix, notes, edits=edits), near


def _move(near: str, path: Path, node: Node, span: Span, source: Source) -> tuple[str, tuple[Edit, ...]]:
    """Return how a key gets to where it belongs, in words, and as edits where nothing else could be meant."""
    parent, _, name = near.rpartition(".")
    dotted = ".".join(map(str, path[:-1]))
    flow = _raw(node, source)
    if source.node(tuple(near.split("."))) is not None:
        return f"remove `{path[-1]}`, or keep it as `{near}`", ()  # the right key is there too: which value holds is the user's to say
    if node.given and node.span.line > len(source.lines) - 1:
        return f"{name}: …", ()
    if parent == dotted:
        return f"{name}: {flow}" if flow else f"{name}: …", (Edit(span, name),)
    inside = near[len(dotted) + 1 :] if dotted and near.startswith(dotted + ".") else near
    parts = inside.split(".")
    text = f"{parts[-1]}: {flow or '…'}"
    for part in reversed(parts[:-1]):
        text = f"{part}: {{{text}}}"
    line = source.lines[span.line - 1]
    alone = line.strip().startswith(str(path[-1])) and node.kind == "scalar" and flow and node.span.line == span.line
    top = parts[0]
    anchor = path[:-1] if inside != near or not dotted else ()
    comment = line[node.span.end_column - 1 :].rstrip() if alone else ""
    if alone and source.node((*anchor, top)) is None:
        indent = line[: len(line) - len(line.lstrip())] if anchor else ""
        whole = Span(span.line, 1, len(line) + 1)
        if anchor or not dotted:
            return text, (Edit(whole, indent + text + comment),)
        end, last = len(source.lines), source.lines[-1]
        if end == span.line:
            return text, (Edit(whole, text + comment),)
        return text, (Edit(whole, "", delete_line=True), Edit(Span(end, len(last) + 1, len(last) + 1), "\n" + text + comment))
    holder = source.node((*anchor, *parts[:-1]))
    if alone and holder is not None and holder.kind == "map" and holder.pairs and len(parts) == 2:
        first = holder.pairs[0][0].span
        if first.line != source.span((*anchor, top), key=True).line:  # block style: put it above the first key
            pad = " " * (first.column - 1)
            return text, (Edit(Span(span.line, 1, len(line) + 1), "", delete_line=True), Edit(Span(first.line, 1, 1), f"{pad}{parts[-1]}: {flow}{comment}\n"))
    return text, ()


def _raw(node: Node, source: Source) -> str:
    """Return a scalar as it is written, quotes included; nothing for what spans lines."""
    if node.kind != "scalar" or node.spread or node.given:
        return ""
    line = source.lines[node.span.line - 1]
    return line[node.span.column - 1 : node.span.end_column - 1]


def _value(kind: str, error: Any, path: Path, node: Node | None, source: Source) -> Diagnostic:
    name = ".".join(map(str, path)) or "the spec"
    text = node.text if node is not None and node.kind == "scalar" else ""
    written = f"`{text[:60]}`" if text else "this"
    span, context = source.span(path), error.get("ctx", {})
    certain = node is not None and not node.given and not node.spread
    if kind == "union_tag_invalid":
        kind_node = source.node((*path, "type"))
        place, text = (kind_node.span, kind_node.text) if kind_node is not None else (span, text)
        near = suggest_value(text, list(TYPES))
        notes = tuple(f"{n:<25} {words}" for n, words in TYPES.items())
        edits = (Edit(place, near),) if near else ()
        return Diagnostic(
            "S103", f"`{text}` is not a task type", place, f"did you mean `{near}`?" if near else "", f"type: {near}" if near else "", notes, edits=edits
        )
    if kind == "literal_error":
        allowed = [word.strip(" '\"") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        near = suggest_value(text, allowed)
        label = f"did you mean `{near}`?" if near else "one of: " + ", ".join(allowed)
        return Diagnostic(
            "S103",
            f"{written} is not a value of `{name}`",
            span,
            label,
            near and f"{path[-1]}: {near}" if isinstance(path[-1], str) else "",
            edits=(Edit(span, near),) if near and certain else (),
        )
    fixed = str(getattr(context.get("error"), "fix", "")) or _number_fix(kind, text)
    edits = (Edit(span, fixed),) if fixed and certain else ()
    message, label = _in_words(kind, error["msg"], name, written)
    if fixed and not label:
        label = f"write {fixed}"
    return Diagnostic("S103", message, span, label, f"{path[-1]}: {fixed}" if fixed and path else "", edits=edits)


def _number_fix(kind: str, text: str) -> str:
    """Return a number that was written in another country's way or with grouped digits."""
    if kind.startswith(("float", "int")):
        if re.fullmatch(r"[-+]?\d{1,3}(_\d{3})+|[-+]?\d+_\d+", text):
            return text.replace("_", "")
        grouped = re.fullmatch(r"[-+]?\d{1,3},\d{3}", text)  # 1,000: a thousand here, one there
        if kind.startswith("float") and re.fullmatch(r"[-+]?\d+,\d+", text) and not grouped:
            return text.replace(",", ".")
    return ""


def _in_words(kind: str, message: str, name: str, written: str) -> tuple[str, str]:
    """Return message and label of a value error, without pydantic's jargon."""
    if kind in ("value_error", "with_fix"):
        return f"`{name}`: {message.removeprefix('Value error, ')}", ""
    kinds = {
        "int": "a whole number", "float": "a number", "string_type": "text", "string_pattern": "a plain name (letters, digits, . _ - and spaces)",
        "model": "keys", "dict": "keys", "list": "a list", "bool": "true or false",
    }  # fmt: skip
    for start, wanted in kinds.items():
        if kind.startswith(start) and "finite" not in kind:
            return f"`{name}` takes {wanted}, not {written}", ""
    words = message.replace("Input should be", "must be").replace("Value should", "must").replace("String should", "must")
    return f"`{name}` {words[0].lower() + words[1:]}" + (f", not {written}" if written != "this" else ""), ""
