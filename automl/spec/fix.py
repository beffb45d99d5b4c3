"""Applies the fixes that are certain to the text of a spec; comments and everything else stay as they are."""

import re
from pathlib import Path

from automl.spec.diagnostics import Diagnostic, Edit
from automl.spec.load import load_text

_LINE_END = re.compile(r"(\r\n|\r|\n)")
ROUNDS = 60  # fixes applied one by one; each may uncover the next error


def fixed(text: str, path: Path) -> tuple[str, list[Diagnostic]]:
    """Return the text with every certain fix applied, and the problems that were fixed.

    A fix is kept only when its problem is gone, nothing new is wrong with the YAML, and there are not more problems than
    before (one that was hidden behind the first may show).
    """
    done: list[Diagnostic] = []
    refused: set[tuple[str, str]] = set()
    before = _problems(text, path)
    for _ in range(ROUNDS):
        candidate = next((d for d in before if d.edits and (d.code, d.message) not in refused), None)
        if candidate is None:
            break
        changed = _apply(text, candidate.edits)
        after = _problems(changed, path)
        broken = {d.code for d in after if d.code.startswith("Y")} - {d.code for d in before}
        still = (candidate.code, candidate.message) in {(d.code, d.message) for d in after}
        if broken or still or (len(after) > len(before) and not candidate.code.startswith("Y")):
            refused.add((candidate.code, candidate.message))
            continue
        text, before = changed, after
        done.append(candidate)
    return text, done


def _problems(text: str, path: Path) -> list[Diagnostic]:
    return load_text(text.encode("utf-8", "surrogatepass"), path, {}, with_data=False).found


def _apply(text: str, edits: tuple[Edit, ...]) -> str:
    """Apply edits from the last place to the first; line ends stay what they are."""
    pieces = _LINE_END.split(text)  # line, end, line, end, …, line
    for edit in sorted(edits, key=lambda e: (e.span.line, e.span.column), reverse=True):
        index = 2 * (edit.span.line - 1)
        if edit.delete_line:
            del pieces[index : index + 2]
            continue
        line = pieces[index]
        pieces[index] = line[: edit.span.column - 1] + edit.text + line[edit.span.end_column - 1 :]
    return "".join(pieces)
