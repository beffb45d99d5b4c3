"""What a run could ship, and how each is made: the ensemble, smaller ones, single trials; a fit on all rows is made once."""

from collections.abc import Sequence
from typing import Any

from automl.finalize.alternatives import Option
from automl.finalize.candidate import Candidate
from automl.finalize.distill import distil
from automl.finalize.ensemble import Choice, assemble, choose
from automl.finalize.folds import out_of_fold_of
from automl.finalize.options import preferred_first, single, together
from automl.finalize.refit import refit
from automl.finalize.refits import Refitted, refit_all
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.schedule import refit_seconds
from automl.search.store import Store
from automl.search.study import Study
from automl.search.workers.local import LocalExecutor

GAIN_SHARE = 0.5  # of the seconds for bootstraps, that the interval of an ensemble's gain may take
NOTHING = "several models together were no better than the best alone, or there was no time for them"


class Maker:
    """Makes candidates of options; `choices` has the weights of each that is several trials, by their numbers.

    `learned` says of the model that learned an ensemble's answers what it scored and what they did, or why there is none.
    """

    def __init__(
        self, plan: Plan, study: Study, store: Store, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop
    ) -> None:  # fmt: skip
        self.plan, self.study, self.store, self.files = plan, study, store, files
        self.executor, self.budget, self.on_event, self.stop = executor, budget, on_event, stop
        self.trials = {t.number: t for t in study.usable()}
        self.choices: dict[tuple[int, ...], Choice] = {}
        self.made: dict[int, Refitted] = {}
        self.learned: dict[str, Any] | None = None

    @property
    def distillation(self) -> dict[str, Any] | None:
        """Return what came of a model that was to learn an ensemble's answers; None where none was to be made."""
        if self.learned is None and self.plan.distill == "always":
            return {"members": 0, "ensemble_score": None, "why_not": NOTHING, "trial": None, "score": None}
        return self.learned

    @property
    def gain_seconds(self) -> float:
        """Return what the interval of an ensemble's gain may take."""
        return GAIN_SHARE * self.budget.bootstrap_seconds

    def options(self) -> list[Option]:
        """Return what could ship, best first: the ensemble, smaller ones where size or latency is asked for, single trials.

        A model that learned the ensemble's answers, where one is made, stands first where that is asked for, else among the single trials.

        One that a person can follow comes first where that is preferred and it is as good.
        """
        alone = [single(self.plan, t) for t in self.trials.values()]
        found = [*(together(self.plan, choice) for choice in self._ensembles()), *alone]
        if self.choices and self.plan.distill != "never" and (option := self.distilled(next(iter(self.choices.values())))) is not None:
            place = 0 if self.plan.distill == "always" else len(self.choices) + self._behind(option, alone)
            found.insert(place, option)
        if self.plan.limits.interpretable == "prefer":
            return preferred_first(self.plan, found, self.outputs, self.store, self.budget.comparison_seconds)
        return found

    def _ensembles(self) -> list[Choice]:
        """Return the ensemble, and those of half of its members and of two where a smaller one may be needed; each better than the best trial."""
        choice = choose(self.plan, self.study, self.store, self.files, self.gain_seconds) if self.trials and not self.stop.hard.is_set() else None
        found = [choice] if choice is not None else []
        if choice is not None and {"model_size", "latency"} & set(self.plan.limits.hard):
            heaviest = [t.number for t in choice.trials]
            for most in dict.fromkeys(k for k in (len(heaviest) // 2, 2) if 2 <= k < len(heaviest)):
                smaller = choose(self.plan, self.study, self.store, self.files, 0.0, heaviest[:most])
                found += [smaller] if smaller is not None else []
        for one in found:
            self.choices.setdefault(tuple(t.number for t in one.trials), one)
        return list(self.choices.values())

    def distilled(self, choice: Choice) -> Option | None:
        """Return a model that learned the answers of an ensemble, as a trial of the study; None where there is none, `learned` says why."""
        trial, why = distil(self.plan, self.study, choice, self.store, self.files, self.executor, self.budget, self.on_event, self.stop)
        facts = {"members": len(choice.trials), "ensemble_score": choice.facts["score"], "why_not": why}
        self.learned = {**facts, "trial": trial.number if trial else None, "score": trial.score if trial else None}
        if trial is None:
            return None
        self.trials[trial.number] = trial
        self.study.trials.append(trial)
        return single(self.plan, trial)

    def _behind(self, option: Option, others: Sequence[Option]) -> int:
        """Return how many of the others, best first, are better than an option."""
        metric = self.plan.measure()
        return sum(o.score is not None and option.score is not None and metric.better(o.score, option.score) for o in others)

    def outputs(self, option: Option) -> Sequence[Any]:
        """Return the out-of-fold answers of an option, fold by fold; nothing where a fold is missing."""
        choice = self.choices.get(option.trials)
        return choice.out_of_fold if choice is not None else out_of_fold_of(self.plan, self.trials[option.trials[0]], self.store, self.files)

    def seconds(self, option: Option) -> float:
        """Return the predicted seconds of the fits that an option still lacks."""
        missing = [self.trials[n] for n in option.trials if n not in self.made]
        return refit_seconds(self.plan, missing) if missing else 0.0

    def make(self, option: Option) -> Candidate | None:
        """Return the candidate of an option, fitted on all training rows; None where one of its fits failed."""
        missing = [self.trials[n] for n in option.trials if n not in self.made]
        if missing and not self.stop.hard.is_set():
            self.made |= refit_all(self.plan, missing, self.files, self.executor, self.budget, self.on_event, self.stop)
        if any(n not in self.made or self.made[n].features is None for n in option.trials):
            return None
        choice = self.choices.get(option.trials)
        if choice is not None:
            return assemble(self.plan, choice, self.made, self.store, self.files)
        return self._one(option.trials)

    def last_resort(self) -> Candidate:
        """Return a model where no fit on all rows came to anything: the model of a fold, or the constant one."""
        return refit(self.plan, self.study, self.store, self.files, self.executor, self.budget, self.on_event, self.stop, self.made)

    def _one(self, numbers: Sequence[int]) -> Candidate:
        trials = [self.trials[n] for n in numbers]
        return refit(self.plan, self.study, self.store, self.files, self.executor, self.budget, self.on_event, self.stop, self.made, trials)
