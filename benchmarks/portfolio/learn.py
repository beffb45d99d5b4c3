"""Learns the order of a portfolio from a library, and judges it on tables that it was not learned on.

    python benchmarks/portfolio/learn.py LIBRARY_DIR --judge [--out automl/search/portfolio.json] [--without TABLE]

The next configuration is the one with the most gain of the greedy ensemble for its seconds: the gain is the fall of the
out-of-fold loss of each table as a share of what all configurations together bring there, the seconds are told in trials of
the table (the median of its configurations), so that long and short tables count alike; both are means over tables.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from library import Measured, described, ensemble, loss, measured

STEPS = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0])  # shares at which a configuration is mixed in
LENGTH = 40
POWER = 1.0  # of the seconds that a gain is divided by: see `--judge`
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


def walked(table: Measured, order: Sequence[str], seconds: float, share: float = 1.0) -> list[int]:
    """Return the configurations that fit into so many seconds in this order; one that would take more than `share` of what is left is passed over."""
    where, left, out = table.index(), seconds, []
    for name in order:
        if name in where and table.seconds[where[name]] <= share * left:
            out.append(where[name])
            left -= table.seconds[where[name]]
    return out


def regret(table: Measured, order: Sequence[str], seconds: float, share: float = 1.0) -> float:
    """Return the test loss of the ensemble of what fits, above that of all configurations, as a share of what these bring."""
    whole = loss(ensemble(table.p) @ table.test)
    have = walked(table, order, seconds, share)
    mine = table.prior_test if not have else float(loss(ensemble(table.p[have]) @ table.test[have]))
    return float((mine - whole) / max(table.prior_test - whole, 1e-3))


def registry_order(names: Sequence[str]) -> list[str]:
    """Return the defaults as they stand in the registry, then random configurations in turn."""
    return [n for n in names if n.startswith("default_")] + [n for n in names if n.startswith("random_")]


def merged_order(names: Sequence[str]) -> list[str]:
    """Return the hand-merged list; its first entries that are defaults stand under their own names, then the other defaults."""
    same = {"01_logistic": "default_logistic_regression", "28_knn": "default_knn"}
    numbered = sorted([n for n in names if n[:2].isdigit()] + list(same), key=lambda n: n[:2])
    out = [same.get(n, n) for n in numbered]
    return out + [n for n in registry_order(names) if n not in out]


def judge(tables: list[Measured], names: Sequence[str], budgets: Sequence[float], powers: Sequence[float]) -> None:
    """Print the mean regret of each order by budget; the learned one never saw the table that it is judged on."""
    orders: dict[str, list[list[str]]] = {"defaults, then random": [registry_order(names)] * len(tables), "hand-merged": [merged_order(names)] * len(tables)}
    for power in powers:
        orders[f"learned, power {power:g}"] = [learned([o for o in tables if o is not t], power=power) for t in tables]
    for label, kind in KINDS.items():
        orders[f"learned on tables alike in {label}"] = [learned([o for o in tables if o is not t and kind(o) == kind(t)]) for t in tables]
    for share in (1.0, 0.5, 0.25):
        print(f"\nmean regret (test log loss above that of all configurations, % of what these bring); most of the seconds left for one: {share:g}")
        print("| order | " + " | ".join(f"{b:g} s" for b in budgets) + " |")
        for label, each in orders.items():
            values = np.array([[regret(t, o, b, share) for b in budgets] for t, o in zip(tables, each, strict=True)])
            print(
                f"| {label} | "
                + " | ".join(f"{100 * m:.1f} ({100 * q:.1f})" for m, q in zip(values.mean(axis=0), np.median(values, axis=0), strict=True))
                + " |"
            )
    first = np.array([[regret(t, o, b) for b in budgets] for t, o in zip(tables, orders["defaults, then random"], strict=True)])
    for label in list(orders)[1:]:
        own = np.array([[regret(t, o, b) for b in budgets] for t, o in zip(tables, orders[label], strict=True)])
        print(
            f"{label}: better / worse than the first by more than 0.5 points on tables: "
            + ", ".join(f"{b:g} s {int((own[:, i] < first[:, i] - 0.005).sum())}/{int((own[:, i] > first[:, i] + 0.005).sum())}" for i, b in enumerate(budgets))
        )


def membership(tables: list[Measured], described_: dict[str, dict]) -> None:
    """Print of each family how much weight it has in the ensemble of everything, and in how many tables."""
    weight: dict[str, list[float]] = {}
    for t in tables:
        own: dict[str, float] = {}
        for name, w in zip(t.configs, ensemble(t.p), strict=True):
            own[described_[name]["family"]] = own.get(described_[name]["family"], 0.0) + w
        for family in {described_[n]["family"] for n in t.configs}:
            weight.setdefault(family, []).append(own.get(family, 0.0))
    print("\n| family | mean weight | tables with a member | seconds of its default, median |\n|---|---|---|---|")
    for family, w in sorted(weight.items(), key=lambda pair: -np.mean(pair[1])):
        seconds = [t.seconds[t.index()[f"default_{family}"]] for t in tables if f"default_{family}" in t.configs]
        print(f"| {family} | {np.mean(w):.3f} | {sum(x > 0 for x in w)} of {len(w)} | {np.median(seconds) if seconds else np.nan:.2f} |")


def written(order: Sequence[str], about: dict[str, dict]) -> str:
    """Return the list as the engine reads it: options at their defaults are left out, so that these follow the table."""
    from configs import whole

    out = []
    for name in order:
        c = about[name]
        default = whole(c["family"], {})
        out.append({"family": c["family"], "params": {k: v for k, v in c["params"].items() if default.get(k) != v}, "origin": c["origin"]})
    return "[\n" + ",\n".join(" " + json.dumps(entry) for entry in out) + "\n]\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--powers", nargs="*", type=float, default=[0.0, 0.5, 1.0])
    parser.add_argument("--out", type=Path, help="file to write the order to")
    parser.add_argument("--without", nargs="*", default=[], help="tables that the order must not have seen")
    options = parser.parse_args()
    tables, about = measured(options.library), described(options.library)
    print(f"{len(tables)} tables, {np.mean([len(t.configs) for t in tables]):.0f} configurations each")
    if options.judge:
        judge(tables, list(about), BUDGETS, options.powers)
        membership(tables, about)
    order = learned([t for t in tables if t.name not in options.without])
    order += [f"default_{f}" for f in dict.fromkeys(c["family"] for c in about.values()) if f"default_{f}" not in order]  # so that every family is named
    for rank, name in enumerate(order):
        print(f"{rank + 1:3d} {name}")
    if options.out:
        options.out.write_text(written(order, about), encoding="utf-8")


if __name__ == "__main__":
    main()
