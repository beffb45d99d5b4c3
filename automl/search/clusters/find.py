"""Finds the groups of a table: candidates by kind of structure, their evidence, the rule that picks one, and whether there are groups."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Context
from automl.families.check import check_models
from automl.families.cluster_forms import some_rows
from automl.families.space import Space
from automl.inference.forms import Form
from automl.search.clusters.drawn import Drawer
from automl.search.clusters.evidence import Candidate, sound
from automl.search.clusters.indices import NAMED
from automl.search.clusters.ladder import PLAIN, Step, ladder, most_clusters
from automl.search.clusters.looks import Look, gain_of, odds_of
from automl.search.clusters.placing import place_all
from automl.search.clusters.rule import shipped
from automl.search.clusters.scalings import AS_IT_IS, Scaling, scalings
from automl.search.clusters.stability import stability, stabler
from automl.search.clusters.structure import structure_of
from automl.search.clusters.telling import curves, kinds, told, unlike
from automl.search.clusters.unseen import placed_unseen
from automl.search.clusters.views import DISTINCT, View
from automl.search.fits import Fit, Fitted, Pool
from automl.vocabulary import State

Ints = NDArray[np.int64]

TRYING = 0.55  # of the time, for the ladder; what is left is for drawn candidates, stability and the fit on all rows
DRAWING = 0.7
FINALISTS = 3
METRIC = "expected_agreement"


@dataclass(frozen=True)
class Options:
    """What is asked: `n_clusters` one number, a range or None; `noise` whether rows may be of no cluster; `metric` one named index or None.

    `scaled` says that the user chose how columns are scaled, so that nothing else is tried; else `numbers` are the columns whose scale
    may change, all where left out. `include`, `exclude` and `space` are
    those of a spec's `models` (families.check); `most` is how many candidates may be fitted.
    """

    n_clusters: int | tuple[int, int] | None = None
    noise: bool = True
    metric: str | None = None
    scaled: bool = False
    numbers: Sequence[int] | None = None
    include: str | Sequence[str] = "all"
    exclude: Sequence[str] = ()
    space: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    most: int | None = None


@dataclass(frozen=True)
class Found:
    """What came of it: `labels` (n_rows,), -1 for noise, `strength` (n_rows,) 0 to 1, and the `form` that places new rows.

    `score` is the metric's on the rows looked at, `baseline_score` that of k-means by silhouette; `evidence` and `trials` are
    JSON values for the report.
    """

    labels: Ints
    strength: NDArray[np.float32]
    form: Form
    family: str
    params: dict[str, Any]
    trials: list[dict[str, Any]]
    evidence: dict[str, Any]
    score: float
    metric: str
    greater_is_better: bool
    baseline_score: float | None


class NoClustersError(ValueError):
    """No candidate could be had: `causes` are what the fits said."""

    def __init__(self, message: str, causes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.causes = list(causes)


Record = dict[str, Any]
OnTrial = Callable[[Record], None]
Stop = Callable[[], bool]


def find(
    pool: Pool, x: NDArray[np.float32], options: Options, *, deadline: float, seed: int = 0, n_jobs_hint: int = 1,
    on_trial: OnTrial | None = None, should_stop: Stop | None = None,
) -> Found:  # fmt: skip
    """Return the groups of rows x (n_rows, n_features), standardised; ends before `deadline` (time.monotonic()) with the best so far.

    Raises NoClustersError where no fit came back, SpaceError where the families asked for leave none.
    """
    search = _Search(pool, x, options, deadline, seed, on_trial or (lambda record: None), should_stop or (lambda: False))
    return search.run()


class _Search:
    def __init__(self, pool: Pool, x: NDArray[np.float32], options: Options, deadline: float, seed: int, on_trial: OnTrial, should_stop: Stop) -> None:
        self.pool, self.options, self.deadline, self.seed = pool, options, deadline, seed
        self.began = time.monotonic()
        self.on_trial, self.should_stop = on_trial, should_stop
        self.x = np.ascontiguousarray(x, dtype=np.float32)
        context = Context("clustering", min(len(x), 2000), x.shape[1], 1, seed=seed)
        self.spaces: dict[str, Space] = check_models("clustering", options.include, options.exclude, options.space, context)
        self.trials: list[Record] = []
        self.looks: dict[str, Look] = {}
        self.causes: list[str] = []

    def run(self) -> Found:
        """Try, judge, refit."""
        distinct = len(np.unique(self.x[some_rows(self.x, 5000, self.seed)], axis=0))
        low, high = self._counts(distinct)
        if distinct < DISTINCT or high < 2:
            return self._one_group("fewer than three rows differ" if distinct < DISTINCT else "one cluster was asked for")
        counts = (2, len(self.x)) if self.options.n_clusters is None else (low, high)
        ways = self._ways()
        for done, (name, scaling) in enumerate(ways.items(), 1):
            if done == 1 or self._may(TRYING):
                self._look(name, scaling, max(2, low), high, done / len(ways))
        judged = {name: look.known(found) for name, look in self.looks.items() if (found := look.partitions(*counts))}
        if not judged:
            if any(look.measured for look in self.looks.values()):
                return self._one_group("no method found as many groups as were looked for")
            raise NoClustersError("no clustering could be fitted" if self.causes else "the time was over before the first fit", sorted(set(self.causes))[:5])
        odds = {name: odds_of(known) for name, known in judged.items()}
        look = self.looks[max(odds, key=lambda name: odds[name])]
        self._draw(look, low, high)
        gains = {name: gain_of(known, look.view.columns) for name, known in judged.items()}
        return self._settle(look, look.partitions(*counts), ways, odds, gains)

    def _ways(self) -> dict[str, Scaling | None]:
        """Return the scalings that are tried."""
        if self.options.scaled:
            return {PLAIN: None}
        ways = scalings(self.x, self.seed, self.options.numbers)
        return ways if self.options.metric is None else {PLAIN: ways[PLAIN]}  # an index can be compared within one scaling only

    def _look(self, name: str, scaling: Scaling | None, low: int, high: int, share: float) -> None:
        """Try the ladder under a scaling, until a share of the time and of the trials for it is used."""
        view = View.of(self.x, self.seed, scaling, name)
        self.looks[name] = Look(view)
        for matrix_name, matrix in view.matrices().items():
            self.pool.put(f"clusters.{matrix_name}", matrix)
        steps = ladder(len(view.rows), self.x.shape[1], low, high)
        most = None if self.options.most is None else max(1, round(self.options.most * share))
        self._try(self._allowed([replace(s, data=view.named(s.data)) for s in steps]), TRYING * share, most)

    def _counts(self, distinct: int) -> tuple[int, int]:
        asked = self.options.n_clusters
        if asked is None:
            return 2, most_clusters(min(len(self.x), 2000))
        low, high = (asked, asked) if isinstance(asked, int) else asked
        return min(low, distinct), min(high, distinct)

    def _allowed(self, steps: Sequence[Step]) -> list[Step]:
        """Return the steps of the families that compete, options as near as their spaces allow; defaults of families that the ladder lacks."""
        extra = [Step(name, {}, steps[0].data) for name in self.spaces if name not in {s.family for s in steps}] if self.options.include != "all" else []
        out: list[Step] = []
        for step in [*steps, *extra]:
            if step.family in self.spaces:
                space = self.spaces[step.family]
                fitted = replace(step, params=space.fitted({**space.default(), **step.params}))
                if fitted not in out:
                    out.append(fitted)
        return out

    def _until(self, share: float) -> float:
        return self.began + share * (self.deadline - self.began)

    def _try(self, steps: Sequence[Step], share: float, most: int | None) -> None:
        """Fit steps in order, as many at once as the pool has places, until the share of the time is over or there are `most` trials."""
        left, running = list(steps), 0
        while left or running:
            while left and running < 2 * self.pool.slots and self._may(share, running, most):
                step = left.pop(0)
                self.pool.submit(self._fit(step), self._until(0.5 * (share + 1)))
                running += 1
            if not running:
                break
            for fitted in self.pool.results(0.5):
                running -= 1
                self._took(fitted)

    def _fit(self, step: Step) -> Fit:
        return Fit(step.family, step.params, self.seed, f"clusters.{step.data}", note=step.note)

    def _may(self, share: float, running: int = 0, most: int | None = None) -> bool:
        """Return whether another candidate may be fitted: within a share of the time, and of as many as there may be, those that run counted."""
        most = self.options.most if most is None else most
        room = most is None or len(self.trials) + running < most
        return room and time.monotonic() < self._until(share) and not self.should_stop()

    def _took(self, fitted: Fitted) -> dict[str, float] | None:
        """Judge a fit and tell of it; returns its scores."""
        fit = fitted.fit
        step = Step(fit.family, dict(fit.params), fit.data.removeprefix("clusters."))
        scores: dict[str, float] | None = None
        clusters = noise = None
        if fitted.output is not None:
            labels = fitted.output.astype(np.int64)
            look = self.looks[step.scaling]
            labels = labels if self.options.noise else look.view.without_noise(labels)
            clusters, noise = int(labels.max(initial=-1)) + 1, round(float((labels < 0).mean()), 4)
            scores = look.take(step, labels, fitted.seconds) or None
        elif fitted.state not in (State.OK, State.CANCELLED):
            self.causes.append(fitted.cause)
        record: Record = {
            "number": len(self.trials), "family": step.family, "params": step.params, "data": step.data, "note": step.note, "kind": step.kind,
            "state": str(fitted.state),
            "seconds": round(fitted.seconds, 4), "clusters": clusters, "noise": noise, "cause": fitted.cause, "device": str(fitted.facts.get("device", "cpu")),
            "scores": {name: round(value, 6) for name, value in (scores or {}).items()},
        }  # fmt: skip
        self.trials.append(record)
        self.on_trial(record)
        return scores

    def _draw(self, look: Look, low: int, high: int) -> None:
        """Look further where a kind of structure has settings worth searching, with Optuna, by the index that fits the kind."""
        data = look.view.named("p" if look.view.projection else "x")
        drawer = Drawer(self.spaces, [(s, v) for s, _, v, _ in look.measured if v], self.seed, (low, high), data)
        while self._may(DRAWING):
            asked = drawer.ask()
            if asked is None:
                break
            step, handle = asked
            self.pool.submit(self._fit(step), self._until(0.85))
            back: list[Fitted] = []
            while not back and self.pool.pending():
                back = self.pool.results(0.5)
            for fitted in back:
                scores = self._took(fitted)
                drawer.tell(handle, step, scores)

    def _settle(
        self, look: Look, chosen: list[Candidate], ways: Mapping[str, Scaling | None], odds: Mapping[str, float], gains: Mapping[str, float]
    ) -> Found:  # fmt: skip
        """Judge the partitions, look at the stability of the foremost, fit the winner on all rows.

        Of each of the `ways` to scale columns that there was time for, `odds` say how well it shows groups, `gains` by how many nats per row
        groups shorten telling the rows.
        """
        view, known = look.view, look.known(chosen)
        candidates, named = known.candidates, self.options.metric
        expected = shipped().expected(known.values, known.agreement)
        greater = named is None or NAMED[named][1]
        value = expected if named is None else np.array([c.scores[named] for c in candidates])
        foremost = unlike(np.argsort(-value if greater else value, kind="stable"), candidates, FINALISTS)
        spared = min(self._until(0.85), time.monotonic() + 0.15 * (self.deadline - self.began))
        stable = {} if self.should_stop() else stability(self.pool, view, [candidates[i] for i in foremost], self.options.noise, self.seed, spared)
        rank = [(i, stable.get(position)) for position, i in enumerate(foremost)]
        winner = foremost[0] if named else stabler(rank, value)
        best = candidates[winner]
        placed = place_all(self.pool, self.x, view, best, self.options.noise, self.seed, self.deadline)
        fresh = None if self.should_stop() else placed_unseen(self.pool, view, best, self.options.noise, self.seed, self.deadline)
        seconds = max(0.2, min(10.0, 0.5 * (self.deadline - time.monotonic()))) / len(odds)
        gains = {**gains, view.name: gain_of(known, view.columns)}
        seen = {name: structure_of(self.looks[name].view.geometry.x, gain, seconds) for name, gain in gains.items()}
        other = next((i for i in foremost if i != winner), winner)
        evidence = {
            **seen[view.name], "structure": all(found["structure"] for found in seen.values()), "kind": best.step.kind, "data": best.step.data,
            "note": best.step.note,
            "clusters": best.clusters, "rows_looked_at": len(view.rows), "sound": sound(best), "placed": placed.note, "new_rows": fresh,
            "stability": dict(rank)[winner],
            "expected_agreement": round(float(expected[winner]), 4), "curves": curves(candidates), "kinds": kinds(candidates, expected),
            "finalists": [told(candidates[i], float(expected[i]), best) | {"stability": how, "chosen": i == winner} for i, how in rank],
            "scalings": [
                {"name": name, "odds": round(odds[name], 2) if name in odds else None, "chosen": name == view.name,
                 "structure": seen[name]["structure"] if name in seen else None, **(scaling or AS_IT_IS).told()} for name, scaling in ways.items()
            ],
            "reasons": [{"evidence": name, "adds": round(adds, 4)} for name, adds in shipped().reasons(known.values, winner, other)[:5] if adds > 0],
        }  # fmt: skip
        metric = named or METRIC
        return Found(
            placed.labels, placed.strength, placed.form, best.step.family, best.step.params, self.trials, evidence, float(value[winner]), metric, greater,
            self._baseline(candidates, value),
        )  # fmt: skip

    def _baseline(self, candidates: list[Candidate], value: NDArray[np.float64]) -> float | None:
        """Return what the metric says of k-means with as many clusters as the silhouette likes best; None where k-means does not compete."""
        simple = [i for i, c in enumerate(candidates) if "kmeans" in {s.family for s in (c.step, *c.twins)}]
        return float(value[max(simple, key=lambda i: candidates[i].scores["silhouette"])]) if simple else None

    def _one_group(self, why: str) -> Found:
        """Return all rows as one group."""
        form = Form("centroids", {"n_outputs": 1, "variance": 1.0}, {"centres": self.x.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32)})
        n = len(self.x)
        evidence = {"structure": False, "why": why, "kind": "none", "clusters": 1}
        metric = self.options.metric or METRIC
        return Found(np.zeros(n, np.int64), np.ones(n, np.float32), form, "kmeans", {"clusters": 1}, self.trials, evidence, 0.0, metric, True, None)
