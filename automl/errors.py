"""Every way a run can fail, as one tree; each leaf carries the exit code that tells the user what to do next.

AutoMLError                70  our bug, unless a subclass says otherwise
├── GateFailed              1  finished, but a gate, a `fail` check or a hard constraint was not met
├── UsageError              2  the command line
│   └── SpecError           2  the text of the spec, or what it means
├── DataError               3  the data cannot be read, or do not fit the spec
│   └── NoRowsError         3  a table with columns and no rows
├── NoModelError            4  the budget ended without a usable model
├── MissingPackageError     5  an optional package is not installed
├── EnvironmentFault        6  disk, lock, device
└── ArtifactError           7  an artifact was refused
"""

import os
from collections.abc import Sequence
from difflib import get_close_matches

STOPPED_BY_SIGINT = 130
STOPPED_BY_SIGTERM = 143


class AutoMLError(Exception):
    """A failure a user can read: what is wrong, where, and what to do now."""

    exit_code = 70

    def __init__(self, problem: str, where: str = "", fix: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where
        self.fix = fix

    def render(self) -> str:
        """Return the message as at most three labelled lines."""
        lines = [f"error: {self.problem}"]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.fix:
            lines.append(f"  fix:   {self.fix}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a stack; it shows the stack where this raises, which it does with AUTOML_DEBUG set."""
        if os.environ.get("AUTOML_DEBUG"):
            raise NotImplementedError
        return self.render().splitlines()


class GateFailed(AutoMLError):
    """The run finished, but something the user declared as a condition does not hold."""

    exit_code = 1


class UsageError(AutoMLError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class SpecError(UsageError):
    """The spec is wrong; `text` holds every problem, already rendered with its place, `diagnostics` the same as records."""

    def __init__(self, problem: str, where: str = "", fix: str = "", text: str = "", diagnostics: Sequence[object] = ()) -> None:
        super().__init__(problem, where, fix)
        self.text = text
        self.diagnostics = tuple(diagnostics)

    def render(self) -> str:
        """Return the rendered diagnostics, or the plain message where there are none."""
        return self.text or super().render()


class DataError(AutoMLError):
    """The data cannot be read, or contradict the spec; `text` and `diagnostics` as in SpecError."""

    exit_code = 3

    def __init__(self, problem: str, where: str = "", fix: str = "", text: str = "", diagnostics: Sequence[object] = ()) -> None:
        super().__init__(problem, where, fix)
        self.text = text
        self.diagnostics = tuple(diagnostics)

    def render(self) -> str:
        """Return the rendered diagnostics, or the plain message where there are none."""
        return self.text or super().render()


class NoRowsError(DataError):
    """A table has columns and not a single row: nothing to learn from, and nothing to predict."""


class NoModelError(AutoMLError):
    """The budget ended and nothing usable was trained."""

    exit_code = 4


class MissingPackageError(AutoMLError):
    """An optional package is needed; `fix` has the pip line."""

    exit_code = 5


class EnvironmentFault(AutoMLError):
    """The machine refused: disk, lock, device, worker start."""

    exit_code = 6


class ArtifactError(AutoMLError):
    """An artifact is damaged, foreign or from another version."""

    exit_code = 7


def did_you_mean(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """Return the nearest of `known` to `word`, or an empty string.

    Case, spaces and dashes are ignored first, as most slips are of that kind.
    """

    def plain(text: str) -> str:
        return text.lower().replace("-", "_").replace(" ", "_")

    table = {plain(k): k for k in reversed(known)}
    near = get_close_matches(plain(word), list(table), n=1, cutoff=cutoff)
    return table[near[0]] if near else ""
