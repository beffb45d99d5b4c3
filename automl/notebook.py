"""Progress in a notebook: one display, rewritten at most twice a second; plain lines on stderr elsewhere."""

import html
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from automl.metrics import METRICS
from automl.spec.units import human_seconds

PAUSE = 0.5  # seconds between two looks of the display


def in_notebook() -> bool:
    """Return whether a kernel of Jupyter runs this, which shows what is displayed."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


class Live:
    """Call it with the events of a run. `seconds` is the budget; `write` shows a line, the display of a notebook when left out."""

    def __init__(self, seconds: float | None, write: Callable[[str], None] | None = None, task: str = "classification") -> None:
        self.seconds, self.task = seconds, task
        self.began = time.monotonic()
        self.phase, self.metric, self.family = "starting", "", ""
        self.done = self.failed = 0
        self.best: float | None = None
        self._write = write or _displayed()
        self._last = float("-inf")

    def __call__(self, event: Mapping[str, object]) -> None:
        """Take in an event; what is shown follows no more often than every half second, and at the end of the run."""
        kind = str(event["event"])
        if kind == "phase":
            self.phase, self.metric = str(event["phase"]), str(event.get("metric", self.metric))
        elif kind == "trial_ok":
            self.done += 1
            score = event.get("score")
            if score is not None and (self.best is None or METRICS.get(self.task, self.metric).better(float(str(score)), self.best)):
                self.best, self.family = float(str(score)), str(event["family"])
        elif kind.startswith("trial_") and kind not in ("trial_started", "trial_pruned", "trial_cancelled"):
            self.failed += 1
        now = time.monotonic()
        if kind == "finished" or now - self._last >= PAUSE:
            self._last = now
            self._write("finished" if kind == "finished" else self.line())

    def line(self) -> str:
        """Return where the run is: clock, phase, trials, best score."""
        used = human_seconds(time.monotonic() - self.began)
        parts = [f"{used} of {human_seconds(self.seconds)}" if self.seconds is not None else used, self.phase]
        if self.done or self.failed:
            parts.append(f"{self.done} trials" + (f", {self.failed} failed" if self.failed else ""))
        if self.best is not None:
            parts.append(f"best {self.metric} {self.best:.4f} ({self.family})")
        return " · ".join(parts)


class _Line:
    """A line of text as a notebook shows it, in HTML or plain."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<div style="font-family:system-ui,sans-serif;opacity:.8">{html.escape(self.text)}</div>'


def _displayed() -> Callable[[str], None]:
    """Return what shows a line in the one display of this run."""
    if not in_notebook():
        return lambda text: print(text, file=sys.stderr, flush=True)
    display: Any = sys.modules["IPython"].display.display
    handle = display(_Line("starting"), display_id=True)
    return lambda text: handle.update(_Line(text))
