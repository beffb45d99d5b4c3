"""Which options of a family made its trials good: PED-ANOVA over the trials of a run, held against chance."""

import math
import random
import time
import warnings
from collections.abc import Sequence
from typing import Any

from automl.plan.plan import Plan
from automl.search.export import contains
from automl.search.sampling import Sampling
from automl.search.study import Study, Trial
from automl.vocabulary import State

LEAST = 20  # trials of a family that ended, well or early; below, the answer is luck
GOOD = 5  # of them that are called good, at the least, as Optuna's manual advises
GOOD_SHARE = 0.1
SHUFFLES = 39  # of the scores; an option whose share none of nineteen reaches, or one of thirty-nine, is beyond chance
LEAST_SHUFFLES = 19
MOST = 500  # trials of a family that are looked at, evenly over the search


def parameter_importance(plan: Plan, study: Study, seconds: float | None = None) -> list[dict[str, Any]]:
    """Return per family that was tried what `of_family` does, or why there is nothing to say; a failure is said, too.

    `seconds` is for all of it, None: not limited; the families with the most trials come first.
    """
    out = []
    end = math.inf if seconds is None else time.monotonic() + seconds
    tried = [(c, own) for c in plan.candidates if (own := [t for t in study.own() if t.family == c.family])]
    tried.sort(key=lambda item: -len(item[1]))
    for place, (candidate, trials) in enumerate(tried):
        left = end - time.monotonic()
        if left <= 0:
            out.append({"family": candidate.family, "skipped": "there was no time left for it"})
            continue
        try:
            part = left / (len(tried) - place)
            found = of_family(trials, Sampling(plan.sampler, candidate.space), greater=plan.greater_is_better, seed=plan.seed, seconds=part)
        except Exception as fault:  # of Optuna, for a space it cannot do; the run does not need it
            found = {"skipped": f"it could not be reckoned: {type(fault).__name__} {fault}".splitlines()[0][:200]}
        out.append({"family": candidate.family, **found})
    return out


def of_family(trials: Sequence[Trial], sampling: Sampling, *, greater: bool, seed: int, seconds: float = math.inf) -> dict[str, Any]:
    """Return `options`, each with its share of what set good trials apart, the greatest first, or `skipped`, a sentence.

    PED-ANOVA [Watanabe et al. 2023; for options that exist only under some others Conditional PED-ANOVA, as in Optuna 5]: how far the
    values of the best tenth of the trials (five at least) are distributed otherwise than those of all. Trials that were ended early
    count among the others: they were clearly worse than the best. `beyond_chance` says that at most one in twenty shufflings of
    the scores comes as far; None where `seconds` were too few for nineteen of them.
    """
    done = sorted((t for t in trials if t.state == State.OK and t.score is not None), key=lambda t: t.number)
    early = sorted((t for t in trials if t.state == State.PRUNED), key=lambda t: t.number)
    every = _thinned(done, MOST) + _thinned(early, MOST)
    if len(every) < LEAST or len(done) < GOOD:
        return {"skipped": f"{len(done) + len(early)} trials, {len(done)} of them complete, are too few to tell; {LEAST} are needed, {GOOD} of them complete"}
    end = time.monotonic() + seconds
    sign = -1.0 if greater else 1.0
    losses = [sign * t.score for t in every if t.state == State.OK and t.score is not None]
    losses += [max(losses)] * (len(every) - len(losses))
    good = min(len(done), max(GOOD, round(GOOD_SHARE * len(every)))) / len(every)
    study = _as_study(every, sampling)
    found = _divergence(study, losses, good)
    if not found:
        return {"skipped": "no option of this family was varied"}
    total = sum(found.values())
    rng = random.Random(seed)
    shuffled: list[dict[str, float]] = []
    while len(shuffled) < SHUFFLES and time.monotonic() < end:
        shuffled.append(_divergence(study, rng.sample(losses, len(losses)), good))
    enough = len(shuffled) >= LEAST_SHUFFLES
    options = [
        {"option": name, "share": value / total if total > 0 else 0.0, "beyond_chance": _rare(value, [s[name] for s in shuffled]) if enough else None}
        for name, value in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]
    return {"trials": len(done), "ended_early": len(early), "good": round(good * len(every)), "options": options}


def _rare(value: float, by_luck: Sequence[float]) -> bool:
    """Return whether a value is as great by luck in at most one case of twenty, itself counted as one [Phipson and Smyth 2010]."""
    return (1 + sum(other >= value for other in by_luck)) / (1 + len(by_luck)) <= 0.05


def _thinned(trials: Sequence[Trial], most: int) -> list[Trial]:
    return list(trials) if len(trials) <= most else [trials[i * len(trials) // most] for i in range(most)]


def _options(trial: Trial, sampling: Sampling) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options of a trial that the space leaves free, where their values lie in it, and their distributions."""
    values, known = sampling.free(trial.params)
    inside = {name: value for name, value in values.items() if not known[name].single() and contains(known[name], value)}
    return inside, {name: known[name] for name in inside}


def _as_study(trials: Sequence[Trial], sampling: Sampling) -> Any:
    """Return the trials as an Optuna study, numbered in their order; their values say nothing."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study()
    for trial in trials:
        params, distributions = _options(trial, sampling)
        study.add_trial(optuna.trial.create_trial(value=0.0, params=params, distributions=distributions))
    return study


def _divergence(study: Any, losses: Sequence[float], good: float) -> dict[str, float]:
    """Return per option how far good trials lie from all, not normalised; `losses` by the number of the trial, the least is the best."""
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that low values are taken for good ones, as is meant
        evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=good)
        found = evaluator.evaluate(study, target=lambda trial: losses[trial.number])
    return {str(name): float(value) for name, value in found.items()}
