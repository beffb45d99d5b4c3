import json
import random

import pytest

from automl.families.space import Choice, Fixed, Float, Int, Space
from automl.plan.candidates import CandidateFamily
from automl.search import importance as under_test
from automl.search.importance import LEAST, of_family, parameter_importance
from automl.search.sampling import Sampling
from automl.search.study import Study
from automl.vocabulary import State
from tests.toys import toy_plan, toy_trial

SPACE = Space({
    "rate": Float(1e-3, 1.0, 0.1, log=True), "depth": Int(1, 9, 3), "idle": Float(0.0, 1.0, 0.5), "fixed": Fixed(7),
    "kind": Choice({"a": Space({"slope": Float(0.0, 1.0, 0.5)}), "b": Space({})}, "a"),
})  # fmt: skip


def trials(n, seed=0, score=None, **changes):
    """Return trials drawn at random; the score hangs on `rate` unless `score` says otherwise."""
    rng = random.Random(seed)
    out = []
    for number in range(1, n + 1):
        kind = rng.choice("ab")
        params = {"rate": 10 ** rng.uniform(-3, 0), "depth": rng.randint(1, 9), "idle": rng.random(), "fixed": 7, "kind": kind}
        params |= {"kind.a.slope": rng.random()} if kind == "a" else {}
        value = score(params, rng) if score else -abs(params["rate"] - 0.1) + rng.gauss(0, 0.01)
        out.append(toy_trial(number, value, params=params, **changes))
    return out


def told(some, greater=True, seed=0):
    return of_family(some, Sampling("tpe", SPACE), greater=greater, seed=seed)


def test_the_option_that_made_trials_good_comes_first_and_only_it_is_beyond_chance():
    found = told(trials(60))
    assert found["options"][0]["option"] == "rate" and found["options"][0]["beyond_chance"] and found["trials"] == 60
    assert sum(o["share"] for o in found["options"]) == pytest.approx(1.0)
    assert {o["option"] for o in found["options"]} == {"rate", "depth", "idle", "kind", "kind.a.slope"}
    json.dumps(found, allow_nan=False)


def test_the_direction_of_the_metric_counts():
    some = trials(60, score=lambda p, rng: (p["rate"] < 0.01 and 1.0) or 0.1 * rng.random())
    assert told(some)["options"][0]["option"] == "rate"
    down = [toy_trial(t.number, -t.score, params=t.params) for t in some]
    assert told(down, greater=False)["options"] == told(some)["options"]


def test_scores_by_luck_are_seldom_beyond_chance():
    luck = [told(trials(40, seed, lambda p, rng: rng.random()), seed=seed)["options"] for seed in range(12)]
    assert all(o["beyond_chance"] in (True, False) for options in luck for o in options)
    assert sum(o["beyond_chance"] for options in luck for o in options) <= 8  # of sixty; three are to be expected


def test_trials_that_were_ended_early_count_as_not_good():
    some = trials(60)
    ended = [t if t.params["rate"] < 0.3 else toy_trial(t.number, None, params=t.params, state=State.PRUNED) for t in some]
    found = told(ended)
    assert found["ended_early"] > 5 and found["trials"] + found["ended_early"] == 60 and found["options"][0]["option"] == "rate"


def test_too_few_trials_say_so():
    assert "too few" in told(trials(LEAST - 1))["skipped"]
    ended = [toy_trial(t.number, None, params=t.params, state=State.PRUNED) for t in trials(30)]
    assert "too few" in told(ended)["skipped"]
    alone = Space({"fixed": Fixed(7)})
    assert "varied" in of_family([toy_trial(i, 0.1 * i, params={"fixed": 7}) for i in range(30)], Sampling("tpe", alone), greater=True, seed=0)["skipped"]


def test_options_outside_of_the_space_and_families_without_trials():
    some = [toy_trial(t.number, t.score, params=t.params | {"rate": 50.0}) if t.number % 10 == 0 else t for t in trials(60)]
    assert told(some)["options"][0]["option"] == "rate"
    plan = toy_plan(candidates=tuple(CandidateFamily(n, "x:Y", SPACE, "cpu") for n in ("linear", "other")))
    found = parameter_importance(plan, Study(True, 2, trials(30)))
    assert [f["family"] for f in found] == ["linear"] and found[0]["options"]


def test_a_failure_is_a_sentence(monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("of another version")

    monkeypatch.setattr(under_test, "_divergence", broken)
    plan = toy_plan(candidates=(CandidateFamily("linear", "x:Y", SPACE, "cpu"),))
    assert "of another version" in parameter_importance(plan, Study(True, 2, trials(30)))[0]["skipped"]


def test_the_same_trials_give_the_same():
    assert told(trials(40)) == told(list(reversed(trials(40))))


def test_short_of_time_the_shares_stand_without_a_word_on_chance():
    found = of_family(trials(60), Sampling("tpe", SPACE), greater=True, seed=0, seconds=0.0)
    assert found["options"][0]["option"] == "rate" and {o["beyond_chance"] for o in found["options"]} == {None}
    plan = toy_plan(candidates=(CandidateFamily("linear", "x:Y", SPACE, "cpu"),))
    assert "no time" in parameter_importance(plan, Study(True, 2, trials(30)), 0.0)[0]["skipped"]
