"""Checks of order and sides: training against test rows, time, and entities that occur again."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.structure import numbers_the_rows
from automl.eda.finding import Change, Effect
from automl.eda.look import Draft, Look, whole_folds
from automl.eda.personal import plain_name
from automl.eda.probe import Probe, compare, in_deviations
from automl.metrics import METRICS
from automl.vocabulary import Mode

Rows = NDArray[np.int64]

APART = 0.6  # ROC AUC of telling training from test rows
SHIFT = 0.05  # Cramér's V of period and class, corrected for chance, from which the target moves with time at all
LAST = 0.25  # share of the rows, last in time, that the forward score is of
FALL = 0.02  # of the score, when rows of one time or entity are kept apart
LEAST_ENTITIES, PER_ENTITY = 20, 1.5
NEIGHBOURS = 5
REPLICATES = 100
ENTITY_SAMPLE = 2000
SUSPECTS = 5  # columns of entities that are measured, the ones with a telling name first
_ENTITY = re.compile(r"(^|[^a-z])(id|key|user|customer|client|patient|subject|person|household|family|device|account|session|store|group|site)([^a-z]|$)")


def drift(look: Look) -> Iterator[Draft]:
    """Find test rows that a model can tell from training rows, and the columns that tell most. Inputs only."""
    train, holdout = look.split.train, look.split.holdout
    names = [n for n in look.told if not numbers_the_rows(look.dataset.table.columns[n], look.fields[n].kind, train)]  # a counter goes on
    random = look.dataset.tested is None and look.dataset.time is None  # dealt out at random: alike by construction
    if random or len(holdout) < 50 or not names:
        return
    rng = np.random.default_rng(look.seed)
    n = min(len(train), len(holdout), 3000)
    rows = np.concatenate([rng.choice(train, n, replace=False), rng.choice(holdout, n, replace=False)])
    side = np.repeat(np.array([0, 1]), n)
    pieces = {name: look.piece_at(name, rows) for name in names}
    probe = Probe(pieces, side, whole_folds(np.arange(len(rows)), look.seed))
    known = [s for s in probe.base if s == s]
    area = float(np.mean(known)) if known else 0.5
    if area <= APART:
        return
    single = {name: float(np.nanmean(probe.scores([name]))) for name in names}
    told = sorted((m for m in names if single[m] > APART), key=lambda m: -single[m])[:5]
    listed = ", ".join(f"`{m}` ({single[m]:.2f})" for m in told) or "no single column"
    message = f"test rows can be told from training rows (ROC AUC {area:.2f}; 0.5 is alike), most by {listed}"
    yield Draft(tuple(told), message, "left out", "the score tells how the model does on rows as the test rows are", own=Mode.WARN,
                change=Change(drop=tuple(told)), evidence={"roc_auc": area, "columns": {m: round(single[m], 4) for m in told}},
                measure=lambda look: look.without(told))  # fmt: skip


def unseen_categories(look: Look) -> Iterator[Draft]:
    """Find levels that only test rows have."""
    if not len(look.split.holdout):
        return
    for name, field in look.fields.items():
        if field.kind != "category":
            continue
        column = look.dataset.table.columns[name]
        seen = np.zeros(len(column.levels) + 1, bool)
        seen[column.values[look.split.train]] = True
        seen[-1] = True  # missing is no level
        new = ~seen[column.values[look.split.holdout]]
        if new.any():
            levels = len(np.unique(column.values[look.split.holdout][new]))
            what = ("level" if levels == 1 else "levels") + (f" in {int(new.sum())} test rows" if new.sum() > 1 else " in a test row")
            yield Draft((name,), f"{levels} {what} that no training row has", "read as the level `other`",
                        "read as the level `other` all the same: nothing is known of them", evidence={"levels": levels, "rows": int(new.sum())})  # fmt: skip


def time_leak(look: Look) -> Iterator[Draft]:
    """Find a random split of rows that time orders, where scores forward in time are lower than scores in random order."""
    if not look.has_target or look.dataset.time is not None:
        return
    moved = {d["column"]: (d.get("drift") or {}).get("v") or 0.0 for d in (look.stats.get("dates") or {}).get("columns", [])}
    for name, field in look.fields.items():
        if field.kind != "date" or name not in look.told or moved.get(name, 0.0) < SHIFT:
            continue
        when = look.column(name).values
        known = np.flatnonzero(np.isfinite(when))
        if len(known) < 200 or len(np.unique(when[known])) < 20:
            continue
        effect = _forward(look, known[np.argsort(when[known], kind="stable")], when)
        if effect is None or not _falls(effect):
            continue
        yield Draft(
            (name,), f"scored forward in time along `{name}` the probe reaches {effect.after:.3f}, in random order {effect.before:.3f}: "
            "the split lets the model look ahead", "the split is forward in time", "the split stays random; new rows will be later than all of these",
            own=Mode.WARN, change=Change(split={"strategy": "time", "column": name, "because": f"scores fall forward in time along `{name}`"}),
            evidence={"random": effect.before, "forward": effect.after}, effect=effect, keeps_promise=True,
        )  # fmt: skip
        return


def _falls(effect: Effect) -> bool:
    """Return whether a score falls: by two hundredths, and clear of its noise at 90 % (one side).

    Student's t with four degrees of freedom is 1.53 there, 0.55 times the 2.78 that intervals over folds are made with.
    """
    return -effect.change > max(FALL, 0.55 * (effect.high - effect.change))


def _forward(look: Look, order: Rows, when: NDArray[np.float64]) -> Effect | None:
    """Return the change from a score on rows drawn at random to one on the last rows in time, each by a model of the others.

    It is what the two ways to divide the rows would report: a target that drifts between periods shows in the first, and not
    within the last. The interval is a bootstrap over the rows of each (Efron and Tibshirani 1993, chapter 8).
    """
    rng = np.random.default_rng(look.seed)
    last = order[int((1 - LAST) * len(order)) :]
    past = order[when[order] < when[last].min()]
    drawn = rng.permutation(order)
    if len(past) < len(last):
        return None
    y = look.y[look.sample]
    pieces = {n: look.piece(n) for n in look.told if look.fields[n].kind != "text"}
    folds = ((drawn[len(last) :], drawn[: len(last)]), (past, last))
    score = METRICS.get("classification", "roc_auc").score
    areas = []
    for fold in folds:
        own, shares = _codes_and_shares(Probe(pieces, y, [fold]))
        if len(np.unique(own)) < 2:
            return None
        picks = [rng.integers(0, len(own), len(own)) for _ in range(REPLICATES)]
        areas.append((float(score(own, shares, 1)), np.array([score(own[p], shares[p], 1) for p in picks])))
    (before, first), (after, second) = areas
    low, high = (float(v) for v in np.nanquantile(second - first, (0.025, 0.975)))
    return Effect(before, after, after - before, low, high, "ROC AUC of an additive probe on the last rows in time, before on rows drawn at random")


def _codes_and_shares(probe: Probe) -> tuple[Rows, NDArray[np.float64]]:
    """Return codes (n,) and class shares (n, n_classes) of the scored rows whose class the probe knows."""
    rows, shares = probe.out_of_fold()
    own = probe.own[rows]
    return own[own >= 0], shares[own >= 0].astype(np.float64)


def group_leak(look: Look) -> Iterator[Draft]:
    """Find a column of entities whose rows resemble each other so much that a random split gives the answer away.

    The evidence is the score of nearest neighbours, which remember rows: in random folds, and in folds that keep the rows
    of an entity together. The column itself is not looked at by the neighbours.
    """
    if not look.has_target or look.dataset.group is not None or len(look.told) < 2:
        return
    found = sorted(_entities(look), key=lambda item: not _ENTITY.search(plain_name(item[0])))[:SUSPECTS]
    for name, codes in found:
        effect = _kept_apart(look, name, codes)
        if effect is None or not _falls(effect):
            continue
        yield Draft(
            (name,), f"rows of one `{name}` resemble each other: with them on both sides nearest neighbours score {effect.before:.3f}, with them kept "
            f"together {effect.after:.3f}", f"rows of one `{name}` stay on one side of every split, and it is not learned from",
            f"the split lets the model know the entity; name it: data.columns.group: {name}", own=Mode.WARN,
            change=Change(drop=(name,), split={"strategy": "group", "column": name, "because": f"rows of one `{name}` resemble each other"}),
            evidence={"random": effect.before, "kept_together": effect.after}, effect=effect, keeps_promise=True,
        )  # fmt: skip
        return


def _entities(look: Look) -> Iterator[tuple[str, Rows]]:
    """Yield columns whose levels could be entities: many, and each with some rows."""
    n = len(look.split.train)
    for name, field in look.fields.items():
        distinct = look.columns[name]["distinct"]
        if field.kind not in ("category", "number") or not LEAST_ENTITIES <= distinct <= n / PER_ENTITY or distinct < 0.01 * n:
            continue
        column = look.train(name)
        values, missing = column.values, column.missing()
        if field.kind == "number" and (values[~missing] != np.round(values[~missing])).any():
            continue
        if field.kind == "number" and not _ENTITY.search(plain_name(name)):
            continue  # whole numbers are mostly quantities
        codes = np.unique(values, return_inverse=True)[1].astype(np.int64)
        yield name, np.where(missing, int(codes.max()) + 1 + np.arange(len(codes)), codes)  # a row without an entity stands alone


def _kept_apart(look: Look, name: str, codes: Rows) -> Effect | None:
    rng = np.random.default_rng(look.seed)
    entities = rng.permutation(int(codes.max()) + 1)
    kept = np.cumsum(np.bincount(codes)[entities]) <= ENTITY_SAMPLE
    rows = np.flatnonzero(np.isin(codes, entities[kept]))
    if len(rows) < 100:
        return None
    x = np.concatenate([_plain(look, n, rows) for n in look.told if n != name and look.fields[n].kind != "text"] or [np.zeros((len(rows), 1))], axis=1)
    y = look.y[rows]
    folds_apart, folds_random = whole_folds(codes[rows], look.seed), whole_folds(np.arange(len(rows)), look.seed)
    random = [_neighbours(x, y, *fold) for fold in folds_random]
    apart = [_neighbours(x, y, *fold) for fold in folds_apart]
    return compare(random, apart, folds_apart, f"ROC AUC of {NEIGHBOURS} nearest neighbours, out of fold")


def _plain(look: Look, name: str, rows: Rows) -> NDArray[np.float64]:
    """Return a column as distances need it: numbers in standard deviations, levels apart by one."""
    column = look.at(name, rows)
    if column.kind == "coded":
        counts = np.bincount(column.values[column.values >= 0], minlength=max(1, len(column.levels)))
        top = np.argsort(-counts, kind="stable")[:20]
        return np.asarray(column.values[:, None] == top, np.float64)
    return in_deviations(column.values, clip=5.0)[:, None]


def _neighbours(x: NDArray[np.float64], y: Rows, learn: Rows, score: Rows) -> float:
    distance = (x[score] ** 2).sum(axis=1)[:, None] - 2 * x[score] @ x[learn].T + (x[learn] ** 2).sum(axis=1)
    near = np.argpartition(distance, min(NEIGHBOURS, len(learn) - 1), axis=1)[:, :NEIGHBOURS]
    classes = np.unique(y)
    if len(classes) < 2 or len(np.unique(y[score])) < 2:
        return float("nan")
    shares: Any = np.stack([(y[learn][near] == c).mean(axis=1) for c in classes], axis=1)
    return float(METRICS.get("classification", "roc_auc").score(np.searchsorted(classes, y[score]), shares, 1))
