"""One job in a worker, followed to its end; what starts it and what its packets mean is the caller's."""

import time
from collections.abc import Iterator

from automl.search.loop import Stop
from automl.search.workers.local import Event, LocalExecutor


def events_of(executor: LocalExecutor, job: str, end: float, stop: Stop) -> Iterator[Event]:
    """Yield what a job that was submitted says, its exit the last.

    Past `end` (time.monotonic() scale), or when the user asked for the end, it is ended, which is told as an event of kind
    `cancelled` with `by_user` in its data, maybe more than once.
    """
    while job in executor.running:
        if time.monotonic() > end or stop.hard.is_set():
            executor.cancel(job)
            yield Event("cancelled", job, {"by_user": stop.hard.is_set()})
        yield from (event for event in executor.events(0.25) if event.job == job)
