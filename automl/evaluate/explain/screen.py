"""Which of very many columns change the answers most: blocks of columns are exchanged together, and the strongest are parted first."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from automl.data.fewer import sample
from automl.evaluate.explain.exchange import exchanged
from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.scored import Floats, Rows, Scored

ROWS = 300
FIRST = 4  # columns of the first block


@dataclass(frozen=True)
class Screened:
    """`chosen` columns, those that change answers most first; `unused` have changed none; `asked` predictions were made on `rows` rows."""

    chosen: tuple[str, ...]
    unused: tuple[str, ...]
    asked: int
    rows: int


def screen(scored: Scored, names: Sequence[str], most: int, seed: int, pace: Pace) -> Screened:
    """Return at most `most` of the columns `names`, which stand in the order in which they are believed to matter.

    Sequential bifurcation [Bettonvil and Kleijnen 1997]: the effect of a block is the mean over rows of how far the answers move
    (total variation) when all its columns are exchanged with another row's at once. Each block is as large as all before it. One
    that moves none holds no column that is used; of the others the strongest is halved, until its columns stand alone or the
    time is out. Then the first columns of the blocks with the most effect per column fill the places that are left.
    """
    few = scored.take(sample(np.arange(scored.n_rows), ROWS, seed))
    source = exchanged(few.units, np.random.default_rng(seed))
    base = few.predict()
    asked = 0
    heap: list[tuple[float, int, tuple[str, ...]]] = []
    unused: list[str] = []

    def add(block: Sequence[str]) -> None:
        nonlocal asked
        asked += 1
        moved = moves(few, base, block, source)
        if moved == 0.0:
            unused.extend(block)
        else:
            heapq.heappush(heap, (-moved, asked, tuple(block)))

    ends = [0, *(FIRST * 2**k for k in range(len(names).bit_length()) if FIRST * 2**k < len(names)), len(names)]
    pending = [tuple(names[a:b]) for a, b in pairwise(ends)]
    while pending and pace.fits(few.n_rows):
        add(pending.pop(0))
    singles: list[str] = []
    while heap and len(singles) < most and pace.fits(few.n_rows, 2):
        _, _, block = heapq.heappop(heap)
        if len(block) == 1:
            singles.append(block[0])
            continue
        half = len(block) // 2
        add(block[:half])
        add(block[half:])
    dense = sorted(heap, key=lambda item: (item[0] / len(item[2]), item[1]))
    left = [name for _, _, block in dense for name in block] + [name for block in pending for name in block]
    return Screened(tuple([*singles, *left][:most]), tuple(unused), asked, few.n_rows)


def moves(scored: Scored, base: Floats, names: Sequence[str], source: Rows) -> float:
    """Return how far the answers move on average when these columns hold the values of other rows, 0 to 1."""
    changed = {name: scored.table.columns[name].take(source) for name in names}
    return float(np.abs(scored.predict(changed) - base).sum(axis=1).mean() / 2)
