"""Learns the order of a portfolio from a library, and judges it on tables that it was not learned on.

    python benchmarks/portfolio/learn.py LIBRARY_DIR [--judge results.json] [--out automl/search/portfolio.json] [--without TABLE] [--each FOLDER]

The next configuration is the one with the most gain of the greedy ensemble for its seconds: the gain is the fall of the
out-of-fold loss of each table as a share of what all configurations together bring there, the seconds are told in trials of
the table (the median of its configurations), so that long and short tables count alike; both are means over tables.
"""

import argparse
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from library import Measured, described, ensemble, honest, loss, measured

STEPS = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0])  # shares at which a configuration is mixed in
LENGTH = 12  # see `--judge`: what comes after is no better than what a search draws
EXTRAS = ("catboost",)  # families that not everyone has: what is learned without them stands, theirs are put in between
POWER = 0.5  # of the seconds that a gain is divided by: see `--judge`
KINDS = {"classes (two, more)": lambda t: t.n_classes > 2, "rows (600 out of fold)": lambda t: t.n_rows > 600}
LEAST_TABLES = 0.6  # of the tables that a configuration must have been measured on
BUDGETS = (2, 5, 10, 20, 40, 80)  # processor seconds


def learned(tables: Sequence[Measured], length: int = LENGTH, power: float = POWER) -> list[str]:
    """Return the names of the configurations in order."""
    count: dict[str, int] = {}
    for table in tables:
        for name in table.configs:
            count[name] = count.get(name, 0) + 1
    pool = [name for name, n in count.items() if n >= LEAST_TABLES * len(tables)]
    whole = [loss(ensemble(t.p) @ t.p) for t in tables]
    scale = [max(t.prior - w, 1e-3) for t, w in zip(tables, whole, strict=True)]
    usual = [np.median(t.seconds) for t in tables]
    cost = {c: np.mean([t.seconds[t.index()[c]] / u for t, u in zip(tables, usual, strict=True) if c in t.configs]) for c in pool}
    now = [np.full(t.p.shape[1], np.exp(-t.prior)) for t in tables]
    chosen: list[str] = []
    while len(chosen) < length and len(chosen) < len(pool):
        gains: dict[str, list[float]] = {c: [] for c in pool if c not in chosen}
        for i, t in enumerate(tables):
            before = loss(now[i])
            where = [t.index()[c] for c in gains if c in t.configs]
            mixed = (1 - STEPS)[:, None, None] * now[i] + STEPS[:, None, None] * t.p[where]
            best = before - loss(mixed).min(axis=0)
            known = dict(zip((t.configs[w] for w in where), np.maximum(best, 0) / scale[i], strict=True))
            for c in gains:
                if c in known:
                    gains[c].append(known[c])
        best_name = max(gains, key=lambda c: np.mean(gains[c]) / cost[c] ** power)
        chosen.append(best_name)
        for i, t in enumerate(tables):
            have = [t.index()[c] for c in chosen if c in t.configs]
            if have:
                weights = ensemble(t.p[have])
                p = weights @ t.p[have]
                now[i] = p if loss(p) < t.prior else now[i]
    return chosen


def walked(table: Measured, order: Sequence[str], seconds: float) -> list[int]:
    """Return the configurations that fit into so many seconds in this order; one that does not fit is passed over."""
    where, left, out = table.index(), seconds, []
    for name in order:
        if name in where and table.seconds[where[name]] <= left:
            out.append(where[name])
            left -= table.seconds[where[name]]
    return out


def regret(table: Measured, order: Sequence[str], seconds: float) -> float:
    """Return the loss of the ensemble of what fits, above that of all configurations, as a share of what these bring."""
    whole = honest(table, list(range(len(table.configs))))
    have = walked(table, order, seconds)
    return float(((honest(table, have) if have else table.prior) - whole) / max(table.prior - whole, 1e-3))


def registry_order(names: Sequence[str]) -> list[str]:
    """Return the defaults as they stand in the registry, then random configurations in turn."""
    return [n for n in names if n.startswith("default_")] + [n for n in names if n.startswith("random_")]


def merged_order(names: Sequence[str]) -> list[str]:
    """Return the hand-merged list; its first entries that are defaults stand under their own names, then the other defaults."""
    same = {"01_logistic": "default_logistic_regression", "28_knn": "default_knn"}
    numbered = sorted([n for n in names if n[:2].isdigit()] + list(same), key=lambda n: n[:2])
    out = [same.get(n, n) for n in numbered]
    return out + [n for n in registry_order(names) if n not in out]


def only(table: Measured, names: Collection[str]) -> Measured:
    """Return the table with some of its configurations."""
    kept = [i for i, name in enumerate(table.configs) if name in names]
    return replace(table, configs=tuple(table.configs[i] for i in kept), p=table.p[kept], test=table.test[kept], seconds=table.seconds[kept])


def whole_order(tables: Sequence[Measured], about: dict[str, dict], length: int = LENGTH, power: float = POWER) -> list[str]:
    """Return the order as it ships: the first `length` without the families that not everyone has, theirs in between, then all defaults, as learned."""
    common = [name for name, c in about.items() if c["family"] not in EXTRAS]
    order = learned([only(t, common) for t in tables], length, power)
    for place, name in enumerate(learned(tables, length, power)):
        if name not in common:
            order.insert(place, name)
    defaults = [name for name in about if name.startswith("default_")]
    rest = learned([only(t, defaults) for t in tables], len(defaults), power)
    return list(dict.fromkeys([*order, *rest, *defaults]))


def judge(tables: list[Measured], about: dict[str, dict], powers: Sequence[float], lengths: Sequence[int]) -> list[dict[str, Any]]:
    """Return and print the regret of each order by budget, for the families that everyone has; a learned order never saw the table that it is judged on."""
    names = [name for name, c in about.items() if c["family"] not in EXTRAS]
    mine = [only(t, names) for t in tables]

    def ended(order: list[str]) -> list[str]:
        return order + [n for n in registry_order(names) if n not in order]

    def learnt(alike: Callable[[Measured], object] = lambda t: 0, length: int = LENGTH, power: float = POWER) -> list[list[str]]:
        return [ended(learned([o for o in mine if o.name != t.name and alike(o) == alike(t)], length, power)) for t in mine]

    orders = {"defaults, then random": [registry_order(names)] * len(mine), "hand-merged": [merged_order(names)] * len(mine)}
    orders |= {f"learned, {LENGTH} long, power {power:g}": learnt(power=power) for power in powers}
    orders |= {f"learned, {length} long, power {POWER:g}": learnt(length=length) for length in lengths}
    orders |= {f"learned on tables alike in {label}": learnt(kind) for label, kind in KINDS.items()}
    out: list[dict[str, Any]] = []
    print("\nregret: log loss above that of all configurations, % of what these bring; mean and median of tables; tables better / worse than the first by 0.5")
    print("| order | " + " | ".join(f"{b:g} s" for b in BUDGETS) + " |\n|---" + "|---" * len(BUDGETS) + "|")
    first: Any = None
    for label, each in orders.items():
        values = 100 * np.array([[regret(t, o, b) for b in BUDGETS] for t, o in zip(mine, each, strict=True)])
        first = values if first is None else first
        rows = zip(values.mean(axis=0), np.median(values, axis=0), (values < first - 0.5).sum(axis=0), (values > first + 0.5).sum(axis=0), strict=True)
        cells = [{"mean": round(float(m), 2), "median": round(float(q), 2), "better": int(b), "worse": int(w)} for m, q, b, w in rows]
        print(f"| {label} | " + " | ".join(f"{c['mean']:.1f}, {c['median']:.1f} ({c['better']}/{c['worse']})" for c in cells) + " |", flush=True)
        out.append({"order": label, **{f"{b:g} s": c for b, c in zip(BUDGETS, cells, strict=True)}})
    return out


def membership(tables: list[Measured], about: dict[str, dict]) -> list[dict[str, Any]]:
    """Return and print of each family how much weight it has in the ensemble of everything, and in how many tables."""
    weight: dict[str, list[float]] = {}
    for t in tables:
        own: dict[str, float] = {}
        for name, w in zip(t.configs, ensemble(t.p), strict=True):
            own[about[name]["family"]] = own.get(about[name]["family"], 0.0) + w
        for family in {about[n]["family"] for n in t.configs}:
            weight.setdefault(family, []).append(own.get(family, 0.0))
    out: list[dict[str, Any]] = []
    print("\n| family | mean weight | tables with a member | seconds of its default, median |\n|---|---|---|---|")
    for family, w in sorted(weight.items(), key=lambda pair: -np.mean(pair[1])):
        seconds = float(np.median([t.seconds[t.index()[f"default_{family}"]] for t in tables if f"default_{family}" in t.configs] or [np.nan]))
        out.append({"family": family, "weight": round(float(np.mean(w)), 3), "tables": int(sum(x > 0 for x in w)), "of": len(w), "seconds": round(seconds, 2)})
        print("| " + " | ".join(str(v) for v in out[-1].values()) + " |")
    return out


def written(order: Sequence[str], about: dict[str, dict]) -> str:
    """Return the list as the engine reads it: options that are left out are at their defaults, which may follow the table."""
    out = [{"family": about[name]["family"], "params": about[name]["params"], "origin": about[name]["origin"]} for name in order]
    return "[\n" + ",\n".join(" " + json.dumps(entry) for entry in out) + "\n]\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--judge", type=Path, help="JSON file to write the comparison of orders to")
    parser.add_argument("--powers", nargs="*", type=float, default=[0.0, 0.5, 1.0])
    parser.add_argument("--lengths", nargs="*", type=int, default=[6, 24, 40])
    parser.add_argument("--out", type=Path, help="file to write the order to")
    parser.add_argument("--without", nargs="*", default=[], help="tables that the order must not have seen")
    parser.add_argument("--each", type=Path, help="folder to write an order without each table to, as without_TABLE.json")
    options = parser.parse_args()
    tables, about = measured(options.library), described(options.library)
    print(f"{len(tables)} tables, {np.mean([len(t.configs) for t in tables]):.0f} configurations each")
    if options.judge:
        found = {"tables": {t.name: len(t.configs) for t in tables}, "orders": judge(tables, about, options.powers, options.lengths)}
        options.judge.write_text(json.dumps({**found, "families": membership(tables, about)}, indent=1) + "\n", encoding="utf-8")
    order = whole_order([t for t in tables if t.name not in options.without], about)
    print("\n".join(f"{rank:3d} {name}" for rank, name in enumerate(order, 1)))
    if options.out:
        options.out.write_text(written(order, about), encoding="utf-8")
    for table in tables if options.each else []:
        text = written(whole_order([t for t in tables if t is not table], about), about)
        (options.each / f"without_{table.name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
