"""A word cloud as boxes: where each word stands and how large, so that a page only has to draw."""

from collections.abc import Sequence
from typing import Any

import numpy as np

WIDTH, HEIGHT = 600.0, 300.0
LARGEST, SMALLEST = 44.0, 11.0
CHARACTER = 0.58  # mean width of a letter of a sans-serif face, in font sizes
LINE = 1.15
FILLED = 0.45  # of the box; more cannot be packed by a spiral


def word_cloud(counts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return `word`, `rows`, its middle `x`, `y` in a box of 600 by 300 and its font `size`; words that find no place are left out.

    Sizes go with the square root of the count, so that areas compare, and shrink until all words have room. The most frequent
    stands in the middle, each next one at the first free place on a spiral (Viégas, Wattenberg & Feinberg 2009).
    """
    if not counts:
        return []
    greatest = max(n for _, n in counts)
    area = CHARACTER * LINE * sum(len(word) * n / greatest for word, n in counts)  # of all boxes, were the largest font 1 high
    largest = min(LARGEST, (FILLED * WIDTH * HEIGHT / area) ** 0.5)
    angles = np.arange(0, 90, 0.18)
    spiral = np.stack([3.2 * angles * np.cos(angles), 1.6 * angles * np.sin(angles)], axis=1)  # twice as wide as high, as the box
    boxes = np.zeros((0, 4))
    out = []
    for word, n in sorted(counts, key=lambda c: -c[1]):
        size = max(SMALLEST, largest * (n / greatest) ** 0.5)
        half = np.array([CHARACTER * size * len(word), LINE * size]) / 2
        inside = np.all(np.abs(spiral) + half <= np.array([WIDTH, HEIGHT]) / 2, axis=1)
        beside = np.abs(spiral[:, None, :] - boxes[None, :, :2]) >= half + boxes[None, :, 2:]
        free = np.flatnonzero(inside & np.all(np.any(beside, axis=2), axis=1))
        if len(free):
            at = spiral[free[0]]
            boxes = np.vstack([boxes, [*at, *half]])
            x, y = (round(float(v), 1) for v in at + np.array([WIDTH, HEIGHT]) / 2)
            out.append({"word": word, "rows": n, "x": x, "y": y, "size": round(float(size), 1)})
    return out
