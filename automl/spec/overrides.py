"""`--set a.b=c` as nodes of the spec's own tree, so that an override meets every check that the file meets.

Each override becomes a line after the last line of the text; what is wrong with it is shown there, under the argument.
"""

from automl.errors import SpecError
from automl.spec.diagnostics import Span
from automl.spec.environment import masked
from automl.spec.nodes import Node, parse

_SHORT = {"data": "train", "task": "type", "quantize": "precisions"}


def apply(root: Node, overrides: dict[str, str], first_line: int) -> list[str]:
    """Put overrides into the tree; return their lines, which stand from `first_line` on.

    Raises SpecError when a key is not of the form a.b, passes through a value, or holds what no text may hold.
    """
    lines = []
    for number, (key, value) in enumerate(overrides.items()):
        line = f"--set {key}={value}".replace("\n", "\\n")
        lines.append(line)
        _apply(root, key, _node(key, value, first_line + number), first_line + number, masked(line))
    return lines


def _node(key: str, value: str, line: int) -> Node:
    tree, problems = parse(value)
    if any(d.code == "Y003" for d in problems):
        raise SpecError(f"--set {key}: a character that cannot stand in a spec", "--set")
    column = len(f"--set {key}=")
    if problems or tree is None or "\n" in value:
        return Node("scalar", Span(line, column + 1, column + 1 + max(1, len(value))), value, quoted=True, given=True)
    return _moved(tree, line, column)


def _moved(node: Node, line: int, columns: int) -> Node:
    """Return the tree at its place in the argument's line."""
    span = Span(line, node.span.column + columns, node.span.end_column + columns)
    pairs = [(_moved(k, line, columns), _moved(v, line, columns)) for k, v in node.pairs]
    return Node(node.kind, span, node.text, node.quoted, pairs, [_moved(i, line, columns) for i in node.items], node.size, given=True)


def _apply(root: Node, key: str, value: Node, line: int, shown: str) -> None:
    parts = key.split(".")
    if not all(parts) or "<<" in parts:
        raise SpecError(f"{shown}\n      ^ the key is not of the form a.b", "--set", "for example --set constraints.time=5m")
    at, column = root, 7
    for part in parts[:-1]:
        place = Span(line, column, column + len(part))
        child = at.child(part)
        if child is not None and child.kind == "scalar" and part in _SHORT and at is root and child.text:
            child = Node("map", child.span, pairs=[(Node("scalar", child.span, _SHORT[part]), child)])
            at.put(part, child, place)
        if child is None or (child.kind == "scalar" and not child.text):
            child = Node("map", place, given=True)
            at.put(part, child, place)
        if child.kind != "map":
            raise SpecError(f"{shown}\n{' ' * (column - 1)}{'^' * len(part)} `{part}` holds a value, not keys", "--set")
        at, column = child, column + len(part) + 1
    at.put(parts[-1], value, Span(line, column, column + len(parts[-1])))
