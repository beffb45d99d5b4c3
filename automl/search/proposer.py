"""Which configuration to try next: each family's default first, then families by how they rank, options by Optuna."""

import random
from dataclasses import dataclass
from typing import Any

from automl.families.space import Params, Space
from automl.search.study import Trial
from automl.vocabulary import State

MOST_FAULTS = 3  # faults after which a family is given up


class _OptunaSuggest:
    """Draws from an Optuna trial; the only place that knows both vocabularies."""

    def __init__(self, trial: Any) -> None:
        self.trial = trial

    def real(self, name: str, low: float, high: float, log: bool) -> float:
        return float(self.trial.suggest_float(name, low, high, log=log))

    def whole(self, name: str, low: int, high: int, log: bool) -> int:
        return int(self.trial.suggest_int(name, low, high, log=log))

    def one_of(self, name: str, options: list[str]) -> str:
        return str(self.trial.suggest_categorical(name, options))


@dataclass(frozen=True)
class Proposal:
    """A configuration to run; `handle` is Optuna's own trial."""

    family: str
    params: Params
    handle: Any


class Proposer:
    """One study per family, in memory: flat spaces are cheap, and a weak family cannot be crowded out by pruning."""

    def __init__(self, spaces: dict[str, Space], greater_is_better: bool, seed: int) -> None:
        import warnings

        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.spaces = spaces
        self.greater_is_better = greater_is_better
        self.random = random.Random(seed)
        self.untried = list(spaces)
        self.faults: dict[str, int] = dict.fromkeys(spaces, 0)
        self.seconds: dict[str, list[float]] = {name: [] for name in spaces}
        self.best: dict[str, float] = {}
        self.studies = {}
        for index, name in enumerate(spaces):
            # group: options that exist only under some choices (an optimizer's own) are modelled where they exist
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # `group` is marked experimental
                sampler = optuna.samplers.TPESampler(multivariate=True, group=True, constant_liar=True, n_startup_trials=6, seed=seed + index)
            self.studies[name] = optuna.create_study(direction="maximize" if greater_is_better else "minimize", sampler=sampler)
            self.studies[name].enqueue_trial(self._known(spaces[name]))

    @staticmethod
    def _known(space: Space) -> Params:
        """Return the defaults that Optuna will ask for; fixed options are not among them."""
        fixed = {name for name, dimension in space.items() if type(dimension).__name__ == "Fixed"}
        return {name: value for name, value in space.default().items() if name not in fixed}

    def expected_seconds(self, family: str) -> float | None:
        """Return the seconds a trial of a family is expected to take; None before the first one."""
        past = self.seconds[family]
        return max(past[-3:]) if past else None

    def propose(self, seconds_left: float, patience: float) -> Proposal | None:
        """Return the next configuration that fits into `seconds_left`; None when none does.

        A family never tried is given `patience` seconds at least, as nothing is known of it.
        """
        while self.untried:
            if seconds_left < patience:
                break
            return self._ask(self.untried.pop(0))
        tried = [f for f in self.spaces if f not in self.untried and self.faults[f] < MOST_FAULTS and (self.seconds[f] or self.faults[f])]
        fitting = [f for f in tried if (self.expected_seconds(f) or 0.0) <= seconds_left]
        if not fitting:
            return None
        order = sorted(fitting, key=lambda f: (f not in self.best, -self.best[f] if self.greater_is_better and f in self.best else self.best.get(f, 0.0)))
        weights = [0.5**rank for rank in range(len(order))]
        return self._ask(self.random.choices(order, weights)[0])

    def _ask(self, family: str) -> Proposal:
        handle = self.studies[family].ask()
        return Proposal(family, self.spaces[family].sample(_OptunaSuggest(handle)), handle)

    def tell(self, proposal: Proposal, trial: Trial) -> None:
        """Take in how a trial ended; only complete trials teach the sampler, a fault is no score."""
        import optuna

        study = self.studies[proposal.family]
        if trial.state == State.OK and trial.score is not None:
            study.tell(proposal.handle, trial.score)
            self.seconds[proposal.family].append(trial.seconds)
            known = self.best.get(proposal.family)
            if known is None or (trial.score > known) == self.greater_is_better:
                self.best[proposal.family] = trial.score
            return
        study.tell(proposal.handle, state=optuna.trial.TrialState.FAIL)
        if trial.state != State.CANCELLED:
            self.faults[proposal.family] += 1
