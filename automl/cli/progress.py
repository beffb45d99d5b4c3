"""Progress on stderr: one live line on a terminal, plain lines elsewhere; stdout stays for data."""

import os
import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Any

from automl.search.study import NO_TIME
from automl.spec.units import human_bytes, human_seconds

MISREAD = "[W305]"  # notes on the data that are told again at the end: the model could not use what they are about
HEARTBEAT = 15.0  # seconds between plain lines when nothing happens


class Progress:
    """Call it with events; as a context it keeps the live line moving."""

    def __init__(self, seconds: float | None, started: float, quiet: bool = False, verbose: bool = False) -> None:
        self.seconds, self.started, self.quiet, self.verbose = seconds, started, quiet, verbose
        self.live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not quiet and not verbose
        self.phase = "starting"
        self.done = self.failed = self.cut = 0
        self.misread: list[str] = []
        self.metric = ""
        self.best: float | None = None
        self.best_family = ""
        self.greater: bool | None = None
        self._last_line = time.monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        if not self.quiet:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()
        if self.live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, event: dict[str, object]) -> None:
        """Take in an event of the run."""
        kind = str(event["event"])
        if self.verbose:
            self._line(f"{kind} " + ", ".join(f"{k} {v}" for k, v in event.items() if k not in ("event", "seconds_used") and v != ""))
        if kind == "phase":
            self.phase = str(event["phase"])
            self.metric = str(event.get("metric", self.metric))
            self.greater = bool(event["greater_is_better"]) if "greater_is_better" in event else self.greater
            self._line(self.phase)
        elif kind == "resumed":
            self.done += int(str(event["complete"]))
            self.failed += int(str(event["failed"]))
            if event["best"] is not None:
                self.best, self.best_family = float(str(event["best"])), str(event["family"])
            self._note(f"going on: {event['trials']} trials of earlier starts are there, {human_seconds(float(str(event['spent_seconds'])))} were used")
        elif kind == "trial_ok":
            self.done += 1
            if self._better(event):
                score, seconds = float(str(event["score"])), float(str(event["seconds"]))
                self._line(f"trial {event['trial']} {event['family']}: {self.metric} {score:.4f} in {seconds:.1f} s, the best so far")
        elif kind.startswith("trial_") and kind != "trial_started":
            cut = kind == "trial_timeout" and event["cause"] == NO_TIME
            self.cut += cut
            self.failed += kind not in ("trial_pruned", "trial_cancelled") and not cut
            self._line(f"trial {event['trial']} {event['family']}: {kind.removeprefix('trial_')}, {event['cause']}")
        elif kind == "note":
            self._note(str(event["text"]))
            self.misread += [str(event["text"])] if str(event["text"]).endswith(MISREAD) else []
        elif kind == "refit_failed":
            self._line(f"the refit failed: {event['cause']}")

    def _better(self, event: dict[str, object]) -> bool:
        from automl.metrics import METRICS

        if event["score"] is None or not self.metric:
            return False  # of a task that compares trials within their kind only
        score = float(str(event["score"]))
        if self.best is None or METRICS.get("classification", self.metric).better(score, self.best):
            self.best, self.best_family = score, str(event["family"])
            return True
        return False

    def _note(self, text: str) -> None:
        """Write what a user should know of the data; it stays also where the live line moves on."""
        if not self.quiet:
            sys.stderr.write(("\r\x1b[K" if self.live else "") + f"note: {text}\n")
            sys.stderr.flush()

    def _line(self, text: str) -> None:
        if not self.live and not self.quiet:
            self._last_line = time.monotonic()
            sys.stderr.write(f"[{time.monotonic() - self.started:6.1f} s] {text}\n")
            sys.stderr.flush()

    def _status(self) -> str:
        used = time.monotonic() - self.started
        clock = human_seconds(used)
        if self.seconds is not None:
            share = min(1.0, used / self.seconds)
            filled = round(16 * share)
            clock = f"{'█' * filled}{'░' * (16 - filled)} {clock} of {human_seconds(self.seconds)}"
        best = f" · best {self.metric} {self.best:.4f} ({self.best_family})" if self.best is not None else ""
        failed = f", {self.failed} failed" if self.failed else ""
        trials = f" · {self.done} trials{failed}" if self.done or self.failed else ""
        return f"{clock} · {self.phase}{trials}{best}"

    def _tick(self) -> None:
        while not self._end.wait(0.5):
            if self.live:
                width = shutil.get_terminal_size().columns
                sys.stderr.write("\r" + self._status()[: width - 1] + "\x1b[K")
                sys.stderr.flush()
            elif time.monotonic() - self._last_line > HEARTBEAT:
                self._line(self._status())

    def summary(self, evaluation: dict[str, Any]) -> str:
        """Return the two lines a run ends with."""
        score, low, high, baseline = (
            "undefined" if v is None else f"{v:.4f}" for v in (evaluation["score"], *evaluation["interval"], evaluation["baseline_score"])
        )
        chosen = next(r for r in evaluation["precision_ladder"] if r["chosen"])
        rows = {"holdout": "rows kept apart", "out_of_fold": "rows, out of fold", "training": "training rows"}.get(evaluation["score_rows"], "rows")
        ends = f" ({low} to {high})" if evaluation["interval"][0] is not None else ""
        found = f"{evaluation['family']}, {_result(evaluation)}" if "objective" in evaluation else evaluation["family"]
        return (
            f"{found}: {evaluation['metric']} {score}{ends} on {evaluation['n_scored']} {rows}; baseline {baseline}\n"
            f"{chosen['precision']}, {human_bytes(chosen['size_bytes'])}; used {human_seconds(evaluation['budget']['used_seconds'])}"
            + (f" of {human_seconds(self.seconds)}" if self.seconds else "")
            + f"; {ended_words(evaluation['trials'])}"
        )


def ended_words(trials: dict[str, int]) -> str:
    """Return how the trials of a run ended: one that the end of the time cut did not fail."""
    cut = trials.get("cut", 0)
    failed = trials["failed"] - cut
    return f"{trials['complete']} trials, {failed} failed" + (f", {cut} cut by the end of the budget" if cut else "")


def _result(evaluation: dict[str, Any]) -> str:
    """Return what a task without a label came to, in words."""
    if "n_components" in evaluation:
        return f"{evaluation['n_components']} columns"
    noise = f" and {evaluation['noise_share']:.1%} noise" if evaluation["noise_share"] else ""
    return f"{evaluation['n_clusters']} clusters{noise}" + ("" if evaluation["structure"] else " (no clear structure)")
