"""What a fit of boosted trees costs: how many rounds a rate needs, and how long a tree of a size takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from automl.families.base import Context

BINS = 256


@dataclass(frozen=True)
class Speed:
    """How long a tree takes on one thread, as measured (benchmarks/costs.py).

    In seconds: tree + leaf * leaves + split * leaves * columns + rows * levels * (row + cell * columns). `rounds` is how
    many rounds a fit makes, as a share of the usual; `word` how many columns a column of words is worth, which is mostly
    empty; `bytes` are those of a cell of the matrix while it is learned from.
    """

    tree: float
    leaf: float
    split: float
    row: float
    cell: float
    rounds: float
    word: float
    bytes: float


def usual_rounds(context: Context, rate: float, leaves: float, most: int, patience: int, speed: Speed) -> float:
    """Return about how many rounds a fit makes: those it keeps and those it waits for a gain; exactly, where they are known.

    A least-squares fit on made tables of 300 to 200,000 rows: slower rates and smaller trees need more, longer tables bear
    more; off by a factor of 1.5 either way there.
    """
    if context.rounds is not None:
        return float(context.rounds)
    kept = speed.rounds * math.pow(context.n_rows, 0.43) * math.pow(leaves, -0.4) * math.pow(context.n_outputs / 2, -0.3) / rate
    return min(float(most), kept + patience)


def boosting_seconds(context: Context, rate: float, leaves: int, share: float, terms: int, most: int, patience: int, speed: Speed) -> float:
    """Return rough seconds of a fit; `share` of the columns is looked at for a split, `terms` are the words of a text."""
    grown = min(float(leaves), max(4.0, context.n_rows / 30))
    columns = share * (context.n_columns + speed.word * terms * context.text)
    trees = 1 if context.n_outputs == 2 else context.n_outputs
    each = speed.tree + grown * (speed.leaf + speed.split * columns) + context.n_rows * math.log2(grown) * (speed.row + speed.cell * columns)
    cells = float(context.n_rows) * (context.n_columns + terms * context.text)
    return 0.02 + 1e-7 * cells + usual_rounds(context, rate, grown, most, patience, speed) * trees * each


def boosting_mb(context: Context, rate: float, leaves: int, terms: int, most: int, patience: int, speed: Speed) -> float:
    """Return MB beyond the matrix: bins and copies of it, a histogram per leaf, gradients, and the trees as they are exported."""
    grown = min(float(leaves), max(4.0, context.n_rows / 30))
    width = context.n_columns + terms * context.text
    margins = 1 if context.n_outputs == 2 else context.n_outputs
    trees = usual_rounds(context, rate, grown, most, patience, speed) * margins
    size = context.n_rows * (speed.bytes * width + 40.0 * margins) + 2 * grown * width * BINS * 16 + trees * 2 * grown * 300
    return 20 + size / 2**20
