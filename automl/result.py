"""What a run gives back to Python: its folder, its figures, its model, and how it shows itself in a notebook."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl.artifact.load import Predictor, load
from automl.report.card import card_html, card_markdown, card_text
from automl.rundir import RunDir, read_json
from automl.search.leaderboard import COLUMNS, rows_of

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = ("rank", "number", "score", "spread", "seconds", "peak_memory_mb", "size_bytes", "attempt")  # columns of the leaderboard


class Page:
    """The report of a run as a notebook shows it: the whole page in a frame of its own, so that its styles touch nothing else."""

    def __init__(self, path: Path, height: int) -> None:
        self.path, self.height = path, height

    def _repr_html_(self) -> str:
        page = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        if self.path.suffix != ".html":  # `report.formats` asked for no page
            return f'<pre style="max-height:{self.height}px;overflow:auto">{page}</pre>'
        return f'<iframe srcdoc="{page}" style="width:100%;height:{self.height}px;border:0" title="report of the run"></iframe>'

    def __repr__(self) -> str:
        return f"Page({str(self.path)!r})"


@dataclass(frozen=True)
class Run:
    """A finished run: its folder, its evaluation, and the artifact, loaded on demand; `found` where it had been finished before."""

    folder: Path
    evaluation: dict[str, Any]
    stopped_by_user: bool = False
    found: bool = False

    @property
    def report(self) -> Path:
        """Return the path of the report that a person opens: the page, or what `report.formats` asked for in its place."""
        return RunDir(self.folder).report

    def load(self) -> Predictor:
        """Return the predictor of the run."""
        return load(self.folder)

    def show(self, height: int = 800) -> Page:
        """Return the report for a notebook cell, `height` in pixels."""
        return Page(self.report, height)

    @cached_property
    def leaderboard(self) -> "pd.DataFrame":
        """Return a row per trial, best first: rank, family, state, score, seconds, what ended it, and its options."""
        import pandas as pd

        frame = pd.DataFrame(rows_of(RunDir(self.folder)), columns=["rank", *COLUMNS, "front"])
        for name in NUMBERS:
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        return frame

    @property
    def best(self) -> dict[str, Any]:
        """Return the record of the trial that ships, of an ensemble its best member: family, params, score, fold_scores; empty for the baseline."""
        number = self.evaluation.get("trial")
        return next((dict(t) for t in read_json(RunDir(self.folder).study)["trials"] if number is not None and t["number"] == number), {})

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Return what the look at the data found: check, column, mode, message and action of each."""
        return list(read_json(RunDir(self.folder).profile)["findings"])

    def to_markdown(self) -> str:
        """Return the report as markdown, for pull requests and assistants; the card where the run has none."""
        files = RunDir(self.folder)
        return files.report_md.read_text(encoding="utf-8") if files.report_md.is_file() else card_markdown(self._view(), self.folder)

    def _view(self) -> Mapping[str, Any]:
        """Return what the report says; of a run whose report.json is gone, its evaluation alone."""
        try:
            view: Mapping[str, Any] = read_json(RunDir(self.folder).report_json)
        except (OSError, ValueError):
            return {"evaluation": self.evaluation}
        return view

    def __repr__(self) -> str:
        return card_text(self._view(), self.folder)

    def _repr_html_(self) -> str:
        return card_html(self._view(), self.folder)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        view = self._view()
        return {
            "text/plain": card_text(view, self.folder), "text/html": card_html(view, self.folder), "text/markdown": card_markdown(view, self.folder),
        }  # fmt: skip
