"""Which configuration to try next: each family's default first, then families by how they rank, options by Optuna."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl.families.space import Params, Space
from automl.plan.plan import Plan
from automl.search.study import Trial
from automl.vocabulary import State

MOST_FAULTS = 3  # faults after which a family is given up
MOST_DRAWS = 4  # of options that do not fit into the time left, before a family is passed over

Fits = Callable[[str, Params], bool]


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
    """A configuration to run; `handle` is Optuna's own trial. `number` and `device` are set where they must not be chosen anew."""

    family: str
    params: Params
    handle: Any
    number: int | None = None
    attempt: int = 1
    note: str = ""
    device: str | None = None


class Proposer:
    """One study per family, in memory: flat spaces are cheap, and a weak family cannot be crowded out by pruning.

    What is proposed depends on the seed, the number of the trial and the trials told so far, and on nothing else.
    """

    def __init__(self, plan: Plan) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.plan = plan
        self.spaces: dict[str, Space] = {c.family: c.space for c in plan.candidates}
        self.greater_is_better, self.seed = plan.greater_is_better, plan.seed
        self.untried = list(self.spaces)
        self.started: set[str] = set()
        self.faults: dict[str, int] = dict.fromkeys(self.spaces, 0)
        self.best: dict[str, float] = {}
        direction = "maximize" if self.greater_is_better else "minimize"
        self.studies = {name: optuna.create_study(direction=direction) for name in self.spaces}

    def propose(self, number: int, fits: Fits) -> Proposal | None:
        """Return the configuration of trial `number`; None when none `fits` into the time left. Families not tried yet come first."""
        for name in list(self.untried):
            if fits(name, self.spaces[name].default()):
                self.untried.remove(name)
                return self._with(name, self.spaces[name].default())
        chance = random.Random(f"{self.seed}-{number}")
        tried = [f for f in self.spaces if f not in self.untried and self.faults[f] < MOST_FAULTS]
        order = sorted(tried, key=lambda f: (f not in self.best, -self.best[f] if self.greater_is_better and f in self.best else self.best.get(f, 0.0)))
        while order:
            family = chance.choices(order, [0.5**rank for rank in range(len(order))])[0]
            for draw in range(MOST_DRAWS):
                proposal = self._ask(family, f"{self.seed}-{number}-{draw}")
                if fits(family, proposal.params):
                    return proposal
                self._forget(proposal)
            order.remove(family)
        return None

    def _ask(self, family: str, seed: str) -> Proposal:
        import warnings

        import optuna

        study = self.studies[family]
        # group: options that exist only under some choices (an optimizer's own) are modelled where they exist
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `group` is marked experimental
            study.sampler = optuna.samplers.TPESampler(
                multivariate=True, group=True, constant_liar=True, n_startup_trials=6, seed=random.Random(seed).getrandbits(31)
            )
        handle = study.ask()
        return Proposal(family, self.spaces[family].sample(_OptunaSuggest(handle)), handle)

    def _with(self, family: str, params: Params, **about: Any) -> Proposal:
        """Return a proposal of given options."""
        space = self.spaces[family]
        fixed = {name for name, dimension in space.items() if type(dimension).__name__ == "Fixed"}
        self.studies[family].enqueue_trial({name: value for name, value in params.items() if name not in fixed})
        handle = self.studies[family].ask()
        space.sample(_OptunaSuggest(handle))
        return Proposal(family, params, handle, **about)

    def _forget(self, proposal: Proposal) -> None:
        import optuna

        self.studies[proposal.family].tell(proposal.handle, state=optuna.trial.TrialState.FAIL)

    def renew(self, family: str, params: Params, **about: Any) -> Proposal:
        """Return a proposal of options that were tried before; `about` sets number, attempt, note, device."""
        return self._with(family, params, **about)

    def recall(self, trial: Trial) -> None:
        """Take in a trial of an earlier start of the run."""
        if trial.family not in self.spaces:
            return
        self.started.add(trial.family)
        if trial.family in self.untried:
            self.untried.remove(trial.family)
        self.tell(self._with(trial.family, trial.params), trial)

    def hopeless(self, proposal: Proposal, trial: Trial) -> str:
        """Return why a trial need not go on after the folds it did; empty where it should."""
        return ""

    def tell(self, proposal: Proposal, trial: Trial) -> None:
        """Take in how a trial ended; only complete trials teach the sampler, a fault is no score."""
        study = self.studies[proposal.family]
        if trial.state == State.OK and trial.score is not None:
            study.tell(proposal.handle, trial.score)
            known = self.best.get(proposal.family)
            if known is None or (trial.score > known) == self.greater_is_better:
                self.best[proposal.family] = trial.score
            return
        self._forget(proposal)
        if trial.state not in (State.CANCELLED, State.PRUNED):
            self.faults[proposal.family] += 1
