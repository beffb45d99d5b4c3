from collections import Counter

import pytest

from automl.families.space import Choice, Fixed, Float, Int, Space
from automl.search.proposer import Proposer
from automl.vocabulary import State

from ..toys import toy_trial

NESTED = Space({
    "depth": Int(1, 9, 4), "kept": Fixed(7), "how": Choice({"slow": Space({"rate": Float(1e-3, 1.0, 0.1, log=True)}), "fast": Space()}, "slow"),
})  # fmt: skip
SPACES = {"a": Space({"x": Float(0, 1, 0.25)}), "b": NESTED, "c": Space({"x": Float(0, 1, 0.75)})}


def _end(proposer, proposal, score=0.5, seconds=1.0, state=State.OK):
    proposer.tell(proposal, toy_trial(family=proposal.family, score=score if state == State.OK else None, seconds=seconds, state=state))


def _all_tried(greater=True, scores=(0.5, 0.5, 0.5), seconds=1.0, seed=0):
    proposer = Proposer(SPACES, greater, seed)
    for score in scores:
        _end(proposer, proposer.propose(100, 2), score, seconds)
    return proposer


def test_each_family_begins_with_its_default_in_order():
    proposer = Proposer(SPACES, True, 0)
    found = [proposer.propose(100, 2) for _ in SPACES]
    assert [p.family for p in found] == ["a", "b", "c"] and not proposer.untried
    assert [p.params for p in found] == [space.default() for space in SPACES.values()]


def test_later_proposals_lie_within_the_space_and_fixed_options_stay():
    proposer = Proposer({"b": NESTED}, True, 0)
    seen = set()
    for _ in range(15):
        proposal = proposer.propose(100, 2)
        params = proposal.params
        assert 1 <= params["depth"] <= 9 and params["kept"] == 7
        assert ("how.slow.rate" in params) == (params["how"] == "slow")
        seen.add(params["depth"])
        _end(proposer, proposal)
    assert len(seen) > 3


def test_a_family_that_was_never_tried_needs_patience():
    proposer = Proposer(SPACES, True, 0)
    assert proposer.propose(1.9, 2.0) is None and proposer.untried == ["a", "b", "c"]
    assert proposer.propose(2.0, 2.0).family == "a"


def test_families_that_do_not_fit_the_time_left_are_passed_over():
    proposer = Proposer(SPACES, True, 0)
    for seconds in (1.0, 10.0, 100.0):
        _end(proposer, proposer.propose(1000, 2), seconds=seconds)
    assert {proposer.propose(13.0, 2).family for _ in range(40)} == {"a", "b"}
    assert {proposer.propose(9.0, 2).family for _ in range(20)} == {"a"}
    assert proposer.propose(0.9, 2) is None


def test_the_expected_time_follows_the_last_trials():
    proposer = Proposer({"a": SPACES["a"]}, True, 0)
    assert proposer.expected_seconds("a") is None
    for seconds in (50.0, 1.0, 2.0, 1.5):
        _end(proposer, proposer.propose(1000, 2), seconds=seconds)
    assert proposer.expected_seconds("a") == 2.0


@pytest.mark.parametrize("state", [State.ERROR, State.MEMORY, State.KILLED, State.CRASHED, State.TIMEOUT])
def test_three_faults_end_a_family(state):
    proposer = Proposer({"a": SPACES["a"]}, True, 0)
    for _ in range(3):
        _end(proposer, proposer.propose(100, 2), state=state)
    assert proposer.propose(100, 2) is None


def test_what_the_user_cancelled_is_no_fault():
    proposer = Proposer({"a": SPACES["a"]}, True, 0)
    _end(proposer, proposer.propose(100, 2))
    for _ in range(5):
        _end(proposer, proposer.propose(100, 2), state=State.CANCELLED)
    assert proposer.propose(100, 2) is not None and proposer.faults == {"a": 0}


def test_nothing_is_proposed_of_a_family_whose_first_trial_still_runs():
    proposer = Proposer({"a": SPACES["a"]}, True, 0)
    assert proposer.propose(100, 2) is not None
    assert proposer.propose(100, 2) is None


@pytest.mark.parametrize(("greater", "scores", "first"), [(True, (0.1, 0.9, 0.5), "b"), (False, (0.1, 0.9, 0.5), "a")])
def test_the_better_a_family_ranks_the_more_often_it_is_tried(greater, scores, first):
    proposer = _all_tried(greater, scores)
    count = Counter(proposer.propose(1000, 2).family for _ in range(200))
    assert count.most_common(1)[0][0] == first and set(count) == set(SPACES)


@pytest.mark.parametrize(("greater", "best"), [(True, 0.9), (False, 0.2)])
def test_the_best_score_of_a_family_is_kept(greater, best):
    proposer = Proposer({"a": SPACES["a"]}, greater, 0)
    for score in (0.5, 0.9, 0.2, 0.4):
        _end(proposer, proposer.propose(100, 2), score)
    assert proposer.best == {"a": best}


def test_a_family_with_faults_only_ranks_last():
    proposer = Proposer({"a": SPACES["a"], "c": SPACES["c"]}, True, 0)
    _end(proposer, proposer.propose(100, 2), state=State.ERROR)
    _end(proposer, proposer.propose(100, 2), score=-5.0)
    count = Counter(proposer.propose(1000, 2).family for _ in range(100))
    assert count["c"] > count["a"] > 0


def test_the_same_seed_proposes_the_same():
    def walk(seed):
        proposer = _all_tried(seed=seed)
        out = []
        for i in range(12):
            proposal = proposer.propose(1000, 2)
            out.append((proposal.family, proposal.params))
            _end(proposer, proposal, score=0.5 + i / 100)
        return out

    assert walk(3) == walk(3) != walk(4)


def test_scores_teach_where_to_look():
    """After some trials proposals gather where the score is good, here near x = 1."""
    proposer = Proposer({"a": SPACES["a"]}, True, 0)
    tried = []
    for _ in range(40):
        proposal = proposer.propose(1000, 2)
        tried.append(proposal.params["x"])
        _end(proposer, proposal, score=proposal.params["x"])
    assert sum(tried[-15:]) / 15 > 0.75
