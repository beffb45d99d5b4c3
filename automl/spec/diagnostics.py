"""A Diagnostic is one problem at one place of a text; here it is written down the way compilers do."""

import re
from dataclasses import dataclass, replace

from automl.spec.environment import masked


@dataclass(frozen=True)
class Span:
    """A stretch of text: lines and columns count from 1; `end_column` is exclusive and on the same line."""

    line: int
    column: int
    end_column: int


@dataclass(frozen=True)
class Edit:
    """A change of the text that is certain to be meant: `text` in place of a span, or a whole line taken out."""

    span: Span
    text: str
    delete_line: bool = False


@dataclass(frozen=True)
class Diagnostic:
    """One problem: `message` says what is wrong, `label` stands under the caret, `fix` can be pasted.

    Codes: Y text of the YAML, S shape of the spec, D data against spec, C meaning and constraints, W warning.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    fix: str = ""
    notes: tuple[str, ...] = ()
    second: tuple[Span, str] | None = None
    file: str = ""
    edits: tuple[Edit, ...] = ()

    @property
    def is_error(self) -> bool:
        """Return whether the spec cannot be used because of it."""
        return not self.code.startswith("W")

    def at(self, file: str) -> "Diagnostic":
        """Return the same diagnostic with its file named."""
        return replace(self, file=file)

    def quiet(self) -> "Diagnostic":
        """Return the same diagnostic without what can be a password in an address."""
        return replace(self, message=masked(self.message), label=masked(self.label), fix=masked(self.fix), notes=tuple(map(masked, self.notes)))

    def as_dict(self) -> dict[str, object]:
        """Return the fields of the machine form."""
        return {
            "code": self.code,
            "file": self.file,
            "line": self.span.line,
            "column": self.span.column,
            "message": self.message + (f"; {self.label}" if self.label else ""),
            "fix": self.fix,
        }


_WIDEST = 120
_BREAK = re.compile(r"\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """Return the lines as YAML 1.2 counts them; str.splitlines would also break at form feeds and U+2028."""
    return _BREAK.split(text)


def _excerpt(lines: list[str], span: Span, mark: str, label: str, gutter: int) -> list[str]:
    text = lines[span.line - 1].replace("\t", " ") if span.line <= len(lines) else ""
    start, width = span.column - 1, max(1, span.end_column - span.column)
    if len(text) > _WIDEST:  # a long line is shown around the caret
        cut = max(0, start - 40)
        text, start = "…" + text[cut : cut + _WIDEST - 2] + "…", start - cut + 1
        width = min(width, 60)
    pointer = " " * start + mark * width
    return [f"{span.line:>{gutter}} | {text}".rstrip(), f"{'':>{gutter}} | {pointer} {label}".rstrip()]


def render(diagnostic: Diagnostic, text: str) -> str:
    """Return the diagnostic with an excerpt of `text` and a caret under the place; a password in an address is not shown."""
    lines = lines_of(masked(text))
    span = diagnostic.span
    spans = [span] + ([diagnostic.second[0]] if diagnostic.second else [])
    gutter = len(str(max(s.line for s in spans)))
    kind = "error" if diagnostic.is_error else "warning"
    out = [f"{kind}[{diagnostic.code}]: {diagnostic.message}"]
    out.append(f"{'':>{gutter}}--> {diagnostic.file}:{span.line}:{span.column}")
    out.append(f"{'':>{gutter}} |")
    parts = [(span, "^", diagnostic.label)]
    if diagnostic.second:
        parts.append((diagnostic.second[0], "-", diagnostic.second[1]))
    previous = 0
    for where, mark, label in sorted(parts, key=lambda part: part[0].line):
        if previous and where.line > previous + 1:
            out.append("...")
        elif not previous and where.line > 1 and lines[where.line - 2 : where.line - 1]:
            before = lines[where.line - 2]
            if before.strip() and len(before) <= _WIDEST:
                out.append(f"{where.line - 1:>{gutter}} | {before}".rstrip())
        out += _excerpt(lines, where, mark, label, gutter)
        previous = where.line
    tail = [("fix", diagnostic.fix + ("    (automl fmt --fix does it)" if diagnostic.edits else ""))] if diagnostic.fix else []
    tail += [("note", note) for note in diagnostic.notes]
    tail.append(("help", f"automl explain {diagnostic.code}"))
    out.append(f"{'':>{gutter}} |")
    out += [f"{'':>{gutter}} = {name}: {value}" for name, value in tail]
    return "\n".join(out)


def render_all(diagnostics: list[Diagnostic], text: str, limit: int = 20) -> str:
    """Return every diagnostic up to `limit`, and a last line that counts them."""
    errors = sum(d.is_error for d in diagnostics)
    warnings = len(diagnostics) - errors
    blocks = [render(d, text) for d in diagnostics[:limit]]
    if len(diagnostics) > limit:
        blocks.append(f"… and {len(diagnostics) - limit} more")
    counts = [f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    name = diagnostics[0].file if diagnostics else "spec"
    closing = f"{name}: {', '.join(counts)}." + (" Nothing was run." if errors else "")
    return "\n\n".join([*blocks, closing])
