"""Which family to try next, once the portfolio is over: ways to choose, played on the library's own trials.

    python benchmarks/portfolio/turns.py LIBRARY_DIR [--first 12] [--seconds 5 10 20] [--plays 20]

A play begins with the first configurations of an order that was learned without the table. All others are what a family's
draws may come to, in an order by chance. A way sees losses out of fold and seconds, family by family, as a search does; it is
judged by the test loss of the ensemble of all trials that fitted into the seconds, and of the best one alone.
"""

import argparse
import math
import random
from pathlib import Path

import numpy as np
from learn import learned
from library import Measured, described, ensemble, loss, measured


class Seen:
    """What is known of a family: losses and seconds of its trials, in order."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.seconds: list[float] = []

    def best(self) -> float:
        """Return the least loss."""
        return min(self.losses, default=math.inf)

    def improvements(self) -> list[tuple[float, float]]:
        """Return (seconds spent until then, loss) of every trial that was better than all before."""
        out, spent, best = [], 0.0, math.inf
        for value, took in zip(self.losses, self.seconds, strict=True):
            spent += took
            if value < best:
                best = value
                out.append((spent, value))
        return out


def by_rank(seen: dict[str, Seen], power: float = 0.0, base: float = 0.5) -> dict[str, float]:
    order = sorted(seen, key=lambda f: seen[f].best())
    return {f: base**rank / max(np.mean(seen[f].seconds), 1e-3) ** power for rank, f in enumerate(order)}


def eci(seen: dict[str, Seen], gap_counts: bool = True) -> dict[str, float]:
    """Estimated cost for improvement [Wang et al. 2021, FLAML, section 4.2], a weight is its inverse."""
    leader = min(s.best() for s in seen.values())
    out = {}
    for family, s in seen.items():
        steps, spent = s.improvements(), sum(s.seconds)
        k1 = steps[-1][0]
        k2 = steps[-2][0] if len(steps) > 1 else 0.0
        cost = max(spent - k1, k1 - k2)
        gap = s.best() - leader
        if gap > 0 and gap_counts:
            if len(steps) > 1:
                speed = (steps[-2][1] - steps[-1][1]) / max(k1 - k2, 1e-6)
            else:
                speed = s.best() / max(k1, 1e-6)
            cost = max(cost, 2 * gap / max(speed, 1e-9))
        out[family] = 1 / max(cost, 1e-3)
    return out


def expected(seen: dict[str, Seen], spread_of: float = 1.0, power: float = 1.0, floor: float = 0.02) -> dict[str, float]:
    """Expected improvement of the next draw over the best of all, were losses of a family normal, per second to a power."""
    leader = min(s.best() for s in seen.values())
    every = [v for s in seen.values() for v in s.losses]
    usual = max(float(np.median(np.abs(np.array(every) - np.median(every)))), 1e-6)
    out = {}
    for family, s in seen.items():
        n = len(s.losses)
        near = np.sort(s.losses)[: max(2, (n + 1) // 2)]
        mean = float(near.mean())
        spread = spread_of * math.sqrt((usual**2 * 2 + float(((near - mean) ** 2).sum())) / (2 + len(near)))
        z = (leader - mean) / spread
        gain = spread * (z * 0.5 * (1 + math.erf(z / math.sqrt(2))) + math.exp(-z * z / 2) / math.sqrt(2 * math.pi))
        out[family] = gain / float(np.mean(s.seconds)) ** power
    total = sum(out.values())
    return {f: w + floor * total for f, w in out.items()}


WAYS = {
    "rank (as it was)": by_rank,
    "rank 0.7, per second^0.5": lambda seen: by_rank(seen, 0.5, 0.7),
    "alike, per second^0.5": lambda seen: {f: np.mean(s.seconds) ** -0.5 for f, s in seen.items()},
    "ECI": eci,
    "ECI without the gap": lambda seen: eci(seen, gap_counts=False),
    "expected gain per second": expected,
}


def play(table: Measured, first: list[str], families: dict[str, str], way, budgets: list[float], chance: random.Random) -> list[tuple[float, float]]:
    """Return (test loss of the ensemble, of the best trial) at each number of seconds after the first configurations."""
    where = table.index()
    losses = loss(table.p)
    seen: dict[str, Seen] = {}
    have: list[int] = []

    def take(i: int) -> None:
        have.append(i)
        s = seen.setdefault(families[table.configs[i]], Seen())
        s.losses.append(float(losses[i]))
        s.seconds.append(float(table.seconds[i]))

    for name in first:
        if name in where:
            take(where[name])
    pool: dict[str, list[int]] = {}
    for name in table.configs:
        if where[name] not in have and families[name] in seen:
            pool.setdefault(families[name], []).append(where[name])
    for draws in pool.values():
        chance.shuffle(draws)
    spent, out = 0.0, []
    for budget in sorted(budgets):
        while pool:
            weights = way({f: s for f, s in seen.items() if f in pool})
            family = chance.choices(list(weights), list(weights.values()))[0]
            if spent + table.seconds[pool[family][-1]] > budget:
                break
            i = pool[family].pop()
            if not pool[family]:
                del pool[family]
            spent += table.seconds[i]
            take(i)
        weights = ensemble(table.p[have])
        best = have[int(losses[have].argmin())]
        out.append((float(loss(weights @ table.test[have])), float(loss(table.test[best]))))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--first", type=int, default=12)
    parser.add_argument("--seconds", nargs="*", type=float, default=[5, 10, 20])
    parser.add_argument("--plays", type=int, default=20)
    options = parser.parse_args()
    tables, about = measured(options.library), described(options.library)
    families = {name: c["family"] for name, c in about.items()}
    orders = [learned([o for o in tables if o is not t], length=options.first) for t in tables]
    results = {label: np.zeros((len(tables), len(options.seconds), 2)) for label in WAYS}
    for label, way in WAYS.items():
        for i, (table, order) in enumerate(zip(tables, orders, strict=True)):
            whole = loss(ensemble(table.p) @ table.test)
            plays = np.array([play(table, order, families, way, options.seconds, random.Random(f"{k}")) for k in range(options.plays)])
            results[label][i] = (plays.mean(axis=0) - whole) / max(table.prior_test - whole, 1e-3)
    for what, title in enumerate(("the ensemble", "the best trial alone")):
        print(f"\n{title}: mean test loss above that of the ensemble of the whole library, % of what that brings (better / worse than rank, tables)")
        print("| way | " + " | ".join(f"{s:g} s" for s in sorted(options.seconds)) + " |")
        base = results["rank (as it was)"][:, :, what]
        for label, values in results.items():
            own = values[:, :, what]
            better, worse = (own < base - 1e-4).sum(axis=0), (own > base + 1e-4).sum(axis=0)
            cells = [f"{100 * mean:.2f} ({b}/{w})" for mean, b, w in zip(own.mean(axis=0), better, worse, strict=True)]
            print(f"| {label} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
