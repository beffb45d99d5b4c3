"""Checks of rows: copies, copies on both sides of the test, equal inputs with different targets, too few of them."""

from collections.abc import Iterator

import numpy as np

from automl.eda.finding import Change
from automl.eda.look import Draft, Look
from automl.vocabulary import Mode

OVERLAP = 0.01  # share of test rows from which an overlap makes the score worthless
BEYOND_CHANCE = 2.0
NEARLY_ALL = 0.9995  # accuracy that a few contradictions still allow; they are not worth a word
PER_COLUMN = 10  # rows per column, below which a table is small for its width


def duplicate_rows(look: Look) -> Iterator[Draft]:
    """Find rows that repeat the inputs of another."""
    groups, repeats = look.groups
    if not repeats:
        return
    together = any(d.key == "validation.copies" for d in look.split.decisions)
    fix = "copies stay on one side of every split" if together else "none: the table has few distinct rows, equal ones are expected"
    yield Draft((), f"{repeats} of {len(groups)} rows repeat the inputs of an earlier one", fix, "copies may stand on both sides of a split",
                evidence={"rows": repeats, "share": repeats / len(groups)})  # fmt: skip


def split_overlap(look: Look) -> Iterator[Draft]:
    """Find test rows whose inputs equal those of a training row, against how many chance would give."""
    train, holdout = look.split.train, look.split.holdout
    if not len(holdout) or not look.fields:
        return
    equal = look.equal
    shared = np.isin(equal[holdout], equal[train])
    count, share = int(shared.sum()), float(shared.mean())
    if not count:
        return
    chance = _by_chance(look)
    expected = chance * len(holdout)
    beyond = count > BEYOND_CHANCE * expected + 3 * np.sqrt(expected)  # three standard deviations of a count
    message = f"{count} of {len(holdout)} test rows ({share:.1%}) equal a training row; among the training rows themselves {chance:.1%} do"
    evidence = {"rows": count, "share": share, "share_by_chance": chance}
    if look.dataset.tested is None:
        yield Draft((), message, "none: the table has few distinct rows, equal ones are expected", own=Mode.WARN, evidence=evidence)
        return
    remove = train[np.isin(equal[train], equal[holdout])]
    own = Mode.FAIL if share > OVERLAP and beyond else Mode.FIX if beyond else Mode.WARN
    yield Draft((), message, f"{len(remove)} rows were removed from the training side", "they stay: the score is too good by what they give away",
                own=own, change=Change(remove=remove), evidence=evidence, keeps_promise=True)  # fmt: skip


def _by_chance(look: Look) -> float:
    """Return the share of training rows that equal another of them: what a test row of the same kind would meet."""
    own = look.equal[look.split.train]
    return float((np.bincount(own)[own] > 1).mean())


def conflicting_labels(look: Look) -> Iterator[Draft]:
    """Find rows with equal inputs and different targets, and the accuracy that they leave room for."""
    if not look.has_target:
        return
    rows = look.split.train
    _, group = np.unique(look.equal[rows], return_inverse=True)
    pairs, counts = np.unique(group * len(look.dataset.classes) + look.y, return_counts=True)
    best = np.zeros(int(group.max()) + 1, np.int64)
    np.maximum.at(best, pairs // len(look.dataset.classes), counts)
    sizes = np.bincount(group)
    mixed = sizes > best
    n, ceiling = int(sizes[mixed].sum()), float(best.sum() / len(rows))
    if ceiling > NEARLY_ALL:
        return
    yield Draft((), f"{n} rows have the inputs of a row of another class; no model can be right on more than {ceiling:.1%} of the training rows", "none",
                own=Mode.WARN, evidence={"rows": n, "best_accuracy": ceiling})  # fmt: skip


def too_few_rows(look: Look) -> Iterator[Draft]:
    """Find tables with fewer than ten rows per column."""
    n, width = len(look.split.train), len(look.fields)
    if n >= PER_COLUMN * width or look.dataset.time is not None:
        return
    asked = any(d.key == "validation.strategy" and d.because.startswith("asked") for d in look.split.decisions)
    yield Draft((), f"{n} training rows for {width} columns: the scores of single folds say little", "the folds are drawn three times",
                "the folds stay as asked", own=Mode.WARN if asked else None,
                change=Change(split={"repeats": 3, "because": f"{n} rows for {width} columns"}), evidence={"rows": n, "columns": width})  # fmt: skip
