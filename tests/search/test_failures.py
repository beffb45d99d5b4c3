"""A run without a model is an error only where its trials failed by themselves."""

import pytest

from automl.search.failures import MOST_CAUSES, NO_TIME, no_model
from automl.vocabulary import State
from tests.toys import toy_trial

HUNG = "it went on past its deadline and was ended"


def ended(number, state, cause="", family="linear", **more):
    return toy_trial(number, None, state=state, cause=cause, family=family, **more)


@pytest.mark.parametrize("state", [State.ERROR, State.MEMORY, State.CRASHED, State.KILLED])
def test_trials_that_all_failed_are_an_error_with_a_table_of_causes(state):
    fault = no_model([ended(1, state, "why"), ended(2, state, "why"), ended(3, State.ERROR, "other", "mlp")], "run/report.html")
    lines = fault.problem.splitlines()
    assert fault.exit_code == 4 and lines[0].startswith("all 3 trials failed") and "baseline" in lines[0]
    assert lines[1].split() == ["2", state, "linear:", "why"] and lines[2].split() == ["1", "error", "mlp:", "other"]
    assert fault.where == "run/report.html" and "run.log" in fault.fix


@pytest.mark.parametrize(
    "trials",
    [[], [toy_trial()], [ended(1, State.ERROR), ended(2, State.PRUNED)], [ended(1, State.CANCELLED)], [ended(1, State.TIMEOUT, NO_TIME)],
     [ended(1, State.ERROR, "x", "mlp"), ended(2, State.TIMEOUT, NO_TIME)], [ended(1, State.ERROR, reference=True)]],
    ids=["none", "one is fine", "one was hopeless", "no time for a fold", "cut off by the end", "one more might have ended well", "references are no trials"],
)  # fmt: skip
def test_anything_else_is_none(trials):
    assert no_model(trials, "") is None


def test_what_hangs_fails_and_its_family_gets_no_benefit_of_the_doubt_at_the_end():
    assert "timeout" in no_model([ended(1, State.TIMEOUT, HUNG)], "").problem
    assert no_model([ended(1, State.TIMEOUT, HUNG), ended(2, State.TIMEOUT, NO_TIME)], "") is not None
    assert no_model([ended(1, State.TIMEOUT, HUNG), ended(2, State.TIMEOUT, NO_TIME, "mlp")], "") is None


def test_a_reference_that_worked_does_not_count_and_the_message_stays_short():
    trials = [toy_trial(99, reference=True), *(ended(i, State.ERROR, f"cause {i} " + "x" * 400) for i in range(20))]
    problem = no_model(trials, "").problem
    assert len(problem.splitlines()) == MOST_CAUSES + 2 and "and 12 more causes" in problem and max(map(len, problem.splitlines())) < 200
