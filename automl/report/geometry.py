"""Numbers to places on a small picture: the template draws, this computes."""

from collections.abc import Sequence


def bars(counts: Sequence[float]) -> list[float]:
    """Return bar heights within 0 and 1."""
    top = max(counts, default=0)
    return [round(c / top, 4) for c in counts] if top else []
