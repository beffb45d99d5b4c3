"""What an ensemble of a library's configurations gains on rows that nothing was fitted or chosen on: limits, sizes, fold models or refits.

    python benchmarks/portfolio/ensembles.py LIBRARY_DIR

Per table the best configuration out of fold, refitted, is what is compared with; the gain is the share of its error (1 less the
area under the ROC curve for two classes, else log loss) that an ensemble saves on the test rows. LightGBM and CatBoost are left out.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.finalize.greedy import greedy
from automl.metrics import METRICS

LEFT_OUT = ("lightgbm", "catboost")
CURVE = ((100, 4), (500, 8), (2500, 15), (10_000, 40))  # AutoGluon's rows to models, log-log
LEAST_ERROR = 1e-3


class Shelf:
    """The configurations of a table, best first: out-of-fold and test answers, families, and how answers are judged."""

    def __init__(self, folder: Path) -> None:
        rows = np.load(folder / "rows.npz")
        self.y, self.y_test = rows["y_oof"], rows["y_test"]
        found = [np.load(p) for p in sorted(folder.glob("*.npz")) if p.stem != "rows" and not p.stem.endswith(".tmp")]
        kept = [z for z in found if not bool(z["skipped"]) and str(z["family"]) not in LEFT_OUT]
        two = kept[0]["oof"].shape[1] == 2
        self.metric = METRICS.get("classification", "roc_auc" if two else "log_loss")
        self.positive = int(np.bincount(self.y).argmin()) if two else 1
        order = np.argsort([-self.metric.gain(self.score(self.y, z["oof"]), 0.0) for z in kept], kind="stable")
        kept = [kept[i] for i in order]
        self.families = [str(z["family"]) for z in kept]
        self.answers = np.stack([z["oof"] for z in kept])
        self.tests = {kind: np.stack([z[f"test_{kind}"] for z in kept]).astype(float) for kind in ("bag", "refit")}

    def score(self, y: Any, p: Any) -> float:
        """Return the score of answers."""
        return self.metric.score(y, np.asarray(p, dtype=float), self.positive)

    def error(self, weights: Any, kind: str) -> float:
        """Return the error on the test rows."""
        tests = self.tests[kind] if kind in self.tests else (self.tests["bag"] + self.tests["refit"]) / 2
        score = self.score(self.y_test, np.tensordot(weights, tests, axes=1))
        return max(LEAST_ERROR, 1 - score if self.metric.greater_is_better else score)

    def weights(self, among: Sequence[int], most: int | None, rounds: int = 40) -> Any:
        """Return (n_configs,) the weights of an ensemble of some of them."""
        out = np.zeros(len(self.families))
        out[list(among)] = greedy(self.answers[list(among)], self.y, most, rounds)
        return out

    def limited(self, models: int | None, each: int | None) -> list[int]:
        """Return the best configurations, so many of a family, and so many in all."""
        seen: dict[str, int] = {}
        out = []
        for i, family in enumerate(self.families):
            seen[family] = seen.get(family, 0) + 1
            if each is None or seen[family] <= each:
                out.append(i)
        return out[:models]

    def by_rows(self) -> int:
        """Return how many configurations AutoGluon's curve would consider."""
        rows, most = zip(*CURVE, strict=True)
        return max(2, round(float(np.exp(np.interp(np.log(len(self.y)), np.log(rows), np.log(most))))))


def ways(shelf: Shelf) -> dict[str, tuple[Any, str]]:
    """Return weights and kind of test answers of each way to make an ensemble."""
    out: dict[str, tuple[Any, str]] = {}
    for limit, models in (("no limit by rows", None), ("AutoGluon's curve", shelf.by_rows())):
        for each in (2, 5, None):
            out[f"{limit}, {each or 'any number'} of a family"] = shelf.weights(shelf.limited(models, each), 8), "refit"
    everything = range(len(shelf.families))
    for most in (2, 3, 4, 6, 8, 12):
        out[f"at most {most} models"] = shelf.weights(everything, most), "refit"
    for rounds in (10, 20, 100):
        out[f"{rounds} rounds"] = shelf.weights(everything, 8, rounds), "refit"
    whole = shelf.weights(everything, 8)
    return out | {"models of the folds": (whole, "bag"), "models of the folds and refits": (whole, "both")}


def main() -> None:
    """Print a line per way."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    shelves = [Shelf(folder) for folder in sorted(Path(sys.argv[1]).iterdir()) if (folder / "rows.npz").exists()]
    gains: dict[str, list[float]] = {}
    for shelf in shelves:
        alone = np.eye(len(shelf.families))[0]
        base = shelf.error(alone, "refit")
        for way, (weights, kind) in ways(shelf).items():
            gains.setdefault(way, []).append(1 - shelf.error(weights, kind) / base)
    print(f"{len(shelves)} tables, {min(len(s.families) for s in shelves)} to {max(len(s.families) for s in shelves)} configurations each\n")
    print("| ensemble | mean gain | median | worst | tables better |\n|---|---|---|---|---|")
    for way, found in gains.items():
        print(f"| {way} | {np.mean(found):+.1%} | {np.median(found):+.1%} | {min(found):+.1%} | {sum(g > 1e-9 for g in found)} |")


if __name__ == "__main__":
    main()
