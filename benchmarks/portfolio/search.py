"""Searches single tables by the engine's own proposer on the processor's clock: portfolios and ways to choose the next family compared.

    OMP_NUM_THREADS=1 python benchmarks/portfolio/search.py DATA_DIR FOLDER --tables vehicle titanic --seconds 30 --seeds 2 --orders ORDERS_DIR

Each trial runs its folds in this process, without races; TRIAL_SECONDS are added for what a process of its own would take. ORDERS_DIR
holds without_TABLE.json, an order that was learned without the table. Scores are test log losses on a quarter of the rows.
"""

import argparse
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from collect import one, opened
from library import FLOOR, OVERHEAD, ensemble, loss

from automl.families.base import Context
from automl.plan.plan import Plan
from automl.plan.start import StartPoint
from automl.search.cost import CostModel
from automl.search.proposer import Proposer
from automl.search.store import Store
from automl.search.study import Trial
from automl.vocabulary import State


class ByRank:
    """The way that ECI replaced: half the weight for each rank further down."""

    def __init__(self, proposer: Proposer) -> None:
        self.proposer = proposer

    def tell(self, trial: Trial) -> None:
        """Take in nothing: the proposer knows the best of each family."""

    def weights(self, families: list[str]) -> list[float]:
        """Return a weight for each of the families."""
        best, sign = self.proposer.best, -1 if self.proposer.greater_is_better else 1
        order = sorted(families, key=lambda f: (f not in best, sign * best.get(f, 0.0)))
        return [0.5 ** order.index(f) for f in families]


def searched(store: Store, plan: Plan, test: np.ndarray, seconds: float, rank: bool) -> tuple[float, float, int]:
    """Return (test loss of the ensemble of all trials, of the best one, number of trials)."""
    proposer, costs = Proposer(plan), CostModel(plan)
    if rank:
        proposer.turns = ByRank(proposer)  # type: ignore[assignment]
    y = np.concatenate([store.y[valid] for _, valid in store.folds])
    y_test = store.y[test]
    spent, number, p, p_test = 0.0, 0, [], []
    while True:
        number += 1
        left = seconds - spent
        proposal = proposer.propose(number, lambda family, params: costs.unit(family, params).p50 * len(store.folds) + OVERHEAD <= left)  # noqa: B023
        if proposal is None:
            break
        family = plan.record(proposal.family)
        context = Context(**plan.context(plan.candidate(proposal.family), 1))
        folds: list[dict[str, Any]] = []
        config = type("Config", (), {"params": proposal.params})
        for fold in range(len(store.folds)):
            folds.append(one(family, config, store, plan, replace(context, seed=context.seed + fold), fold, test))
            costs.learn(proposal.family, proposal.params, folds[-1]["seconds"])
        spent += sum(f["seconds"] for f in folds) + OVERHEAD
        oof = np.concatenate([f["oof"] for f in folds])
        true = np.clip(oof[np.arange(len(y)), y].astype(np.float64), FLOOR, 1)
        score = float(loss(true))
        trial = Trial(
            number, proposal.family, proposal.params, "cpu", State.OK, fold_scores=(score,) * 5, score=score, fold_seconds=tuple(f["seconds"] for f in folds)
        )
        proposer.tell(proposal, trial)
        if spent > seconds:
            break
        p.append(true)
        p_test.append(np.clip(np.mean([f["test"] for f in folds], axis=0)[np.arange(len(y_test)), y_test].astype(np.float64), FLOOR, 1))
    if not p:
        return float("nan"), float("nan"), 0
    members = np.array(p)
    return float(loss(ensemble(members) @ np.array(p_test))), float(loss(np.array(p_test)[int(loss(members).argmin())])), len(p)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tables", nargs="+", default=["vehicle", "german_credit", "titanic"])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--orders", type=Path, required=True)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    print("| table | seed | portfolio | next family | trials | test log loss: ensemble | best alone |\n|---|---|---|---|---|---|---|", flush=True)
    for seed in range(options.seeds):
        for name in options.tables:
            store, plan, test = opened(name, options.data, options.folder, (options.orders / f"without_{name}.json").resolve())
            points: tuple[StartPoint, ...] = plan.portfolio
            for portfolio, rank in (((), True), (points, True), (points, False)):
                began = time.process_time()
                scores = searched(store, replace(plan, portfolio=portfolio, seed=seed), test, options.seconds, rank)
                label = f"| {name} | {seed} | {'learned' if portfolio else 'defaults'} | {'rank' if rank else 'ECI'} "
                print(f"{label}| {scores[2]} | {scores[0]:.4f} | {scores[1]:.4f} | {time.process_time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
