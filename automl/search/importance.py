"""Which options of a family made its trials good: PED-ANOVA over the trials of a run, held against chance."""

import random
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
SHUFFLES = 40
MOST = 500  # trials of a family that are looked at, evenly over the search


def parameter_importance(plan: Plan, study: Study) -> list[dict[str, Any]]:
    """Return per family that was tried what `of_family` does, or why there is nothing to say; a failure is said, too."""
    out = []
    for candidate in plan.candidates:
        trials = [t for t in study.own() if t.family == candidate.family]
        if not trials:
            continue
        try:
            found = of_family(trials, Sampling(plan.sampler, candidate.space), greater=plan.greater_is_better, seed=plan.seed)
        except Exception as fault:  # of Optuna, for a space it cannot do; the run does not need it
            found = {"skipped": f"it could not be reckoned: {type(fault).__name__} {fault}".splitlines()[0][:200]}
        out.append({"family": candidate.family, **found})
    return out


def of_family(trials: Sequence[Trial], sampling: Sampling, *, greater: bool, seed: int) -> dict[str, Any]:
    """Return `options`, each with its share of what set good trials apart, the greatest first, or `skipped`, a sentence.

    PED-ANOVA [Watanabe et al. 2023; for options that exist only under some others Conditional PED-ANOVA, as in Optuna 5]: how far the
    values of the best tenth of the trials (five at least) are distributed otherwise than those of all. Trials that were ended early
    count among the others: they were clearly worse than the best. `beyond_chance` says that no such share of nineteen in twenty
    shufflings of the scores is as great.
    """
    done = sorted((t for t in trials if t.state == State.OK and t.score is not None), key=lambda t: t.number)
    early = sorted((t for t in trials if t.state == State.PRUNED), key=lambda t: t.number)
    every = _thinned(done, MOST) + _thinned(early, MOST)
    if len(every) < LEAST or len(done) < GOOD:
        return {"skipped": f"{len(done) + len(early)} trials, {len(done)} of them complete, are too few to tell; {LEAST} are needed, {GOOD} of them complete"}
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
    shuffled = [_divergence(study, rng.sample(losses, len(losses)), good) for _ in range(SHUFFLES)]
    options = [
        {"option": name, "share": value / total if total > 0 else 0.0, "beyond_chance": sum(s[name] >= value for s in shuffled) <= 0.05 * SHUFFLES}
        for name, value in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]
    return {"trials": len(done), "ended_early": len(early), "good": round(good * len(every)), "options": options}


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
