"""Permutation importance: how much worse the metric gets when the values of a column, or of columns that go together, change places."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.data.fewer import share_of
from automl.evaluate.explain.exchange import Judge, exchanged, interval_of
from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.scored import Floats, Rows, Scored
from automl.evaluate.explain.screen import Screened, screen
from automl.metrics import Metric

AMOUNTS = ((5000, 5), (2000, 5), (2000, 3), (1000, 3), (500, 3), (500, 2), (200, 2))
"""Rows and repeats, the first that fit; an exchange is luck too, so never a single one by choice."""
REPEATS = 5  # that are made where time is left
MOST_ALONE = 80  # columns measured one by one; of more the strongest
CHOSEN = 40  # of very many columns
CELLS = 4_000_000  # of a table that is predicted at once

Groups = Sequence[tuple[tuple[str, ...], float]]


def few_of(scored: Scored, rows: int, seed: int) -> Scored:
    """Return about so many of the rows, classes alike and units whole."""
    if scored.n_rows <= rows:
        return scored
    return scored.take(share_of(scored.y, rows / scored.n_rows, seed, scored.units))


def choose_columns(scored: Scored, names: Sequence[str], seed: int, pace: Pace) -> Screened:
    """Return the columns that are measured one by one, of `names` in the order in which they are believed to matter."""
    rows = min(scored.n_rows, max(100, CELLS // max(1, len(names))))
    alone = MOST_ALONE if pace.fits(min(rows, 500), 2.0 * min(len(names), MOST_ALONE)) else 0
    if len(names) <= max(alone, CHOSEN):  # of few columns the first ones do as well as a search for the strongest
        return Screened(tuple(names), (), 0, 0)
    own = pace.share(0.4)
    least = pace.cost(min(rows, 200))
    most = int(min(CHOSEN, len(names), max(1.0, 0.6 * pace.left() / (2 * least) if least > 0 else CHOSEN)))
    return screen(scored, names, most, seed, own)


def importance(
    scored: Scored, metric: Metric, positive: int, screened: Screened, groups: Groups, seed: int, pace: Pace
) -> dict[str, Any]:  # fmt: skip
    """Return the importance of each chosen column, of each group of them, and of all other columns together, as JSON values.

    The loss of the metric in its own unit, positive where the column helps, when its values are exchanged between rows
    [Breiman 2001, section 10; model reliance of Fisher, Rudin and Dominici 2019]; the columns of a group are exchanged
    together, as each may stand in for the others. Means over some repeats; `interval` as of `interval_of`. `effect` is
    `unused` where no answer changed, `helps` or `harms` where the interval lies on one side of 0, else `unclear`.
    The columns come first most important first; values of the same repeat are of the same exchange of rows.
    """
    items, rest = _items(scored, screened, groups)
    amount = _amount(scored, metric, positive, len(items), pace)
    if amount is None:
        amount = (min(AMOUNTS[-1][0], scored.n_rows), AMOUNTS[-1][1])
        each = pace.cost(amount[0])
        fitting = int(pace.left() / (amount[1] * each)) - 2  # the rest is one, too, and the answers as they are
        if fitting < 1:
            return {"skipped": f"there was no time, as one measurement takes {each:.2f} s"}
        screened, groups = _fewer(screened, groups, fitting)
        items, rest = _items(scored, screened, groups)
    few = few_of(scored, amount[0], seed)
    rng = np.random.default_rng(seed)
    judge = Judge.of(metric, positive, few.y, few.units, rng)
    base = few.predict()
    base_scores = judge.scores(base)
    sources = [exchanged(few.units, rng) for _ in range(REPEATS)]
    found, moved = _measured(few, judge, base, base_scores, items, sources, pace)
    told = {columns: _told(columns, gains, moved[columns]) for columns, gains in found.items() if len(gains)}
    columns = sorted((told[(name,)] | {"column": name} for name in screened.chosen if (name,) in told), key=_order)
    grouped = [told[names] | {"columns": list(names), "least": round(least, 3)} for names, least in groups if names in told]
    return {
        "kind": "permutation", "metric": metric.name, "greater_is_better": metric.greater_is_better, "score": float(base_scores[0]),
        "rows": few.n_rows, "of_rows": scored.n_rows, "units": len(np.unique(few.units)), "repeats": max((len(g) for g in found.values()), default=0),
        "columns": columns, "groups": sorted(grouped, key=_order), "rest": told[rest] | {"columns": len(rest)} if rest and rest in told else None,
        "unused": len(screened.unused) + sum(c["effect"] == "unused" for c in columns), "of_columns": len(scored.fields),
        "not_measured": [name for name in screened.chosen if (name,) not in told],
        "screened": {"predictions": screened.asked, "rows": screened.rows} if screened.asked else None,
        "by_chance": round(0.025 * sum(c["effect"] != "unused" for c in columns), 1),
    }  # fmt: skip


def _fewer(screened: Screened, groups: Groups, most: int) -> tuple[Screened, Groups]:
    """Return the first columns with the groups among them, together at most so many."""
    for count in range(min(most, len(screened.chosen)), 0, -1):
        chosen = screened.chosen[:count]
        inside = [g for g in groups if set(g[0]) <= set(chosen)]
        if count + len(inside) <= most:
            break
    return replace(screened, chosen=chosen), inside


def _items(scored: Scored, screened: Screened, groups: Groups) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Return what is exchanged together: each chosen column, each group, and all others; and these others."""
    known = {*screened.chosen, *screened.unused}
    rest = tuple(f.name for f in scored.fields if f.name not in known)
    return [*((name,) for name in screened.chosen), *(columns for columns, _ in groups), *([rest] if rest else [])], rest


def _amount(scored: Scored, metric: Metric, positive: int, n_items: int, pace: Pace) -> tuple[int, int] | None:
    """Return rows and repeats that fit into the time, None where none do."""
    widest = max(100, CELLS // max(1, len(scored.fields)))
    for rows, repeats in AMOUNTS:
        rows = min(rows, scored.n_rows, widest)
        if pace.left() == float("inf"):
            return rows, repeats
        began = pace.left()
        few = np.arange(rows)
        Judge.of(metric, positive, scored.y[:rows], few, np.random.default_rng(0)).scores(scored.proba[:rows])
        judging = began - pace.left()
        if pace.fits(rows, n_items * repeats) and n_items * repeats * (pace.cost(rows) + judging) <= pace.left():
            return rows, repeats
    return None


def _measured(
    few: Scored, judge: Judge, base: Floats, base_scores: Floats, items: Sequence[tuple[str, ...]], sources: Sequence[Rows], pace: Pace
) -> tuple[dict[tuple[str, ...], Floats], dict[tuple[str, ...], bool]]:  # fmt: skip
    """Return per item its gains (n_repeats, 1 + n_parts) and whether any answer moved; every repeat is of all items, or is not counted.

    The first one counts as far as it got, so that something is known of the columns that come first.
    """
    found: dict[tuple[str, ...], list[Floats]] = {columns: [] for columns in items}
    moved = dict.fromkeys(items, False)
    for number, source in enumerate(sources):
        own: dict[tuple[str, ...], Floats] = {}
        if number and not pace.fits(few.n_rows, len(items)):
            break
        for columns in items:
            if not pace.fits(few.n_rows):
                break
            answers = few.predict({name: few.table.columns[name].take(source) for name in columns})
            moved[columns] = moved[columns] or not np.array_equal(answers, base)
            own[columns] = judge.gains(base_scores, judge.scores(answers))
        if len(own) < len(items) and number:
            break
        for columns, gains in own.items():
            found[columns].append(gains)
        if len(own) < len(items):
            break
    return {columns: np.array(gains) for columns, gains in found.items()}, moved


def _told(columns: Sequence[str], gains: Floats, moved: bool) -> dict[str, Any]:
    value, low, high = interval_of(gains) if moved else (0.0, 0.0, 0.0)
    known = np.isfinite([low, high]).all()
    effect = "unused" if not moved else "helps" if known and low > 0 else "harms" if known and high < 0 else "unclear"
    return {"value": value if np.isfinite(value) else None, "interval": [low, high] if known else [None, None], "effect": effect}


def _order(entry: Mapping[str, Any]) -> float:
    return -(entry["value"] if entry["value"] is not None else -np.inf)
