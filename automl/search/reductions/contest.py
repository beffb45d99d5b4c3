"""Candidates in turn: given ones first, then families by how they rank with options by Optuna; each takes some fits, several at once."""

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.space import Params, Space
from automl.search.fits import Fit, Fitted, Pool
from automl.search.reductions.judges import Judge, Scores
from automl.search.sampling import FromTrial, Sampling
from automl.vocabulary import State

TASK = "dimensionality_reduction"
MOST_FAULTS = 3
NO_GAIN = 60  # candidates without a gain after which a search ends
DRAWS = 4  # of options that were tried or take too long, before another family has its turn
WAIT = 0.2  # seconds of a look at the pool
GRACE = 1.0  # seconds past their time that fits are waited for
NEXT = 0.4  # how often a family has its turn, beside the one that ranks above it

Proposal = tuple[str, Params]


@dataclass
class Candidate:
    """A family with its options on its way through its fits."""

    number: int
    family: str
    params: Params
    judge: Judge
    handle: Any
    needed: int = 0
    done: list[Fitted] = field(default_factory=list)
    scores: Scores = field(default_factory=dict)
    state: State = State.OK
    cause: str = ""

    @property
    def seconds(self) -> float:
        """Return what its fits took together."""
        return sum(fitted.seconds for fitted in self.done)

    @property
    def score(self) -> float:
        """Return its score, greater is better; the least of all for one that has none."""
        return self.scores.get("score", float("-inf"))

    def record(self) -> dict[str, Any]:
        """Return the trial as JSON values; `score` in the sign of the metric."""
        score = self.judge.sign * self.scores["score"] if self.scores else None
        return {
            "number": self.number, "family": self.family, "params": dict(self.params), "state": self.state.value, "seconds": self.seconds, "score": score,
            "scores": {name: value for name, value in self.scores.items() if name != "score"}, "cause": self.cause,
        }  # fmt: skip


class Contest:
    """Runs candidates and remembers all of them; `spaces` are those of the families that compete, without `components`.

    `most` is how many candidates may be fitted, None for any number.
    """

    def __init__(
        self, pool: Pool, spaces: dict[str, Space], context: Context, seed: int,
        on_trial: Callable[[dict[str, Any]], None] | None = None, should_stop: Callable[[], bool] | None = None, most: int | None = None,
    ) -> None:  # fmt: skip
        self.pool, self.spaces, self.context, self.seed = pool, spaces, context, seed
        self.on_trial, self.should_stop = on_trial or (lambda record: None), should_stop or (lambda: False)
        self.candidates: list[Candidate] = []
        self.most = float("inf") if most is None else most
        self.faults: dict[str, int] = dict.fromkeys(spaces, 0)
        self._pace: dict[str, float] = {}
        self._studies: dict[tuple[str, int], tuple[Any, Sampling]] = {}
        self._tried: set[tuple[int, str]] = set()
        self._waiting: dict[str, Candidate] = {}

    def seconds_of(self, family: str, params: Params) -> float:
        """Guess the seconds of one fit: the family's own guess, times by how much its fits so far were off."""
        cost = FAMILIES.get(TASK, family).cost
        guess = cost(self.context, params) if cost is not None else 1.0
        return guess * self._pace.get(family, 1.0)

    def given(self, entries: Iterable[Proposal], judge: Judge, until: float, m: int) -> list[Candidate]:
        """Run given candidates in order with m coordinates, as far as they fit into the time; return those that were scored."""
        queue = [(family, {**params, "components": m}) for family, params in entries if family in self.spaces]
        began = len(self.candidates)

        def propose() -> Proposal | None:
            while queue:
                family, params = queue.pop(0)
                if self._may(family, params, judge, until):
                    return family, params
            return None

        self._run(propose, judge, until)
        return [c for c in self.candidates[began:] if c.scores]

    def search(self, judge: Judge, until: float, m: int, families: Sequence[str]) -> None:
        """Draw candidates until the time is over or nothing was gained for long: the better a family ranks, the more often its turn comes."""

        def propose() -> Proposal | None:
            mine = [c for c in self.candidates if c.judge is judge]
            best = max((c.score for c in mine), default=float("-inf"))
            if len(mine) - max((i for i, c in enumerate(mine) if c.score >= best), default=0) > NO_GAIN:
                return None
            chance = random.Random(f"{self.seed}-{m}-{len(self.candidates)}")
            tops = {f: max((c.score for c in mine if c.family == f), default=float("-inf")) for f in families if f in self.spaces}
            order = sorted((f for f in tops if tops[f] > float("-inf") and len(self.spaces[f])), key=lambda f: -tops[f])
            while order:
                family = chance.choices(order, [NEXT**i for i in range(len(order))])[0]
                for _ in range(DRAWS):
                    params = self._draw(family, m, judge)
                    if self._may(family, params, judge, until):
                        return family, params
                order.remove(family)
            return None

        self._run(propose, judge, until)

    def ranked(self, judge: Judge) -> list[Candidate]:
        """Return the scored candidates of a judge, best first; of those alike to four digits the earlier, which is the plainer one."""
        return sorted((c for c in self.candidates if c.judge is judge and c.scores), key=lambda c: (-round(c.score, 4), c.number))

    def _may(self, family: str, params: Params, judge: Judge, until: float) -> bool:
        """Return whether a candidate is new, its family sound, and its fits done in time."""
        if self.faults[family] >= MOST_FAULTS or (id(judge), _key(family, params)) in self._tried:
            return False
        rounds = -(-len(judge.fits(family, params, self.seed)) // max(1, self.pool.slots))
        return time.monotonic() + rounds * self.seconds_of(family, params) < until

    def _study(self, family: str, m: int) -> tuple[Any, Sampling]:
        """Return the study of a family with m coordinates, in Optuna."""
        import optuna

        if (family, m) not in self._studies:
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            self._studies[family, m] = optuna.create_study(direction="maximize"), Sampling("tpe", self.spaces[family])
        return self._studies[family, m]

    def _draw(self, family: str, m: int, judge: Judge) -> Params:
        """Return options that Optuna proposes; the trial is forgotten here and enqueued again if they are run."""
        import optuna

        study, sampling = self._study(family, m)
        study.sampler = sampling.sampler(random.Random(f"{self.seed}-{family}-{len(self.candidates)}-{len(study.trials)}").getrandbits(31), len(study.trials))
        handle = study.ask()
        params = self.spaces[family].sample(FromTrial(handle))
        study.tell(handle, state=optuna.trial.TrialState.FAIL)
        return {**params, "components": m}

    def _run(self, propose: Callable[[], Proposal | None], judge: Judge, until: float) -> None:
        while True:
            while len(self.candidates) < self.most and not self.should_stop() and time.monotonic() < until and self.pool.pending() < self.pool.slots:
                proposed = propose()
                if proposed is None:
                    break
                self._start(*proposed, judge, until)
            if not self._waiting or time.monotonic() > until + GRACE or (self.should_stop() and self.pool.slots > 1):
                break
            for fitted in self.pool.results(WAIT):
                self._take(fitted)
        stopped = self.should_stop()
        for candidate in {id(c): c for c in self._waiting.values()}.values():
            self._end(candidate, State.CANCELLED if stopped else State.TIMEOUT, "the search was ended" if stopped else "no time was left")
        self._waiting.clear()

    def _start(self, family: str, params: Params, judge: Judge, until: float) -> None:
        study, sampling = self._study(family, int(params["components"]))
        study.enqueue_trial(sampling.free(params)[0])
        handle = study.ask()
        self.spaces[family].sample(FromTrial(handle))
        candidate = Candidate(len(self.candidates), family, params, judge, handle)
        self.candidates.append(candidate)
        self._tried.add((id(judge), _key(family, params)))
        for fit in judge.fits(family, params, self.seed):
            candidate.needed += 1
            self._waiting[_fit_key(fit)] = candidate
            self.pool.submit(fit, until)

    def _take(self, fitted: Fitted) -> None:
        candidate = self._waiting.pop(_fit_key(fitted.fit), None)
        if candidate is None:  # of a candidate that nobody waits for any more
            return
        candidate.done.append(fitted)
        cost = FAMILIES.get(TASK, candidate.family).cost
        if fitted.state == State.OK and cost is not None:
            ratio = fitted.seconds / max(cost(self.context, candidate.params), 1e-3)
            self._pace[candidate.family] = max(ratio, 0.7 * self._pace.get(candidate.family, 0.0))
        if len(candidate.done) < candidate.needed:
            return
        failed = next((f for f in candidate.done if f.state != State.OK), None)
        if failed is not None:
            self._end(candidate, failed.state, failed.cause)
            return
        try:
            candidate.scores = candidate.judge.score(candidate.done)
            self._end(candidate, State.OK, "")
        except ValueError as fault:
            self._end(candidate, State.ERROR, str(fault))

    def _end(self, candidate: Candidate, state: State, cause: str) -> None:
        import optuna

        candidate.state, candidate.cause = state, cause
        study, _ = self._study(candidate.family, int(candidate.params["components"]))
        if state == State.OK:
            study.tell(candidate.handle, candidate.score)
        else:
            study.tell(candidate.handle, state=optuna.trial.TrialState.FAIL)
            self.faults[candidate.family] += state not in (State.TIMEOUT, State.CANCELLED)
        if len(candidate.done) > 1 or not candidate.scores:
            candidate.done = [_light(fitted) for fitted in candidate.done]
        self._forget()
        self.on_trial(candidate.record())

    def _forget(self) -> None:
        """Let go of the answers of all but the best three maps: forms and coordinates of many candidates would fill the memory."""
        whole = sorted((c for c in self.candidates if c.scores and len(c.done) == 1 and c.done[0].output is not None), key=lambda c: -c.score)
        seen: set[str] = set()
        for candidate in whole:
            if len(seen) >= 3 or candidate.family in seen:
                candidate.done = [_light(fitted) for fitted in candidate.done]
            seen.add(candidate.family)


def _light(fitted: Fitted) -> Fitted:
    return Fitted(fitted.fit, fitted.state, fitted.seconds, cause=fitted.cause)


def _key(family: str, params: Params) -> str:
    return f"{family} {json.dumps(params, sort_keys=True, default=str)}"


def _fit_key(fit: Fit) -> str:
    return f"{fit.data} {fit.seed} {_key(fit.family, dict(fit.params))}"


def without_components(space: Space) -> Space:
    """Return a space whose number of coordinates is not drawn: the purpose sets it."""
    return Space({name: dimension for name, dimension in space.items() if name != "components"})
