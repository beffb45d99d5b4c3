"""Spaces in Optuna's words, and samplers that answer from a seed and a study alone."""

import math
import warnings

import numpy as np
import optuna
import pytest

from automl.families.space import Choice, Fixed, Float, Int, Space
from automl.search.sampling import Anywhere, FromTrial, Options, Sampling, make_pruner

SPACE = Space({
    "rate": Float(1e-3, 1.0, 0.1, log=True), "depth": Int(1, 64, 4, log=True), "kept": Fixed("x"),
    "how": Choice({"slow": Space({"steps": Int(1, 9, 2), "kind": Choice({"p": Space({"q": Float(0, 1, 0.5)}), "r": Space()}, "p")}), "fast": Space()}, "slow"),
    "only": Choice({"one": Space({"inner": Float(0, 2, 1)})}, "one"),
})  # fmt: skip
NAMES = {"rate", "depth", "how", "only", "how.slow.steps", "how.slow.kind", "how.slow.kind.p.q", "only.one.inner"}


def test_distributions_are_those_of_the_space():
    options = Options.of(SPACE)
    found = options.everything()
    assert set(found) == NAMES and set(options.single) == {"only"}
    assert (found["rate"].low, found["rate"].high, found["rate"].log) == (1e-3, 1.0, True)
    assert found["depth"] == optuna.distributions.IntDistribution(1, 64, log=True) and found["how"].choices == ("slow", "fast")


def test_fixed_options_are_not_optunas():
    values, known = Sampling("tpe", SPACE).free({"rate": 0.5, "kept": "x", "how": "fast"})
    assert values == {"rate": 0.5, "how": "fast"} and set(known) == {"rate", "how"}


def asked(sampling, study, seed, index=0):
    study.sampler = sampling.sampler(seed, index)
    handle = study.ask()
    return handle, SPACE.sample(FromTrial(handle))


@pytest.mark.parametrize("name", ["tpe", "random", "qmc"])
def test_a_sampler_answers_from_its_seed_and_the_study(name):
    sampling = Sampling(name, SPACE)

    def answers(seed):
        study, out = optuna.create_study(), []
        for k in range(14):
            handle, params = asked(sampling, study, seed + (0 if name == "qmc" else k), k)
            study.tell(handle, params["rate"])
            out.append(params)
        return out

    first = answers(1)
    assert first == answers(1) != answers(900)
    for params in first:
        assert params["kept"] == "x" and ("how.slow.steps" in params) == (params["how"] == "slow")
        assert ("how.slow.kind.p.q" in params) == (params.get("how.slow.kind") == "p") and 0 <= params["only.one.inner"] <= 2


def test_tpe_models_only_what_exists_and_learns_under_words():
    """It answers for the words drawn and no other, and its answers follow the scores under each."""
    sampling, study = Sampling("tpe", SPACE), optuna.create_study(direction="maximize")
    for k in range(40):
        handle, params = asked(sampling, study, k)
        study.tell(handle, params.get("how.slow.kind.p.q", -1.0) + params["only.one.inner"])
    study.sampler = sampling.sampler(99, 0)
    drawn = study.ask().relative_params
    assert {"rate", "depth", "how", "only.one.inner"} <= set(drawn) and ("how.slow.steps" in drawn) == (drawn["how"] == "slow")
    late = [t.params for t in study.trials[-13:-1]]
    assert np.mean([p["only.one.inner"] for p in late]) > 1.4 and sum(p.get("how.slow.kind") == "p" for p in late) > 6


def test_the_quick_normal_changes_speed_and_nothing_else(monkeypatch):
    """Optuna's own function, value by value, proposes the same; it is back in its place afterwards."""
    import optuna.samplers._tpe._truncnorm as module

    own = module._log_ndtr

    def params():
        sampling, study = Sampling("tpe", SPACE), optuna.create_study()
        for k in range(25):
            handle, params = asked(sampling, study, k)
            study.tell(handle, params["depth"] + params["rate"])
        return [t.params for t in study.trials]

    quick = params()
    assert module._log_ndtr is own
    monkeypatch.setattr("scipy.special.log_ndtr", own)
    slow = params()
    for a, b in zip(quick, slow, strict=True):
        assert a.keys() == b.keys() and all(a[k] == (pytest.approx(b[k], rel=1e-9) if isinstance(b[k], float) else b[k]) for k in a)


def test_a_sequence_is_even_where_chance_is_not():
    """Of 16 points of a Sobol sequence exactly one lies in each sixteenth of an option."""
    space = Space({"x": Float(0, 1, 0.5), "y": Float(0, 1, 0.5)})
    sampling, study = Sampling("qmc", space), optuna.create_study()
    points = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for k in range(16):
            study.sampler = sampling.sampler(5, k)
            points.append(space.sample(FromTrial(study.ask())))
    for name in "xy":
        assert sorted(math.floor(16 * p[name]) for p in points) == list(range(16))


def test_anywhere_is_even_on_the_scale_of_the_option():
    draws = [SPACE.sample(Anywhere(str(k))) for k in range(2000)]
    assert abs(np.mean([math.log10(d["rate"]) for d in draws]) + 1.5) < 0.08
    assert all(1 <= d["depth"] <= 64 and isinstance(d["depth"], int) for d in draws)
    assert abs(np.mean([d["depth"] < 8 for d in draws]) - math.log(7.5 / 0.5) / math.log(64.5 / 0.5)) < 0.05
    assert abs(np.mean([d["how"] == "slow" for d in draws]) - 0.5) < 0.05


def test_pruners_by_name():
    assert [type(make_pruner(n)).__name__ for n in ("none", "race", "median", "wilcoxon")] == ["NopPruner", "NopPruner", "MedianPruner", "WilcoxonPruner"]
