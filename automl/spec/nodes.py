"""YAML text to a tree of nodes that know their place: ruamel's events, our limits, YAML 1.2 core scalars.

The only module that touches a YAML library. Reading from events rather than from a loaded tree gives the end of every
value, every duplicate key at once, and a budget on aliases before they expand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from automl.spec.diagnostics import Diagnostic, Edit, Span, lines_of

MAX_BYTES = 256 * 1024  # ruamel's pure parser needs over 10 CPU seconds per MB
MAX_DEPTH = 32
MAX_NODES = 10_000  # counting an alias at its expanded size

_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"^[-+]?[0-9]{1,400}$")
_RADIX = re.compile(r"^0(?:o[0-7]+|x[0-9a-fA-F]+)$")
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_SPECIAL = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}


@dataclass
class Node:
    """One value: `kind` is map, list or scalar; `items` holds (key, value) pairs or values."""

    kind: str
    span: Span
    text: str = ""
    quoted: bool = False
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)
    items: list["Node"] = field(default_factory=list)
    size: int = 1
    given: bool = False  # by --set, or through an alias: not a place of the file that can be edited
    spread: bool = False  # over several lines
    _index: dict[str, tuple["Node", "Node"]] | None = field(default=None, repr=False, compare=False)

    def child(self, key: str | int) -> "Node | None":
        """Return the value under a key or index, or None."""
        if isinstance(key, int):
            return self.items[key] if self.kind == "list" and key < len(self.items) else None
        found = self._lookup().get(key)
        return found[1] if found is not None else None

    def _lookup(self) -> dict[str, tuple["Node", "Node"]]:
        """Return the pairs by key, indexed again when there are more or fewer of them."""
        if self._index is None or len(self._index) != len(self.pairs):
            self._index = {pair[0].text: pair for pair in self.pairs}
        return self._index

    def put(self, key: str, value: "Node", place: Span) -> None:
        """Set the value of a key of this mapping; `place` is where the key stands."""
        self._index = None
        self.pairs = [pair for pair in self.pairs if pair[0].text != key]
        self.pairs.append((Node("scalar", place, key, given=True), value))

    def key_span(self, key: str) -> Span | None:
        """Return where a key of this mapping stands."""
        found = self._lookup().get(key)
        return found[0].span if found is not None else None

    def value(self) -> object:
        """Return the plain Python value of this node and all below it."""
        if self.kind == "map":
            return {name.text: node.value() for name, node in self.pairs}
        if self.kind == "list":
            return [node.value() for node in self.items]
        return self.text if self.quoted else scalar(self.text)


def scalar(text: str) -> object:
    """Resolve a plain scalar by the YAML 1.2 core schema; dates and 1_000 stay text."""
    if _NULL.match(text):
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.match(text):
        return int(text)
    if _RADIX.match(text):
        return int(text, 0)
    if len(text) < 400 and _FLOAT.match(text):
        return float(text)
    if text.lower() in _SPECIAL:
        return float(_SPECIAL[text.lower()])
    return text


class _Stop(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


def parse(text: str) -> tuple[Node | None, list[Diagnostic]]:
    """Return the tree of a YAML text, and what is wrong with the text; None when nothing can be read."""
    found = list(_forbidden(text))
    if found:
        return None, found
    reader = _Reader()
    try:
        return reader.read(text), reader.found
    except _Stop as stop:
        better = next(_lint(text), None) if stop.diagnostic.code == "Y005" else None
        return None, [*reader.found, better or stop.diagnostic]


def _forbidden(text: str) -> Iterator[Diagnostic]:
    """Find what may stand nowhere: too much text, control characters, directives before the content."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        yield Diagnostic("Y001", f"the spec is larger than {MAX_BYTES // 1024} kB", Span(1, 1, 2), "cut it down")
        return
    begun = False
    for number, line in enumerate(lines_of(text), 1):
        if match := _CONTROL.search(line):
            place = Span(number, match.start() + 1, match.start() + 2)
            yield Diagnostic("Y003", f"the character U+{ord(match.group()):04X} cannot stand here", place)
        if line.startswith("%") and not begun:
            place = Span(number, 1, len(line) + 1)
            yield Diagnostic("Y004", "YAML directives are not read", place, "remove this line", edits=(Edit(place, "", delete_line=True),))
        begun = begun or bool(line.strip() and not line.lstrip().startswith(("#", "%")))


def _lint(text: str) -> Iterator[Diagnostic]:
    """Name, in a text that could not be read, what the YAML scanner reports at another place or in its own jargon."""
    lines = lines_of(text)
    indents = [(n, line[: len(line) - len(line.lstrip(" \t"))]) for n, line in enumerate(lines, 1) if line.strip()]
    if tabs := [(n, indent) for n, indent in indents if "\t" in indent]:
        number, column = tabs[0][0], tabs[0][1].index("\t") + 1
        edits = tuple(Edit(Span(n, 1, len(indent) + 1), indent.replace("\t", "  ")) for n, indent in tabs)
        yield Diagnostic("Y002", "a tab is used to indent", Span(number, column, column + 1), "use spaces: YAML forbids tabs here", edits=edits)
    for number, line in enumerate(lines, 1):
        if "\u00a0" in line:
            place = Span(number, line.index("\u00a0") + 1, line.index("\u00a0") + 2)
            yield Diagnostic("Y003", "the character U+00A0 cannot stand here", place, "it only looks like a space", edits=(Edit(place, " "),))


class _Reader:
    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.lines: list[str] = []
        self.anchors: dict[str, Node] = {}
        self.open: set[str] = set()
        self.count = 0

    def read(self, text: str) -> Node | None:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        self.lines = lines_of(text)
        yaml = YAML(typ="safe", pure=True)
        yaml.version = "1.2"
        try:
            events = yaml.parse(text)
            root: Node | None = None
            for event in events:
                kind = type(event).__name__
                if kind == "DocumentStartEvent":
                    if root is not None:
                        raise _Stop(Diagnostic("Y006", "a second document starts here", _span(event), "one spec per file"))
                elif kind not in ("StreamStartEvent", "StreamEndEvent", "DocumentEndEvent"):
                    root = self._node(event, events, 0)
            return root
        except MarkedYAMLError as fault:
            mark = fault.problem_mark or fault.context_mark
            where = Span(mark.line + 1, mark.column + 1, mark.column + 2) if mark else Span(1, 1, 2)
            raise _Stop(_translate(fault.problem or fault.context or "cannot be read as YAML", where, text)) from None
        except (YAMLError, RecursionError, ValueError, OverflowError) as fault:
            raise _Stop(Diagnostic("Y005", f"cannot be read as YAML: {fault}".splitlines()[0], Span(1, 1, 2))) from None

    def _node(self, event: object, events: Iterator[object], depth: int) -> Node:
        kind, span = type(event).__name__, _span(event)
        if depth > MAX_DEPTH:
            raise _Stop(Diagnostic("Y007", f"nested deeper than {MAX_DEPTH}", span))
        if kind == "AliasEvent":
            return self._alias(event, span)
        tag, anchor = getattr(event, "tag", None), getattr(event, "anchor", None)
        if tag is not None and str(tag) != "!":
            line = self.lines[span.line - 1]
            written = re.match(r"!\S*\s*", line[span.column - 1 :])
            edits = (Edit(Span(span.line, span.column, span.column + written.end()), ""),) if written else ()
            raise _Stop(Diagnostic("Y008", f"the tag `{tag}` is not allowed", span, "remove it", edits=edits))
        if anchor:
            self.open.add(str(anchor))
        if kind == "ScalarEvent":
            node = self._scalar(event, span)
        elif kind == "SequenceStartEvent":
            node = self._sequence(span, events, depth)
        else:
            node = self._mapping(span, events, depth)
        self._spend(1, span)
        if anchor:
            self.open.discard(str(anchor))
            self.anchors[str(anchor)] = node
        return node

    def _scalar(self, event: Any, span: Span) -> Node:
        """Return a scalar, its span without the anchor before it."""
        if match := _CONTROL.search(event.value):
            raise _Stop(Diagnostic("Y003", f"the character U+{ord(match.group()):04X} cannot stand here", span))
        line = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        anchored = re.match(r"&\S+\s+", line[span.column - 1 :]) if event.anchor else None
        if anchored:
            span = Span(span.line, span.column + anchored.end(), max(span.end_column, span.column + anchored.end() + 1))
        spread = event.end_mark.line != event.start_mark.line
        return Node("scalar", span, event.value, quoted=event.style in ("'", '"', "|", ">"), spread=spread)

    def _alias(self, event: object, span: Span) -> Node:
        name = str(getattr(event, "anchor", ""))
        if name in self.open or name not in self.anchors:
            line = self.lines[span.line - 1]
            written = re.match(r"\*[^\s,\]}#]+", line[span.column - 1 :])
            word = written.group() if written else f"*{name}"
            place = Span(span.line, span.column, span.column + len(word))
            known = (f"anchors: {', '.join(self.anchors)}",) if self.anchors else ()
            why = "refers to itself" if name in self.open else "is an alias to YAML, and nothing is marked `&" + name + "`"
            key = line[: span.column - 1].strip()
            raise _Stop(
                Diagnostic("Y009", f"`{word}` {why}", place, "quote it, if text was meant", f'{key} "{word}"', known, edits=(Edit(place, f'"{word}"'),))
            )
        self._spend(self.anchors[name].size, span)
        return replace(self.anchors[name], span=span, given=True)

    def _spend(self, nodes: int, span: Span) -> None:
        self.count += nodes
        if self.count > MAX_NODES:
            raise _Stop(Diagnostic("Y010", f"aliases and values expand to more than {MAX_NODES} values", span))

    def _sequence(self, span: Span, events: Iterator[object], depth: int) -> Node:
        node = Node("list", span)
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            node.items.append(self._node(event, events, depth + 1))
        node.size = 1 + sum(item.size for item in node.items)
        return node

    def _mapping(self, span: Span, events: Iterator[object], depth: int) -> Node:
        node = Node("map", span)
        merged: list[tuple[Node, Node]] = []
        seen: dict[str, Span] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if key.kind != "scalar":
                self.found.append(Diagnostic("Y011", "a key must be a plain word", key.span))
            elif key.text == "<<" and not key.quoted:
                sources = value.items or [value]
                if any(source.kind != "map" for source in sources):
                    self.found.append(Diagnostic("Y005", "`<<` takes a mapping, or a list of them", value.span, "an alias to one is missing"))
                merged += [(k, replace(v, given=True)) for source in sources for k, v in source.pairs]
            elif key.text in seen:
                self.found.append(
                    Diagnostic(
                        "Y012", f"key `{key.text}` is set twice", key.span, "second value",
                        notes=("keep one; YAML does not merge them",), second=(seen[key.text], "first set here"),
                    )
                )  # fmt: skip
            else:
                seen[key.text] = key.span
                node.pairs.append((key, value))
        for key, value in merged:  # an own key wins over a merged one, an earlier merge over a later
            if key.text not in seen:
                seen[key.text] = key.span
                node.pairs.append((key, value))
        node.size = 1 + sum(key.size + value.size for key, value in node.pairs)
        return node


def _span(event: object) -> Span:
    start, end = event.start_mark, event.end_mark  # type: ignore[attr-defined]
    column = start.column + 1
    return Span(start.line + 1, column, end.column + 1 if end.line == start.line and end.column > start.column else column + 1)


def _translate(problem: str, where: Span, text: str) -> Diagnostic:
    """Put the scanner's wording into the user's words, at the line where the slip is."""
    lines = lines_of(text)
    if problem.startswith("mapping values are not allowed") and where.line >= 2:
        before = lines[where.line - 2]
        if re.match(r"^\s*[\w.-]+:\S", before):
            column = before.index(":") + 1
            place = Span(where.line - 1, column, column + 1)
            return Diagnostic(
                "Y005", "a space is missing after the colon", place, "put one here", before.strip().replace(":", ": ", 1), edits=(Edit(place, ": "),)
            )
    if "unknown escape character" in problem:
        back = Span(where.line, max(1, where.column - 1), where.column)
        strings = [m for m in re.finditer(r'"(?:[^"\\]|\\.)*"', lines[where.line - 1]) if m.start() < where.column <= m.end()]
        quoted = strings[0] if strings and not re.search(r"""['"]|\\["\\]""", strings[0].group()[1:-1]) else None
        edits = (Edit(Span(where.line, quoted.start() + 1, quoted.end() + 1), f"'{quoted.group()[1:-1]}'"),) if quoted else ()
        return Diagnostic("Y005", "a backslash in double quotes starts an escape", back, "use single quotes or forward slashes", edits=edits)
    return Diagnostic("Y005", f"cannot be read as YAML: {problem}", where)
