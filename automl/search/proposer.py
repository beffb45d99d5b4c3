"""Which configuration to try next: given ones, the portfolio and defaults first, then families by how they rank and how quick they are, options by Optuna."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automl.families.space import Params, Space
from automl.plan.plan import Plan
from automl.search.front import directions, values
from automl.search.race import Race
from automl.search.sampling import Anywhere, FromTrial, Sampling, make_pruner
from automl.search.study import NOT_FAILED, Trial
from automl.search.turns import Turns
from automl.vocabulary import State

MOST_FAULTS = 3  # faults after which a family is given up
MOST_DRAWS = 4  # of options that do not fit into the time left, before a family is passed over
MOST_TWINS = 30  # drawn configurations that were tried before, until a family is passed over

Fits = Callable[[str, Params], bool]


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


@dataclass(frozen=True)
class _First:
    """A configuration to begin with."""

    family: str
    params: Params
    note: str = ""


class Proposer:
    """One study per family, in memory: spaces stay small, and a weak family cannot be crowded out by pruning.

    What is proposed depends on the seed, the number of the trial and the trials told so far, and on nothing else. `race`
    compares running trials where the plan's pruner is that.
    """

    def __init__(self, plan: Plan, race: Race | None = None) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.plan, self.race = plan, race
        self.spaces: dict[str, Space] = {c.family: c.space for c in plan.candidates}
        self.greater_is_better, self.seed = plan.greater_is_better, plan.seed
        self.untried = list(self.spaces)
        self.started: set[str] = set()
        self.faults: dict[str, int] = dict.fromkeys(self.spaces, 0)
        self.best: dict[str, float] = {}
        self.champions: dict[str, Trial] = {}
        self.turns = Turns(plan)
        self.first = _beginning(plan)
        self.several = len(plan.objectives) > 1
        ways = directions(plan.objectives, plan.greater_is_better)
        self.studies = {name: optuna.create_study(directions=ways, pruner=make_pruner(plan.pruner)) for name in self.spaces}
        self.sampling = {name: Sampling(plan.sampler, space) for name, space in self.spaces.items()}
        self._tried: dict[str, set[str]] = {name: set() for name in self.spaces}
        self._count: dict[str, int] = dict.fromkeys(self.spaces, 0)
        self._reported: dict[tuple[str, int], int] = {}

    def propose(self, number: int, fits: Fits) -> Proposal | None:
        """Return the configuration of trial `number`; None when none `fits` into the time left, or none is left. Given ones come first."""
        for first in list(self.first):
            if self.faults[first.family] >= MOST_FAULTS:
                self.first.remove(first)
            elif fits(first.family, first.params):
                return self._with(first.family, first.params, note=first.note)
        chance = random.Random(f"{self.seed}-{number}")
        tried = [f for f in self.spaces if f not in self.untried and self.faults[f] < MOST_FAULTS]
        while tried:
            family = chance.choices(tried, self.turns.weights(tried))[0]
            if proposal := self._draw(family, f"{self.seed}-{number}", fits):
                return proposal
            tried.remove(family)
        return None

    def alike(self, other: Proposal, number: int, fits: Fits, same: Callable[[Params], bool], options: Sequence[str]) -> Proposal | None:
        """Return a configuration to train beside another of its family, as trial `number`: it has its `options`, the rest is drawn.

        `same` says whether a configuration may stand beside it. What is to be tried first goes first; None where none is found.
        """
        family = other.family
        for first in list(self.first):
            if first.family == family and same(first.params) and fits(family, first.params):
                return self._with(family, first.params, note=first.note)
        if self.first:
            return None  # other families wait for their turn
        fixed = {name: other.params[name] for name in options if name in other.params}

        def may(params: Params) -> bool:
            return _key(params) not in self._tried[family] and same(params) and fits(family, params)

        proposal = self._ask(family, f"{self.seed}-{number}", self.sampling[family].free(fixed)[0])
        if may(proposal.params):
            return self._note(proposal)
        self._forget(proposal)
        anywhere = Anywhere(f"{self.seed}-{number}")
        for _ in range(MOST_TWINS):
            params = {**self.spaces[family].sample(anywhere), **fixed}
            if may(params):
                return self._with(family, params)
        return None

    @property
    def exhausted(self) -> bool:
        """Return whether every configuration of every family has been tried."""
        return not self.first and all(len(self._tried[name]) >= space.count() for name, space in self.spaces.items())

    def _draw(self, family: str, seed: str, fits: Fits) -> Proposal | None:
        """Return a configuration that was not tried before: the sampler's own, or where that is none, one from anywhere."""
        if len(self._tried[family]) >= self.spaces[family].count():
            return None
        proposal = self._ask(family, seed)
        if _key(proposal.params) not in self._tried[family] and fits(family, proposal.params):
            return self._note(proposal)
        self._forget(proposal)
        late = int(_key(proposal.params) not in self._tried[family])
        anywhere = Anywhere(seed)
        for _ in range(MOST_TWINS):
            params = self.spaces[family].sample(anywhere)
            if _key(params) in self._tried[family]:
                continue
            if fits(family, params):
                return self._with(family, params)
            late += 1
            if late >= MOST_DRAWS:
                return None
        return None

    def _ask(self, family: str, seed: str, fixed: Params | None = None) -> Proposal:
        study = self.studies[family]
        if fixed:
            study.enqueue_trial(fixed)
        study.sampler = self.sampling[family].sampler(self._seed_of(family, seed), max(0, self._count[family] - 1))
        handle = study.ask()
        return Proposal(family, self.spaces[family].sample(FromTrial(handle)), handle)

    def _seed_of(self, family: str, seed: str) -> int:
        """Return the seed of a sampler: an evenly spread sequence keeps one for the whole run, others get one for each trial."""
        return random.Random(f"{self.seed}-{family}" if self.plan.sampler == "qmc" else seed).getrandbits(31)

    def _with(self, family: str, params: Params, **about: Any) -> Proposal:
        """Return a proposal of given options."""
        self.studies[family].enqueue_trial(self.sampling[family].free(params)[0])
        handle = self.studies[family].ask()
        self.spaces[family].sample(FromTrial(handle))
        return self._note(Proposal(family, params, handle, **about))

    def _note(self, proposal: Proposal) -> Proposal:
        """Remember what is being tried."""
        family, key = proposal.family, _key(proposal.params)
        self._tried[family].add(key)
        self._count[family] += 1
        self.first = [first for first in self.first if first.family != family or _key(first.params) != key]
        if family in self.untried:
            self.untried.remove(family)
        return proposal

    def _forget(self, proposal: Proposal) -> None:
        import optuna

        self.studies[proposal.family].tell(proposal.handle, state=optuna.trial.TrialState.FAIL)

    def renew(self, family: str, params: Params, **about: Any) -> Proposal:
        """Return a proposal of options that were tried before; `about` sets number, attempt, note, device."""
        return self._with(family, params, **about)

    def recall(self, trial: Trial) -> None:
        """Take in a trial of an earlier start of the run; in order of number these leave the proposer as it was."""
        if trial.family not in self.spaces or trial.reference:
            return
        self.started.add(trial.family)
        self.tell(self._with(trial.family, trial.params), trial)

    def restart(self, proposal: Proposal, number: int, **about: Any) -> Proposal:
        """Return the proposal of a running trial that is to begin anew under its number; `about` sets attempt, note, device."""
        if self.race is not None:
            self.race.forget(number)
        return replace(proposal, number=number, **about)

    def hopeless(self, proposal: Proposal, trial: Trial) -> str:
        """Return why a trial need not go on after the folds it did; empty where it should. The first of a family always may."""
        best = self.champions.get(trial.family)
        if best is None or self.plan.pruner == "none":
            return ""
        if self.plan.pruner == "race":
            return self.race.worse(best, trial) if self.race is not None else ""
        self._report(proposal, trial)
        if not proposal.handle.should_prune():
            return ""
        by_rank = f"worse than trial {best.number}, the best of its family, by a signed-rank test"
        how = "below the median of earlier trials of its family" if self.plan.pruner == "median" else by_rank
        return f"{how} after {len(trial.fold_scores)} of {self.plan.n_folds} folds"

    def tell(self, proposal: Proposal, trial: Trial) -> None:
        """Take in how a trial ended; complete and pruned trials teach the sampler, a fault is no score."""
        import optuna

        study = self.studies[proposal.family]
        self.turns.tell(trial)
        if trial.state == State.OK and trial.score is not None:
            self._crown(trial, trial.score)
        measured = values(trial, self.plan.objectives)
        if trial.state == State.OK and measured is not None:
            self._report(proposal, trial)
            study.tell(proposal.handle, list(measured))
        elif trial.state == State.PRUNED:
            self._report(proposal, trial)
            study.tell(proposal.handle, state=optuna.trial.TrialState.PRUNED)
        else:
            self._forget(proposal)
        self._reported.pop((proposal.family, proposal.handle.number), None)
        if trial.state not in NOT_FAILED:
            self.faults[proposal.family] += 1

    def _crown(self, trial: Trial, score: float) -> None:
        """Keep the best trial of each family; of equal ones the first."""
        known = self.best.get(trial.family)
        if known is None or (score > known if self.greater_is_better else score < known):
            self.champions[trial.family], self.best[trial.family] = trial, score

    def _report(self, proposal: Proposal, trial: Trial) -> None:
        """Give Optuna the scores of folds that it does not know yet; of several objectives it takes none."""
        if self.several or self.plan.pruner == "none":
            return
        key = (proposal.family, proposal.handle.number)
        for fold in range(self._reported.get(key, 0), len(trial.fold_scores)):
            if (score := trial.fold_scores[fold]) is not None:
                proposal.handle.report(score, fold)
        self._reported[key] = len(trial.fold_scores)


def _beginning(plan: Plan) -> list[_First]:
    """Return what is tried first: what an earlier run gave, the portfolio, and the defaults of all families that neither holds.

    Without a portfolio each family begins with its best given configuration or its default, and the further given ones follow.
    """
    given = {c.family: [_First(c.family, point.params, point.note) for point in plan.start_points if point.family == c.family] for c in plan.candidates}
    defaults = {c.family: _First(c.family, c.space.default()) for c in plan.candidates}
    out = [(given[name] or [default])[0] for name, default in defaults.items() if given[name] or not plan.portfolio]
    for rank in range(1, max(map(len, given.values()), default=0)):
        out += [points[rank] for points in given.values() if len(points) > rank]
    out += [_First(point.family, point.params, point.note) for point in plan.portfolio]
    once: dict[tuple[str, str], _First] = {}
    for first in [*out, *defaults.values()]:
        once.setdefault((first.family, _key(first.params)), first)
    return list(once.values())


def _key(params: Params) -> str:
    return repr(sorted(params.items()))
