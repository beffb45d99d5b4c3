"""Applies the fixes that are certain to the text of a spec; comments and everything else stay as they are."""

from pathlib import Path

from automl.spec.diagnostics import Diagnostic, Edit
from automl.spec.load import load_text

ROUNDS = 8  # a fix may uncover the next error


def fixed(text: str, path: Path) -> tuple[str, list[Diagnostic]]:
    """Return the text with every certain fix applied, and the problems that were fixed."""
    done: list[Diagnostic] = []
    for _ in range(ROUNDS):
        found = [d for d in load_text(text.encode(), path, {}, with_data=False).found if d.edits]
        if not found:
            break
        changed = _apply(text, found, done)
        if changed == text:
            break
        text = changed
    return text, done


def _apply(text: str, found: list[Diagnostic], done: list[Diagnostic]) -> str:
    """Apply the fixes of diagnostics that do not touch each other's lines; the rest waits for the next round."""
    lines = text.split("\n")
    touched: set[int] = set()
    for diagnostic in sorted(found, key=lambda d: (d.span.line, d.span.column), reverse=True):
        own = {edit.span.line for edit in diagnostic.edits}
        if own & touched or (len(own) > 1 and touched):
            continue
        touched |= own
        for edit in sorted(diagnostic.edits, key=lambda e: (e.span.line, e.span.column), reverse=True):
            _edit(lines, edit)
        done.append(diagnostic)
        if len(own) > 1:  # lines have moved
            break
    return "\n".join(lines)


def _edit(lines: list[str], edit: Edit) -> None:
    index = edit.span.line - 1
    if edit.delete_line:
        del lines[index]
        return
    line = lines[index]
    lines[index] = line[: edit.span.column - 1] + edit.text + line[edit.span.end_column - 1 :]
