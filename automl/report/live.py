"""The page of a run that goes on: written again as results come, seldom enough to cost next to nothing."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from automl.report.eda_view import eda_view
from automl.report.render import html
from automl.report.running import running_view
from automl.rundir import RunDir, read_json, write_bytes

SHARE = 0.01  # of the time so far, that writing may take
LEAST = 3.0  # seconds between two pages
TOLD = ("phase", "resumed")  # events, beside ends of trials, after which there is something new to show


class Live:
    """Writes the page of a run while it goes on, where its spec asks for one; a page that cannot be written is left for the end."""

    def __init__(self, files: RunDir, formats: list[str], first: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic) -> None:
        self.files, self.wanted, self.first, self.clock = files, "html" in formats, first, clock
        self.seconds = 0.0
        self._began = clock()
        self._last: float | None = None
        self._data: Mapping[str, Any] | None = None

    def after(self, on_event: Callable[[dict[str, object]], None]) -> Callable[[dict[str, object]], None]:
        """Return the callback with a look at whether a page is due."""

        def told(event: dict[str, object]) -> None:
            on_event(event)
            kind = str(event.get("event"))
            if self.wanted and (kind in TOLD or (kind.startswith("trial_") and kind != "trial_started")) and self._due():
                self.write()

        return told

    def write(self) -> None:
        """Write the page now."""
        began = self.clock()
        try:
            if self._data is None:
                self._data = eda_view(read_json(self.files.profile), compact=True)
            write_bytes(self.files.report_html, html(running_view(self.files, "running", self._data)).encode())
        except Exception:  # the run matters, not its page: the disk may be full, or a file half there; the end says what is wrong
            self.wanted = False
            return
        self.seconds += self.clock() - began
        if self._last is None:
            self.first()
        self._last = self.clock()

    def _due(self) -> bool:
        if self._last is None:
            return True
        now = self.clock()
        return now - self._last >= LEAST and self.seconds <= SHARE * (now - self._began)
