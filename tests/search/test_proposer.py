"""What is tried next: the given ones and defaults first, then what samplers draw; the same again after a resumed run."""

from collections import Counter
from dataclasses import replace

import pytest

from automl.families.space import Choice, Fixed, Float, Int, Space
from automl.plan.plan import CandidateFamily
from automl.plan.start import StartPoint
from automl.search.proposer import MOST_FAULTS, Proposer
from automl.vocabulary import State

from ..toys import LINEAR, toy_plan, toy_trial

NESTED = Space({
    "depth": Int(1, 900, 4), "kept": Fixed(7), "how": Choice({"slow": Space({"rate": Float(1e-3, 1.0, 0.1, log=True)}), "fast": Space()}, "slow"),
})  # fmt: skip
SPACES = {"a": Space({"x": Float(0, 1, 0.25)}), "b": NESTED, "c": Space({"x": Float(0, 1, 0.75)})}


def fits(family, params):
    return True


def made(spaces=SPACES, **changes):
    candidates = tuple(CandidateFamily(name, LINEAR, space, "cpu") for name, space in spaces.items())
    return Proposer(toy_plan(candidates=candidates, **changes))


def ended(proposal, number, score=0.5, state=State.OK, **changes):
    values = {"params": proposal.params, "fold_scores": (score, score), "state": state, **changes}
    return toy_trial(number, score if state == State.OK else None, family=proposal.family, **values)


def walk(proposer, numbers, score=lambda params: sum(len(str(v)) for v in params.values()) / 30, state=lambda number: State.OK, **changes):
    """Carry out trials one after the other; return them."""
    out = []
    for number in numbers:
        proposal = proposer.propose(number, fits)
        trial = ended(proposal, number, score(proposal.params), state(number), **changes)
        proposer.tell(proposal, trial)
        out.append(trial)
    return out


def test_each_family_begins_with_its_default_in_order():
    proposer = made()
    found = [proposer.propose(number, fits) for number in (1, 2, 3)]
    assert [p.family for p in found] == ["a", "b", "c"] and not proposer.untried
    assert [p.params for p in found] == [space.default() for space in SPACES.values()]


PORTFOLIO = (
    StartPoint("b", SPACES["b"].default(), ""),
    StartPoint("a", {"x": 0.5}, "portfolio, place 2"),
    StartPoint("b", {**SPACES["b"].default(), "depth": 9}, ""),
)


def test_the_portfolio_comes_first_and_then_the_defaults_that_it_does_not_hold():
    proposer = made(portfolio=PORTFOLIO)
    found = [proposer.propose(number, fits) for number in range(1, 6)]
    assert [(p.family, p.params) for p in found[:3]] == [(point.family, point.params) for point in PORTFOLIO] and found[1].note == "portfolio, place 2"
    assert [(p.family, p.params) for p in found[3:]] == [(name, SPACES[name].default()) for name in "ac"] and not proposer.untried


def test_what_an_earlier_run_gave_comes_before_the_portfolio_and_once():
    given = (StartPoint("a", {"x": 0.9}, "from old, trial 1"), StartPoint("a", {"x": 0.5}, "from old, trial 2"))
    proposer = made(portfolio=PORTFOLIO, start_points=given)
    found = [proposer.propose(number, fits) for number in range(1, 7)]
    assert [p.params.get("x") for p in found] == [0.9, 0.5, None, None, 0.25, 0.75] and found[1].note == "from old, trial 2"


def test_what_of_the_portfolio_does_not_fit_is_passed_over():
    proposer = made(portfolio=PORTFOLIO)
    assert proposer.propose(1, lambda family, params: family == "a").params == {"x": 0.5}
    assert proposer.propose(2, fits).family == "b"


def test_a_default_that_does_not_fit_waits():
    proposer = made()
    assert proposer.propose(1, lambda family, params: family == "c").family == "c"
    assert proposer.propose(2, lambda family, params: False) is None and proposer.untried == ["a", "b"]
    assert proposer.propose(3, fits).family == "a"


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
def test_later_proposals_lie_within_the_space_and_fixed_options_stay(sampler):
    seen = {t.params["depth"]: t for t in walk(made({"b": NESTED}, sampler=sampler), range(1, 26))}
    assert len(seen) > 15
    for trial in seen.values():
        assert 1 <= trial.params["depth"] <= 900 and trial.params["kept"] == 7
        assert ("how.slow.rate" in trial.params) == (trial.params["how"] == "slow")
    assert {t.params["how"] for t in seen.values()} == {"slow", "fast"}


@pytest.mark.parametrize(("sampler", "pruner", "objectives"), [
    ("tpe", "none", ("score",)), ("tpe", "race", ("score",)), ("tpe", "median", ("score",)), ("random", "none", ("score",)), ("qmc", "none", ("score",)),
    ("tpe", "none", ("score", "size")), ("gp", "none", ("score",)),
])  # fmt: skip
def test_a_resumed_run_proposes_what_the_uninterrupted_one_would_have(sampler, pruner, objectives):
    if sampler == "gp":
        pytest.importorskip("torch")
    plan = {"sampler": sampler, "pruner": pruner, "objectives": objectives}
    spaces = {"a": SPACES["a"], "b": NESTED}
    state = lambda number: {7: State.ERROR, 9: State.PRUNED, 12: State.CANCELLED}.get(number, State.OK)  # noqa: E731
    told = 19 if sampler == "gp" else 24
    first = made(spaces, **plan)
    trials = walk(first, range(1, told), state=state, size_bytes=100)
    expected = [(t.family, t.params) for t in walk(first, range(told, told + 6), size_bytes=50)]
    again = made(spaces, **plan)
    for trial in trials:
        again.recall(trial)
    assert [(t.family, t.params) for t in walk(again, range(told, told + 6), size_bytes=50)] == expected
    assert again.faults == first.faults and again.best == first.best


def test_the_same_seed_proposes_the_same():
    def params(seed):
        return [t.params for t in walk(made(seed=seed), range(1, 15))]

    assert params(3) == params(3) != params(4)


@pytest.mark.parametrize("sampler", ["tpe", "qmc", "random"])
def test_what_is_proposed_does_not_hang_on_draws_that_did_not_fit(sampler):
    """A draw that was refused for its time leaves no trace that a resumed run would not have."""
    spaces = {"b": NESTED}
    first, again = made(spaces, sampler=sampler), made(spaces, sampler=sampler)
    trials = walk(first, range(1, 10))
    assert first.propose(10, lambda family, params: False) is None
    for trial in trials:
        again.recall(trial)
    assert first.propose(11, fits).params == again.propose(11, fits).params


@pytest.mark.parametrize("state", [State.ERROR, State.MEMORY, State.KILLED, State.CRASHED, State.TIMEOUT])
def test_three_faults_end_a_family(state):
    proposer = made({"a": SPACES["a"]})
    walk(proposer, range(1, MOST_FAULTS + 1), state=lambda number: state)
    assert proposer.propose(9, fits) is None and not proposer.exhausted


@pytest.mark.parametrize("state", [State.CANCELLED, State.PRUNED])
def test_what_was_ended_by_us_is_no_fault(state):
    proposer = made({"a": SPACES["a"]})
    walk(proposer, range(1, 6), state=lambda number: state)
    assert proposer.propose(9, fits) is not None and proposer.faults == {"a": 0}


@pytest.mark.parametrize(("greater", "scores", "first"), [(True, (0.1, 0.9, 0.5), "b"), (False, (0.1, 0.9, 0.5), "a")])
def test_the_better_a_family_ranks_the_more_often_it_is_tried(greater, scores, first):
    proposer = made(greater_is_better=greater, sampler="random")
    walk(proposer, (1, 2, 3), score=lambda params: scores[len(proposer.best)])
    count = Counter(proposer.propose(number, fits).family for number in range(4, 200))
    assert count.most_common(1)[0][0] == first and set(count) == set(SPACES)


@pytest.mark.parametrize(("greater", "best", "number"), [(True, 0.9, 2), (False, 0.2, 3)])
def test_the_best_of_a_family_is_kept_and_of_equal_ones_the_first(greater, best, number):
    proposer = made({"a": SPACES["a"]}, greater_is_better=greater)
    for at, score in enumerate((0.5, 0.9, 0.2, 0.4, 0.9, 0.2), 1):
        proposal = proposer.propose(at, fits)
        proposer.tell(proposal, ended(proposal, at, score))
    assert proposer.best == {"a": best} and proposer.champions["a"].number == number


def test_a_family_with_faults_only_ranks_last():
    proposer = made({"a": SPACES["a"], "c": SPACES["c"]}, sampler="random")
    walk(proposer, (1,), state=lambda number: State.ERROR)
    walk(proposer, (2,), score=lambda params: -5.0)
    count = Counter(proposer.propose(number, fits).family for number in range(3, 100))
    assert count["c"] > count["a"] > 0


def test_scores_teach_where_to_look():
    """After some trials proposals gather where the score is good, here near x = 1."""
    trials = walk(made({"a": SPACES["a"]}), range(1, 41), score=lambda params: params["x"])
    assert sum(t.params["x"] for t in trials[-15:]) / 15 > 0.75


def test_scores_teach_under_a_choice_too():
    space = Space({"how": Choice({"slow": Space({"rate": Float(0, 1, 0.5)}), "fast": Space({"rate": Float(0, 1, 0.5)})}, "slow")})

    def score(params):
        return params.get("how.fast.rate", -1.0)

    last = walk(made({"b": space}), range(1, 61), score=score)[-20:]
    assert sum(t.params["how"] == "fast" for t in last) > 12
    assert sum(t.params.get("how.fast.rate", 0.8) for t in last) / 20 > 0.75


def test_nothing_is_tried_twice_and_an_end_is_seen():
    """Of five configurations in all, each is tried once; a family without a choice has one."""
    spaces = {"few": Space({"k": Int(1, 3, 2), "how": Choice.of("x")}), "none": Space({"kept": Fixed(1)}), "two": Space({"how": Choice.of("x", "y")})}
    proposer = made(spaces)
    trials = walk(proposer, range(1, 7))
    assert Counter(t.family for t in trials) == {"few": 3, "none": 1, "two": 2}
    assert len({(t.family, str(t.params)) for t in trials}) == 6
    assert proposer.propose(7, fits) is None and proposer.exhausted


def test_a_configuration_tried_again_may_be_the_same():
    proposer = made({"a": SPACES["a"]})
    old = proposer.propose(1, fits)
    new = proposer.renew("a", old.params, number=1, attempt=2, device="cpu")
    assert new.params == old.params and (new.number, new.attempt, new.device) == (1, 2, "cpu")


def test_given_configurations_come_before_the_defaults_of_their_families():
    points = (*(StartPoint("b", {**NESTED.default(), "depth": d}, f"trial {d}") for d in (30, 20)), StartPoint("c", {"x": 0.75}, "trial 9"))
    proposer = made(start_points=points)
    found = [proposer.propose(number, fits) for number in range(1, 6)]
    assert [(p.family, p.params.get("depth"), p.note) for p in found] == [
        ("a", None, ""), ("b", 30, "trial 30"), ("c", None, "trial 9"), ("b", 20, "trial 20"), ("b", 4, ""),
    ]  # fmt: skip
    again = made(start_points=points)
    for number, proposal in enumerate(found[:2], 1):
        again.recall(ended(proposal, number))
    assert again.propose(3, fits).note == "trial 9" and again.propose(4, fits).note == "trial 20"


def test_references_are_not_recalled():
    proposer = made()
    proposer.recall(toy_trial(0, family="a", params={}, reference=True))
    assert proposer.untried == ["a", "b", "c"] and not proposer.best


@pytest.mark.parametrize("pruner", ["median", "wilcoxon"])
def test_optunas_pruners_judge_by_folds(pruner):
    proposer = made({"a": SPACES["a"]}, pruner=pruner, n_folds=6)
    for number in range(1, 7):
        proposal = proposer.propose(number, fits)
        proposer.tell(proposal, ended(proposal, number, 0.8, fold_scores=(0.8, 0.81, 0.79, 0.8, 0.82, 0.8)))
    proposal = proposer.propose(7, fits)
    good = ended(proposal, 7, fold_scores=(0.9, 0.91, 0.89, 0.9, 0.92))
    assert not any(proposer.hopeless(proposal, replace(good, fold_scores=good.fold_scores[:n])) for n in range(1, 6))
    proposer.tell(proposal, replace(good, score=0.9))
    bad = proposer.propose(8, fits)
    whys = [proposer.hopeless(bad, ended(bad, 8, fold_scores=(0.5,) * n)) for n in range(1, 6)]
    assert any(whys) and f"of {proposer.plan.n_folds} folds" in whys[-1]
    proposer.tell(bad, ended(bad, 8, state=State.PRUNED, fold_scores=(0.5, 0.5)))
    last = proposer.studies["a"].trials[-1]
    assert last.state.name == "PRUNED" and last.intermediate_values[1] == 0.5


@pytest.mark.parametrize("pruner", ["median", "wilcoxon", "race"])
def test_the_first_trial_of_a_family_is_never_pruned(pruner):
    proposer = made({"a": SPACES["a"]}, pruner=pruner)
    proposal = proposer.propose(1, fits)
    assert proposer.hopeless(proposal, ended(proposal, 1, fold_scores=(0.0,))) == ""


def test_several_objectives_make_a_front_in_optuna():
    proposer = made({"a": SPACES["a"]}, objectives=("score", "latency", "size"))
    for number, (score, latency, size) in enumerate([(0.9, 2.0, 100), (0.8, 1.0, 100), (0.7, 3.0, 300)], 1):
        proposal = proposer.propose(number, fits)
        proposer.tell(proposal, ended(proposal, number, score, latency_ms=latency, size_bytes=size))
    study = proposer.studies["a"]
    assert [d.name for d in study.directions] == ["MAXIMIZE", "MINIMIZE", "MINIMIZE"]
    assert [t.values for t in study.best_trials] == [[0.9, 2.0, 100.0], [0.8, 1.0, 100.0]]
    assert proposer.best == {"a": 0.9}
    proposal = proposer.propose(4, fits)
    proposer.tell(proposal, ended(proposal, 4, 0.95, latency_ms=None, size_bytes=5))
    assert study.trials[-1].state.name == "FAIL" and proposer.best == {"a": 0.95} and proposer.faults == {"a": 0}


def test_asking_stays_quick_at_many_trials():
    """Not a benchmark: a guard against a cost that grows with the square of the trials."""
    import time

    proposer = made({"b": NESTED})
    walk(proposer, range(1, 200))
    began = time.process_time()
    walk(proposer, range(200, 220))
    assert (time.process_time() - began) / 20 < 0.05


def test_a_configuration_to_stand_beside_another_has_its_options_and_differs_in_the_rest():
    proposer = made({"b": NESTED})
    first = proposer.propose(1, fits)
    mates = [proposer.alike(first, number, fits, lambda params: params["depth"] == first.params["depth"], ("depth",)) for number in range(2, 7)]
    assert {m.params["depth"] for m in mates} == {first.params["depth"]} and len({str(m.params) for m in [first, *mates]}) == 6
    assert all(m.params["kept"] == 7 for m in mates)
    again = made({"b": NESTED})
    twin = again.propose(1, fits)
    assert [again.alike(twin, n, fits, lambda params: True, ("depth",)).params for n in (2, 3)] == [m.params for m in mates[:2]]


def test_what_is_to_be_tried_first_goes_first_beside_another_and_other_families_are_not_kept_waiting():
    proposer = made(portfolio=PORTFOLIO)
    first = proposer.propose(1, fits)
    assert first.family == "b"
    mate = proposer.alike(first, 2, fits, lambda params: True, ("depth",))
    assert mate.params["depth"] == 9 and proposer.alike(first, 3, fits, lambda params: True, ("depth",)) is None
    assert proposer.propose(3, fits).family == "a"


def test_none_stands_beside_where_all_were_tried():
    proposer = made({"b": Space({"depth": Int(1, 1, 1), "how": Choice.of("slow", "fast")})})
    first = proposer.propose(1, fits)
    assert proposer.alike(first, 2, fits, lambda params: True, ("depth",)) is not None
    assert proposer.alike(first, 3, fits, lambda params: True, ("depth",)) is None
