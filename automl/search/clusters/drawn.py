"""Further candidates by Optuna: a study for each kind of structure whose settings are worth searching, each by the index that fits it."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.families.space import Int, Params, Space
from automl.search.clusters.ladder import KIND, Step
from automl.search.sampling import FromTrial

MOST = 24  # candidates drawn; more would let chance pass for structure
ORDER = ("dense", "connected", "elliptical", "compact")


def goal(kind: str, scores: Mapping[str, float]) -> float:
    """Return the index of a kind; more is better."""
    if kind == "dense":
        return scores["dbcv"] * (1 - scores["noise"])
    return scores[{"connected": "disco", "elliptical": "bic", "compact": "silhouette"}[kind]]


class Drawer:
    """Asks the studies in turn. `counts` are the least and the most clusters."""

    def __init__(self, spaces: Mapping[str, Space], known: Sequence[tuple[Step, Mapping[str, float]]], seed: int, counts: tuple[int, int], data: str) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.data = data
        self.families = {kind: [f for f in spaces if KIND.get(f, "compact") == kind] for kind in ORDER}
        self.spaces = {name: _counted(space, *counts) for name, space in spaces.items()}
        self.kinds = [kind for kind in ORDER if self.families[kind]]
        sampler = optuna.samplers.TPESampler
        self.studies = {
            kind: optuna.create_study(direction="maximize", sampler=sampler(seed=seed, n_startup_trials=4, multivariate=False)) for kind in self.kinds
        }
        self.seen = {_key(step) for step, _ in known}
        self.asked = 0

    def ask(self) -> tuple[Step, Any] | None:
        """Return the next candidate and its handle; None when there are enough."""
        while self.kinds and self.asked < MOST:
            kind = self.kinds[self.asked % len(self.kinds)]
            self.asked += 1
            handle = self.studies[kind].ask()
            families = self.families[kind]
            family = handle.suggest_categorical("family", families) if len(families) > 1 else families[0]
            params: Params = self.spaces[family].sample(FromTrial(_Prefixed(handle, family)))
            step = Step(family, params, self.data)
            if _key(step) not in self.seen:
                self.seen.add(_key(step))
                return step, (kind, handle)
            self.tell((kind, handle), step, None)
        return None

    def tell(self, handle: Any, step: Step, scores: Mapping[str, float] | None) -> None:
        """Tell what came of a candidate; None where it failed or found one group."""
        import optuna

        kind, trial = handle
        if scores is None:
            self.studies[kind].tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            self.studies[kind].tell(trial, goal(kind, scores))


class _Prefixed:
    """A trial whose options are called by their family, as two families may have one of a name."""

    def __init__(self, trial: Any, family: str) -> None:
        self.trial, self.family = trial, family

    def suggest_float(self, name: str, low: float, high: float, log: bool) -> float:
        return float(self.trial.suggest_float(f"{self.family}.{name}", low, high, log=log))

    def suggest_int(self, name: str, low: int, high: int, log: bool) -> int:
        return int(self.trial.suggest_int(f"{self.family}.{name}", low, high, log=log))

    def suggest_categorical(self, name: str, options: list[str]) -> str:
        return str(self.trial.suggest_categorical(f"{self.family}.{name}", options))


def _counted(space: Space, low: int, high: int) -> Space:
    known = space.get("clusters")
    if not isinstance(known, Int):
        return space
    low, high = max(low, known.low), min(high, known.high)
    return space.replace("clusters", Int(low, high, low)) if low <= high else space


def _key(step: Step) -> str:
    return f"{step.family} {step.data} {sorted(step.params.items())}"
