"""Axes of a picture: where a value stands, and which values are named beside it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
PAD = 0.05  # of the span, left free at both ends


@dataclass(frozen=True)
class Axis:
    """A stretch of `size` units from `low` to `high`; `flipped` where the greater value stands at 0, as heights do on a page."""

    low: float
    high: float
    size: float
    log: bool = False
    flipped: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value, kept within the axis."""
        low, high, value = (math.log10(v) for v in (self.low, self.high, max(value, self.low))) if self.log else (self.low, self.high, value)
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return round(self.size * (1 - share if self.flipped else share), 1)

    def ticks(self, tell: Callable[[float], str] | None = None, most: int = 5) -> list[tuple[float, str]]:
        """Return (place, text) of round values on the axis; `tell` writes a value, else with as many digits as tell neighbours apart."""
        values, digits = _powers(self.low, self.high, most) if self.log else _round(self.low, self.high, most)
        return [(self.at(v), tell(v) if tell else f"{v:,.{digits}f}" if not self.log else _short(v)) for v in values]


def linear(values: Sequence[float], size: float, *, zero: bool = False, flipped: bool = False, pad: float = PAD) -> Axis:
    """Return an axis around values (finite, at least one), from 0 where `zero`."""
    low, high = min(values), max(values)
    low = min(0.0, low) if zero else low
    room = pad * (high - low) or 0.05 * abs(high) or 0.5
    return Axis(low if zero and low == 0 else low - room, high + room, size, flipped=flipped)


def logarithmic(values: Sequence[float], size: float) -> Axis:
    """Return a logarithmic axis around positive values."""
    low, high = min(values), max(values)
    factor = (high / low) ** PAD if high > low * 1.01 else 2.0
    return Axis(low / factor, high * factor, size, log=True)


def _round(low: float, high: float, most: int) -> tuple[list[float], int]:
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(s * power for s in STEPS if span / (s * power) <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if abs(step / 10.0 ** math.floor(math.log10(step) + 1e-9) - 2.5) < 1e-6 else 0))
    return [round(i * step, 12) for i in range(first, last + 1)], digits


def _powers(low: float, high: float, most: int) -> tuple[list[float], int]:
    for steps in ((1, 2, 5), (1, 3), (1,)):
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        values = [s * 10.0**p for p in range(first, last + 1) for s in steps if low <= s * 10.0**p <= high]
        if len(values) <= most:
            break
    return values[:: math.ceil(len(values) / most)] if values else [low, high], 0


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:.6f}".rstrip("0")
