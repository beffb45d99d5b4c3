"""What a fit of boosted trees costs: how many rounds a rate needs, and how long a tree of a size takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from automl.families.base import Context

BINS = 256
BEND = 30_000  # rows beyond which a longer table bears few rounds more


@dataclass(frozen=True)
class Speed:
    """How long a tree takes on one thread, as measured (benchmarks/costs.py).

    In seconds: tree + leaf * leaves + split * leaves * columns + rows * levels * (row + cell * columns). `rounds` is how
    many rounds a fit makes, as a share of the usual; `word` how many columns a column of words is worth, which is mostly
    empty; `bytes` are those of a cell of the matrix while it is learned from; `leaf_rows` the rows without which no leaf is
    grown, 0 where trees grow to their full size whatever the rows.
    """

    tree: float
    leaf: float
    split: float
    row: float
    cell: float
    rounds: float
    word: float
    bytes: float
    leaf_rows: int = 30

    def grown(self, context: Context, leaves: int) -> float:
        """Return how many leaves a tree grows that may have so many."""
        return min(float(leaves), max(4.0, context.n_rows / self.leaf_rows)) if self.leaf_rows else float(leaves)


def usual_rounds(context: Context, rate: float, leaves: float, most: int, patience: int, speed: Speed) -> float:
    """Return about how many rounds a fit makes: those it keeps and those it waits for a gain; exactly, where they are known.

    Fitted on made tables of 300 to 1,000,000 rows: slower rates and smaller trees need more, longer tables bear more; off by
    a factor of 1.5 either way there.
    """
    if context.rounds is not None:
        return float(context.rounds)
    borne = math.pow(min(context.n_rows, BEND), 0.43) * math.pow(max(1.0, context.n_rows / BEND), 0.25)
    kept = speed.rounds * borne * math.pow(leaves, -0.4) * math.pow(context.n_outputs / 2, -0.3) / rate
    return min(float(most), kept + patience)


def boosting_seconds(context: Context, rate: float, leaves: int, share: float, terms: int, most: int, patience: int, speed: Speed) -> float:
    """Return rough seconds of a fit; `share` of the columns is looked at for a split, `terms` are the words of a text."""
    grown = speed.grown(context, leaves)
    columns = share * (context.n_columns + speed.word * terms * context.text)
    trees = 1 if context.n_outputs == 2 else context.n_outputs
    each = speed.tree + grown * (speed.leaf + speed.split * columns) + context.n_rows * math.log2(grown) * (speed.row + speed.cell * columns)
    cells = float(context.n_rows) * (context.n_columns + terms * context.text)
    return 0.02 + 1e-7 * cells + usual_rounds(context, rate, grown, most, patience, speed) * trees * each


def boosting_mb(context: Context, rate: float, leaves: int, terms: int, most: int, patience: int, speed: Speed) -> float:
    """Return MB beyond the matrix: bins and copies of it, a histogram per leaf, gradients, and the trees as they are exported."""
    grown = speed.grown(context, leaves)
    width = context.n_columns + terms * context.text
    margins = 1 if context.n_outputs == 2 else context.n_outputs
    trees = usual_rounds(context, rate, grown, most, patience, speed) * margins
    size = context.n_rows * (speed.bytes * width + 40.0 * margins) + 2 * grown * width * BINS * 16 + trees * 2 * grown * 300
    return 20 + size / 2**20
