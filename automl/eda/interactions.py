"""Pairs of numbers whose product tells more than both do alone, each with what it gains on the folds."""

from itertools import combinations

import numpy as np

from automl.eda.finding import Effect
from automl.eda.look import Look
from automl.eda.probe import Piece, in_deviations
from automl.inference.table import Column

CANDIDATES = 8  # numbers whose pairs are tried: the ones that tell most about the target
MOST_PAIRS = 3
GAIN = 0.005  # of the score; some thirty pairs are tried, and the best of thirty is lucky
LEAST_ROWS = 300


def useful_pairs(look: Look) -> list[tuple[tuple[str, str], Effect]]:
    """Return the pairs whose product gains on the folds beyond its interval, the best first; none without a target or time."""
    if not look.has_target or len(look.sample) < LEAST_ROWS:
        return []
    numbers = [n for n in look.told if look.fields[n].kind == "number"]
    numbers = sorted(numbers, key=lambda n: -look.association.get(n, 0.0))[:CANDIDATES]
    found = []
    for first, second in combinations(numbers, 2):
        if look.clock.left() <= 0:
            break
        effect = look.line_probe.effect(more={"product": Piece(Column("number", _product(look, first, second)), "line")})
        if effect is not None and effect.low > 0 and effect.change > GAIN:
            found.append(((first, second), effect))
    return sorted(found, key=lambda item: -item[1].change)[:MOST_PAIRS]


def _product(look: Look, first: str, second: str) -> np.ndarray:
    return np.asarray(in_deviations(look.column(first).values) * in_deviations(look.column(second).values))
