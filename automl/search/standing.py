"""Where a search stands: its best trial, how long none was better, whose fold models stay on disk, and the time kept to finish with it."""

from collections.abc import Callable, Sequence

from automl.plan.plan import Plan
from automl.search.budget import Budget
from automl.search.limits import possible
from automl.search.schedule import refit_seconds
from automl.search.study import Study, Trial
from automl.search.trialstore import TrialStore
from automl.search.workers.diagnose import predicted_seconds
from automl.vocabulary import State

MODELS_BYTES = 1 << 30  # of fold models that wait to be members of an ensemble
FINISH_SHARE = 0.2  # of the budget, that is kept at most for the fits of several members, and a quarter of it for their answers
LEAST_GAIN = 0.1  # of the spread between the folds of the best: less is noise


class Standing:
    """What the complete trials of a study come to so far; `budget` learns what finishing with them takes.

    `members` says which trials would answer together if the search ended now; `on_best` is called with the study when another is the best.
    """

    def __init__(
        self, plan: Plan, budget: Budget, study: Study, store: TrialStore, members: Callable[[Study], Sequence[Trial]], on_best: Callable[[Study], None]
    ) -> None:
        self.plan, self.budget, self.study, self.store, self.members, self.on_best = plan, budget, study, store, members, on_best
        self.best: Trial | None = None
        self.since_gain = 0
        self._mark: float | None = None  # the score that a gain is counted from
        self._dropped: set[int] = set()  # trials whose fold models are gone

    def weigh(self, trial: Trial, told: bool = True) -> None:
        """Take in what a trial of the search brought; `told`: whether `on_best` is to hear of it."""
        if trial.state == State.PRUNED:
            self.since_gain += 1  # ended early because it brings none
        if trial.state == State.OK and trial.score is not None:
            self._count_gain(trial, trial.score)
            self._keep_best(told)

    def _count_gain(self, trial: Trial, score: float) -> None:
        """Count complete trials since the best score last rose beyond noise."""
        least = LEAST_GAIN * ((self.best.spread or 0.0) if self.best is not None else 0.0)
        gain = 0.0 if self._mark is None else (score - self._mark) * (1 if self.plan.greater_is_better else -1)
        if self._mark is None or gain > least:
            self._mark, self.since_gain = score, 0
        else:
            self.since_gain += 1

    def _keep_best(self, told: bool) -> None:
        """Note the best trial and what finishing with it will take; drop the models of beaten ones."""
        ranked = self.study.ranked()
        before, self.best = self.best, ranked[0]
        filled = 0
        able = {t.number for t in [t for t in ranked if possible(self.plan, t)][:2]}  # what is asked of the winner may rule out the best
        for rank, beaten in enumerate(ranked):
            filled += (beaten.size_bytes or 0) * len(beaten.fold_scores)
            waits = self.plan.max_members > 1 and filled <= MODELS_BYTES  # it may yet be a member of an ensemble
            if rank >= 2 and not waits and beaten.number not in able and beaten.number not in self._dropped:
                self._dropped.add(beaten.number)
                self.store.drop_models(beaten)
        self._reserve(self.best, self.members(self.study))
        self.budget.diagnosis_needs = tuple(predicted_seconds(self.best.fold_seconds, kept=True, permuted=p) for p in (True, False))
        if told and (before is None or before.number != self.best.number):
            self.on_best(self.study)

    def _reserve(self, best: Trial, members: Sequence[Trial]) -> None:
        """Hold back the time to finish with the best trial, and with all that would answer as far as a share of the budget allows."""
        most = FINISH_SHARE * (self.budget.seconds or 0.0)
        self.budget.refit_seconds = max(refit_seconds(self.plan, [best]), min(most, refit_seconds(self.plan, members)))
        self.budget.predict_seconds = max(best.predict_seconds, min(most / 4, sum(t.predict_seconds for t in members)))
