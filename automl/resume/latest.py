"""A usable model at every moment: the best trial so far stands as the run's artifact while the search goes on."""

import time
from collections.abc import Callable
from typing import Any

from automl.artifact.pack import publish
from automl.errors import ArtifactError
from automl.finalize.candidate import Candidate
from automl.finalize.refit import baseline_candidate, fold_candidate
from automl.plan.plan import Plan
from automl.rundir import RunDir, read_json
from automl.search.store import Store
from automl.search.study import Study, Trial

SHARE = 0.01  # of the time so far, that publishing may take, and as much of the whole budget beside it
AT_ONCE = 0.25  # seconds in its place where there is no limit


class Latest:
    """Publishes, seldom enough to cost less than 2 % of the budget; `facts` are those of a manifest.

    `comparable`: the trial that the artifact of an earlier start was made of is still one of the run's.
    """

    def __init__(self, plan: Plan, store: Store, files: RunDir, facts: dict[str, Any], seconds: float | None, *, comparable: bool) -> None:
        self.plan, self.store, self.files, self.facts = plan, store, files, facts
        self.at_once = AT_ONCE if seconds is None else SHARE * seconds
        self.seconds = 0.0
        self._began = time.monotonic()
        self._last = 0.0
        self._wanted: Trial | None = None
        there = _published(files)
        self.trial: int | None = there.get("trial") if comparable else None
        if not there:
            self._publish(baseline_candidate(plan, store))

    def offer(self, study: Study) -> None:
        """Take in that another trial is the best, and publish it now, or when it may cost that."""
        self._wanted = study.ranked()[0]
        self._maybe()

    def after(self, on_event: Callable[[dict[str, object]], None]) -> Callable[[dict[str, object]], None]:
        """Return the callback with a look at whether a trial still waits to be published."""

        def told(event: dict[str, object]) -> None:
            on_event(event)
            self._maybe()

        return told

    def _maybe(self) -> None:
        trial = self._wanted
        if trial is None or self.seconds + self._last > self.at_once + SHARE * (time.monotonic() - self._began):
            return
        self._wanted = None
        if trial.number == self.trial:
            return
        began = time.monotonic()
        candidate = fold_candidate(self.plan, trial, self.store, self.files)
        self.seconds += time.monotonic() - began
        if candidate is not None:
            self._publish(candidate)

    def _publish(self, candidate: Candidate) -> None:
        began = time.monotonic()
        publish(self.files, candidate, self.plan.fields, self.facts)
        self._last = time.monotonic() - began
        self.seconds += self._last
        self.trial = candidate.trial


def _published(files: RunDir) -> dict[str, Any]:
    """Return the manifest of the artifact that is there, empty where none can be used."""
    from automl.artifact.load import Predictor

    try:
        Predictor(files.artifact)
        manifest: dict[str, Any] = read_json(files.artifact / "manifest.json")
        return manifest
    except (ArtifactError, OSError, ValueError):
        return {}
