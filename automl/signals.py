"""Ctrl-C and SIGTERM: once ends the search and keeps the best, twice ends running trials too, thrice leaves; or once, where the spec says so."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from automl.search.loop import Stop


@dataclass
class Signals:
    """What was asked by signals so far."""

    stop: Stop = field(default_factory=Stop)
    terminated: bool = False
    count: int = 0

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take a signal; before the search begins there is nothing to keep, so it simply ends the program."""
        self.count += 1
        self.terminated = self.stop.terminated = self.terminated or number == signal.SIGTERM
        if not self.stop.active or self.stop.at_once or self.count > 2:
            raise KeyboardInterrupt
        if self.count == 1:
            print("\nstopping: running trials may end, then the best model is kept (again: end them now)", file=sys.stderr, flush=True)
            self.stop.soft.set()
        else:
            self.stop.hard.set()


@contextmanager
def watched(numbers: Sequence[int] = (signal.SIGINT, signal.SIGTERM)) -> Iterator[Signals]:
    """Handle these signals while the block runs; only the main thread can."""
    signals = Signals()
    before = {number: signal.signal(number, signals.handle) for number in numbers}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
