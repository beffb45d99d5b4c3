"""The probe: an additive model that is fitted in milliseconds, to measure out of fold what a column or a fix does to the score.

It is a ridge regression on class indicators over simple features of each column, solved from one Gram matrix per fold, so
leaving a column out costs one small solve. It sees no interactions: what it says of a fix is said of an additive model.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from automl.eda.finding import Effect
from automl.inference.features import date_parts, tokens
from automl.inference.table import Column
from automl.metrics import METRICS

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

BINS = 10
ENDS = (0.005, 0.01, 0.02, 0.05)
LEVELS = 20  # most levels of a category with a column of their own
HASHED = 64  # buckets of the words of a text
CLIP = 8.0
RIDGE = 5.0  # in rows: a bin with five rows is shrunk halfway to the mean
MOST_CLASSES = 12
T_975 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}  # Student's t, k - 1 degrees of freedom, by k
MEASURE = "ROC AUC of an additive probe, out of fold"


@dataclass(frozen=True)
class Piece:
    """One column as the probe sees it: `kind` is a field's kind, or `line` for a number taken as it is (in place of bins)."""

    column: Column
    kind: str


def _edges(values: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    if 1 < len(distinct) <= LEVELS:  # few values are levels; edges lie between them
        return np.asarray((distinct[:-1] + distinct[1:]) / 2)
    cuts = [*ENDS, *np.linspace(0, 1, bins + 1)[1:-1], *(1 - e for e in ENDS)]  # a rare class may live in the ends
    return np.unique(np.quantile(known, cuts)) if len(known) else np.zeros(0)


def _onehot(codes: NDArray[np.int64], width: int) -> Floats:
    out = np.zeros((len(codes), width), np.float32)
    inside = codes >= 0
    out[np.flatnonzero(inside), codes[inside]] = 1.0
    return out


def block(piece: Piece, learn: NDArray[np.bool_], target: Floats | None = None) -> Floats:
    """Return (n_rows, width) features of a column; edges, levels and scales are taken from the rows in `learn` (n_rows,) only.

    `target` (n_rows, n_classes) indicators are used by the kind `shares` alone: class shares of a level, each learning row
    left out of its own.
    """
    values = piece.column.values
    if piece.kind == "text":
        return _words(piece.column)
    if piece.column.kind == "coded":
        if piece.kind == "shares" and target is not None:
            return _shares(piece.column, learn, target)
        counts = np.bincount(values[learn & (values >= 0)], minlength=len(piece.column.levels))
        kept = np.argsort(-counts, kind="stable")[: min(LEVELS, int((counts > 0).sum()))]
        place = np.full(len(piece.column.levels) + 2, len(kept), np.int64)
        place[kept] = np.arange(len(kept))
        place[-1] = len(kept) + 1  # missing
        return _onehot(place[values], len(kept) + 2)
    missing = ~np.isfinite(values)
    if piece.kind == "line":
        return np.column_stack([in_deviations(values, learn), missing]).astype(np.float32)
    if piece.kind == "date":
        parts = [block(Piece(Column("number", part), "number"), learn) for part in date_parts(values)[1:]]
        return np.column_stack(parts)
    edges = _edges(values[learn], BINS)
    codes = np.searchsorted(edges, np.where(missing, 0.0, values), side="left").astype(np.int64)
    codes[missing] = len(edges) + 1
    return _onehot(codes, len(edges) + 2)


def in_deviations(values: NDArray[np.float64], learn: NDArray[np.bool_] | None = None, clip: float = CLIP) -> NDArray[np.float64]:
    """Return (n_rows,) numbers less their mean over their standard deviation, clipped, a missing one 0; both of the rows in `learn`."""
    finite = np.isfinite(values)
    known = values[finite if learn is None else finite & learn]
    centre, scale = (float(known.mean()), float(known.std())) if len(known) else (0.0, 1.0)
    return np.asarray(np.clip((np.where(finite, values, centre) - centre) / (scale if scale > 0 else 1.0), -clip, clip))


def _words(column: Column) -> Floats:
    by_level = np.zeros((len(column.levels) + 1, HASHED), np.float32)
    for i in np.unique(column.values[column.values >= 0]).tolist():
        for token in tokens(column.levels[i], (1, 1)):
            by_level[i, zlib.crc32(token.encode()) % HASHED] = 1.0
    return np.asarray(by_level[column.values], np.float32)


def _shares(column: Column, learn: NDArray[np.bool_], target: Floats) -> Floats:
    """Return class shares of each row's level, shrunk to the mean of the learning rows (Micci-Barreca 2001, equation 3)."""
    codes = np.where(column.values < 0, len(column.levels), column.values).astype(np.int64)
    prior = target[learn].mean(axis=0)
    totals = np.zeros((len(column.levels) + 1, target.shape[1]), np.float32)
    np.add.at(totals, codes[learn], target[learn])
    counts = np.bincount(codes[learn], minlength=len(totals)).astype(np.float32)
    own = target * learn[:, None]
    return np.asarray((totals[codes] - own + RIDGE * prior) / (counts[codes] - learn + RIDGE)[:, None], np.float32)


class _Fold:
    """One fold: the features of all pieces side by side, their Gram matrix, and where each piece stands in it."""

    def __init__(self, pieces: Mapping[str, Piece], learn: NDArray[np.bool_], score: Rows, target: Floats, words: Mapping[str, Floats]) -> None:
        self.learn, self.score, self.target = learn, score, target
        parts, self.place, start = [], {}, 0
        for name, piece in pieces.items():
            made = words[name] if name in words else block(piece, learn, target)
            self.place[name] = np.arange(start, start + made.shape[1])
            start += made.shape[1]
            parts.append(made)
        self.x = np.concatenate(parts, axis=1) if parts else np.zeros((len(learn), 0), np.float32)
        self.centre = self.x[learn].mean(axis=0) if start else np.zeros(0, np.float32)
        self.x -= self.centre
        self.y_mean = target[learn].mean(axis=0)
        left = self.x[learn]
        self.gram = left.T @ left
        self.side = left.T @ (target[learn] - self.y_mean)

    def scores(self, kept: NDArray[np.int64], extra: Floats | None = None) -> Floats:
        """Return (n_scored, n_classes) from the features at `kept`, beside `extra` (n_rows, width) ones."""
        gram, side, x = self.gram[np.ix_(kept, kept)], self.side[kept], self.x[self.score][:, kept]
        if extra is not None and extra.shape[1]:
            extra = extra - extra[self.learn].mean(axis=0)
            left, more = self.x[self.learn][:, kept], extra[self.learn]
            cross = left.T @ more
            gram = np.block([[gram, cross], [cross.T, more.T @ more]])
            side = np.concatenate([side, more.T @ (self.target[self.learn] - self.y_mean)])
            x = np.concatenate([x, extra[self.score]], axis=1)
        if not len(side):
            return np.broadcast_to(self.y_mean, (len(self.score), len(self.y_mean))).astype(np.float32)
        weights = np.linalg.solve(gram.astype(np.float64) + RIDGE * np.eye(len(gram)), side.astype(np.float64))
        return np.asarray(x @ weights + self.y_mean, np.float32)


class Probe:
    """The probe over some rows: `pieces` by column, `y` (n_rows,) codes, `folds` (learn, score) positions into these rows."""

    def __init__(self, pieces: Mapping[str, Piece], y: NDArray[np.int64], folds: Iterable[tuple[Rows, Rows]]) -> None:
        self.pieces, self.y = dict(pieces), y
        self.folds = [(learn, score) for learn, score in folds if len(learn) and len(score)]
        counts = np.bincount(y)
        self.classes = np.argsort(-counts, kind="stable")[: min(MOST_CLASSES, int((counts > 0).sum()))]
        self.target = (y[:, None] == self.classes).astype(np.float32)
        place = np.full(len(counts), -1, np.int64)
        place[self.classes] = np.arange(len(self.classes))
        self.own = place[y]  # (n_rows,) positions in `classes`, -1 for a class that is left out
        self._auc = METRICS.get("classification", "roc_auc")

    @cached_property
    def _made(self) -> list[_Fold]:
        out = []
        words = {name: _words(piece.column) for name, piece in self.pieces.items() if piece.kind == "text"}  # the same in every fold
        for learn, score in self.folds:
            mask = np.zeros(len(self.y), bool)
            mask[learn] = True
            out.append(_Fold(self.pieces, mask, score, self.target, words))
        return out

    def scores(self, columns: Iterable[str] | None = None, more: Mapping[str, Piece] | None = None) -> list[float]:
        """Return the ROC AUC of each fold with only `columns` (all when None) and the further pieces `more`; NaN where undefined."""
        names = list(self.pieces) if columns is None else [c for c in columns if c in self.pieces]
        return [self._score(fold, output) for fold, output in self._outputs(names, more or {})]

    def _outputs(self, names: list[str], more: Mapping[str, Piece]) -> list[tuple[_Fold, Floats]]:
        out = []
        for fold in self._made:
            kept = np.concatenate([np.zeros(0, np.int64), *(fold.place[n] for n in names)]).astype(np.int64)
            extra = np.concatenate([block(p, fold.learn, self.target) for p in more.values()], axis=1) if more else None
            out.append((fold, fold.scores(kept, extra)))
        return out

    def _score(self, fold: _Fold, output: Floats) -> float:
        own = self.own[fold.score]
        inside = own >= 0
        y = own[inside]
        if len(np.unique(y)) < 2:
            return float("nan")
        return float(self._auc.score(y, output[inside].astype(np.float64), 1))

    @cached_property
    def base(self) -> list[float]:
        """Return the scores of the folds with every column."""
        return self.scores()

    def effect(self, without: Iterable[str] = (), more: Mapping[str, Piece] | None = None) -> Effect | None:
        """Return what leaving columns out and adding pieces does; None where no fold has a score."""
        gone = set(without)
        return compare(self.base, self.scores([n for n in self.pieces if n not in gone], more), self.folds)

    def out_of_fold(self) -> tuple[Rows, Floats]:
        """Return the scored rows and their class shares (n_scored, n_classes), cut to [0, 1] and made to sum to one."""
        found = self._outputs(list(self.pieces), {})
        shares = np.clip(np.concatenate([o for _, o in found]), 1e-3, None)
        return np.concatenate([f.score for f, _ in found]), shares / shares.sum(axis=1, keepdims=True)


def compare(before: list[float], after: list[float], folds: list[tuple[Rows, Rows]], measure: str = MEASURE) -> Effect | None:
    """Return the mean change over paired folds with its 95 % interval; None where no pair is defined.

    The variance is Nadeau and Bengio's (2003, section 3), corrected for folds that share learning rows. One fold alone has no
    spread: the interval is then the whole scale.
    """
    pairs = [(b, a, len(s) / max(1, len(le))) for b, a, (le, s) in zip(before, after, folds, strict=True) if b == b and a == a]
    if not pairs:
        return None
    first, second, ratio = (np.array(part) for part in zip(*pairs, strict=True))
    change = second - first
    k = len(change)
    half = 1.0
    if k > 1:
        half = T_975.get(k, 2.0) * float(np.sqrt((1 / k + ratio.mean()) * change.var(ddof=1)))
    mean = float(change.mean())
    return Effect(float(first.mean()), float(second.mean()), mean, mean - half, mean + half, measure)
