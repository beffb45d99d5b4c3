"""Samplers and spaces in Optuna's words: the distributions of a space, values drawn from a trial, a sampler by name and seed."""

import math
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from automl.families.space import Fixed, Float, Int, Params, Space

STARTUP = 6  # complete trials of a family before a model is made of them; its default is one

Distributions = dict[str, Any]


class FromTrial:
    """Draws values from an Optuna trial (the protocol `Suggest` of a space)."""

    def __init__(self, trial: Any) -> None:
        self.trial = trial

    def real(self, name: str, low: float, high: float, log: bool) -> float:
        """Draw a real number."""
        return float(self.trial.suggest_float(name, low, high, log=log))

    def whole(self, name: str, low: int, high: int, log: bool) -> int:
        """Draw a whole number."""
        return int(self.trial.suggest_int(name, low, high, log=log))

    def one_of(self, name: str, options: list[str]) -> str:
        """Draw one of the options."""
        return str(self.trial.suggest_categorical(name, options))


class Anywhere:
    """Draws values evenly, on the scale of the option, without Optuna (the protocol `Suggest` of a space)."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)

    def real(self, name: str, low: float, high: float, log: bool) -> float:
        """Draw a real number."""
        value = math.exp(self.chance.uniform(math.log(low), math.log(high))) if log else self.chance.uniform(low, high)
        return min(high, max(low, value))

    def whole(self, name: str, low: int, high: int, log: bool) -> int:
        """Draw a whole number; on a log scale each has the width it covers there."""
        return min(high, max(low, round(self.real(name, low - 0.5, high + 0.5, log))))

    def one_of(self, name: str, options: list[str]) -> str:
        """Draw one of the options."""
        return self.chance.choice(options)


@dataclass(frozen=True)
class Options:
    """A space as Optuna sees it: `own` distributions, those of one value apart, and the options under each word of a choice."""

    own: Distributions = field(default_factory=dict)
    single: Distributions = field(default_factory=dict)
    under: dict[str, dict[str, "Options"]] = field(default_factory=dict)

    @classmethod
    def of(cls, space: Space, prefix: str = "") -> "Options":
        """Return the options of a space by their full names; fixed ones have no distribution."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        out = cls()
        for name, dimension in space.items():
            full = prefix + name
            if isinstance(dimension, Fixed):
                continue
            found: Any
            if isinstance(dimension, Float):
                found = FloatDistribution(dimension.low, dimension.high, log=dimension.log)
            elif isinstance(dimension, Int):
                found = IntDistribution(dimension.low, dimension.high, log=dimension.log)
            else:
                found = CategoricalDistribution(list(dimension.options))
                out.under[full] = {word: cls.of(inner, f"{full}.{word}.") for word, inner in dimension.options.items() if len(inner)}
            (out.single if found.single() else out.own)[full] = found
        return out

    def everything(self) -> Distributions:
        """Return the distributions of every option that may exist."""
        inner = [options.everything() for words in self.under.values() for options in words.values()]
        return {**self.own, **self.single, **{name: found for part in inner for name, found in part.items()}}

    def chosen(self, params: Params) -> list["Options"]:
        """Return the options under the words that were drawn."""
        out = []
        for name, words in self.under.items():
            only = self.single[name].choices[0] if name in self.single else None
            if (word := params.get(name, only)) in words:
                out.append(words[word])
        return out


class Sampling:
    """Makes the sampler `name` of a space, anew for each question, so that what it answers hangs on its seed and the study alone."""

    def __init__(self, name: str, space: Space) -> None:
        self.name, self.options = name, Options.of(space)
        self.everything = self.options.everything()

    def sampler(self, seed: int, index: int) -> Any:
        """Return the sampler for one question; `index` counts the questions: the point of an evenly spread sequence."""
        from optuna.samplers import GPSampler, RandomSampler

        if self.name == "random":
            return RandomSampler(seed=seed)
        tpe, qmc = _kinds()
        if self.name == "qmc":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # its interface is marked experimental
                return qmc(self.everything, seed, index)
        if self.name == "gp":
            return GPSampler(seed=seed, n_startup_trials=STARTUP, independent_sampler=tpe(self, seed), warn_independent_sampling=False)
        return tpe(self, seed)

    def free(self, params: Params) -> tuple[Params, Distributions]:
        """Return the options of a configuration that Optuna knows, all but the fixed ones, and their distributions."""
        values = {name: value for name, value in params.items() if name in self.everything}
        return values, {name: self.everything[name] for name in values}


def make_pruner(name: str) -> Any:
    """Return Optuna's pruner of that name; the race is not one of them."""
    from optuna.pruners import MedianPruner, NopPruner, WilcoxonPruner

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the Wilcoxon pruner is marked experimental
        return {"median": MedianPruner, "wilcoxon": WilcoxonPruner}.get(name, NopPruner)()


@contextmanager
def _quick_normal() -> Iterator[None]:
    """Let Optuna take the logarithm of the normal distribution from scipy, whole arrays at once, for as long as it is asked.

    Its own goes through a Python function value by value, which was half of all time at 500 trials. Another version of Optuna
    may keep it elsewhere; then nothing changes but the speed.
    """
    try:
        module: Any = import_module("optuna.samplers._tpe._truncnorm")
        own = module._log_ndtr
    except (ImportError, AttributeError):
        yield
        return
    from scipy.special import log_ndtr

    module._log_ndtr = log_ndtr
    try:
        yield
    finally:
        module._log_ndtr = own


@cache
def _kinds() -> tuple[Any, Any]:
    """Return our forms of Optuna's TPE and Sobol samplers; within a function, as Optuna takes half a second to load."""
    from optuna.samplers import QMCSampler, TPESampler

    class Tpe(TPESampler):  # type: ignore[misc]
        """TPE (Bergstra et al. 2011) of all options that exist together: the common ones first, then those under the words drawn.

        Optuna's own `group` models the same parts, but draws the options of every word, chosen or not: twice the time of this.
        """

        def __init__(self, sampling: Sampling, seed: int) -> None:
            super().__init__(multivariate=True, constant_liar=True, n_startup_trials=STARTUP, seed=seed)
            self.sampling = sampling

        def infer_relative_search_space(self, study: Any, trial: Any) -> Distributions:
            return self.sampling.everything

        def sample_relative(self, study: Any, trial: Any, search_space: Distributions) -> Params:
            drawn: Params = {}
            parts = [self.sampling.options]
            with _quick_normal():
                while parts:
                    part = parts.pop()
                    drawn |= super().sample_relative(study, trial, part.own)
                    parts += part.chosen(drawn)
            return drawn

    class Qmc(QMCSampler):  # type: ignore[misc]
        """A scrambled Sobol sequence over all options; we count its points, so that a run that goes on finds its place."""

        def __init__(self, everything: Distributions, seed: int, index: int) -> None:
            super().__init__(scramble=True, seed=seed, warn_independent_sampling=False)
            self.everything = {name: found for name, found in everything.items() if not found.single()}
            self.index = index

        def infer_relative_search_space(self, study: Any, trial: Any) -> Distributions:
            return self.everything

        def _find_sample_id(self, study: Any, search_space: Distributions) -> int:
            return self.index

    return Tpe, Qmc
