"""Greedy selection with replacement: which models answer together, and how often each counts, from their out-of-fold answers."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

ROUNDS = 40
DIGITS = 9  # that losses are compared in, so that the order of sums decides nothing
FLOOR = float(np.finfo(np.float32).eps)  # probabilities are clipped here, as the metric does


def greedy(answers: NDArray[np.float32], y: Codes, most: int | None = None, rounds: int = ROUNDS, row_weight: Floats | None = None) -> Floats:
    """Return (n_models,) weights that sum to 1, from answers (n_models, n_rows, n_classes) and codes (n_rows,).

    Each round adds the model, also one that is in, with which the mean of all chosen has the least log loss; the best prefix of
    the rounds counts (Caruana et al. 2004, ensemble selection from libraries of models, sections 2 and 2.1). `most` is how many models may be in.
    `row_weight` (n_rows,) says how much each row counts. Log loss also serves other metrics: choosing by the area under the ROC curve
    itself was no better on fresh rows of twenty tables, and took many times longer.
    """
    counts = np.zeros(len(answers), dtype=np.int64)
    total = answers.sum(axis=2, dtype=np.float64)
    own = answers[:, np.arange(len(y)), y] / np.where(total > 0, total, 1.0)  # only the probability of a row's own class matters
    best, kept = np.inf, counts.copy()
    for _ in range(rounds):
        mean = (counts @ own + own) / (counts.sum() + 1)
        found = np.round(-np.average(np.log(np.clip(mean, FLOOR, 1.0)), axis=1, weights=row_weight), DIGITS)
        if most is not None and (counts > 0).sum() >= most:
            found = np.where(counts > 0, found, np.inf)
        # of equal ones the model that is in already, then the first
        pick = int(np.lexsort((np.arange(len(counts)), counts == 0, found))[0])
        counts[pick] += 1
        if found[pick] < best:
            best, kept = float(found[pick]), counts.copy()
    return np.asarray(kept / max(1, kept.sum()))
