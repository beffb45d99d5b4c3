import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.search.budget import Budget, process_started

SECONDS = st.floats(10, 1e5)
NEED = st.floats(0, 1e4)


@given(SECONDS, NEED, NEED)
def test_the_search_ends_before_the_refit_and_the_refit_before_the_report(seconds, refit, predict):
    budget = Budget(100.0, seconds, refit, predict)
    assert budget.search_end <= budget.refit_end < budget.deadline == 100.0 + seconds
    assert budget.refit_end - budget.search_end == pytest.approx(1.3 * refit, abs=1e-6)


@given(SECONDS, NEED, st.floats(0.1, 100))
def test_what_the_end_will_need_is_held_back(seconds, need, more):
    assert Budget(0.0, seconds, need + more).search_end < Budget(0.0, seconds, need).search_end
    assert Budget(0.0, seconds, predict_seconds=need + more).refit_end < Budget(0.0, seconds, predict_seconds=need).refit_end


def test_no_limit_is_no_limit():
    budget = Budget(time.monotonic(), None, 5.0, 5.0)
    assert budget.deadline == budget.refit_end == budget.search_end == float("inf")


def test_used_counts_from_the_start():
    assert Budget(time.monotonic() - 5, 10).used() == pytest.approx(5, abs=0.5)


def test_a_process_started_before_now_and_after_its_parent():
    ours = process_started()
    assert ours <= time.monotonic()
    code = "import time; time.sleep(0.5); from automl.search.budget import process_started; print(time.monotonic() - process_started())"
    age = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert 0.45 <= age < 20 and age < time.monotonic() - ours + 0.1


def test_where_the_system_does_not_tell_the_start_is_now(monkeypatch):
    def refuse(self, *args, **kwargs):
        raise OSError("no proc here")

    monkeypatch.setattr("automl.search.budget.Path.read_text", refuse)
    assert process_started() == pytest.approx(time.monotonic(), abs=0.5)


def test_time_is_kept_for_the_diagnosis_only_where_it_fits_its_share():
    budget = Budget(time.monotonic(), 100.0)
    plain = budget.search_end
    budget.diagnosis_needs = (7.9, 3.0)
    assert plain - budget.search_end == pytest.approx(7.9)
    budget.diagnosis_needs = (8.1, 3.0)
    assert plain - budget.search_end == pytest.approx(3.0)
    budget.diagnosis_needs = (20.0, 8.1)
    assert budget.search_end == plain
    assert budget.diagnosis_seconds == pytest.approx(8.0)
    late = Budget(time.monotonic() - 95.0, 100.0)
    assert late.diagnosis_seconds <= 100 - 95 - 1.8 and Budget(0, None).diagnosis_seconds is None
    assert Budget(time.monotonic() - 200, 100.0).diagnosis_seconds == 0 == Budget(time.monotonic() - 200, 100.0).comparison_seconds


def test_the_explanation_has_what_it_needs_within_its_share():
    plain = Budget(time.monotonic(), 100.0, predict_seconds=1.0, feature_seconds=0.5)
    assert plain.explanation_kept == 0.0
    plain.explanation_passes = 1.0
    assert plain.explanation_kept == pytest.approx(0.3 + 1.5 + 1.0)
    before = plain.tail
    plain.explanation_passes = 50.0
    assert plain.explanation_kept == pytest.approx(4.0 + 1.0) and plain.tail > before
    assert plain.explanation_seconds == pytest.approx(4.0) and plain.options_seconds == pytest.approx(1.0)
    late = Budget(time.monotonic() - 98.0, 100.0, rows_seconds=0.5)
    assert late.explanation_seconds == pytest.approx(0.5, abs=0.05) and Budget(time.monotonic() - 200, 100.0).explanation_seconds == 0.0
    assert Budget(0, None).explanation_seconds is None is Budget(0, None).options_seconds


def test_time_for_further_models_is_kept_only_where_something_is_asked_of_the_winner():
    plain, asked = Budget(0.0, 100.0, refit_seconds=2.0), Budget(0.0, 100.0, refit_seconds=2.0, choices=2)
    assert plain.choice_seconds == 0 and asked.choice_seconds == pytest.approx(2 * (2.6 + 0.5 * asked.tail))
    assert asked.search_end == pytest.approx(plain.search_end - asked.choice_seconds) and asked.refit_end == plain.refit_end
    assert Budget(0.0, 100.0, refit_seconds=90.0, choices=2).choice_seconds == 15.0, "a share of the budget at most"
    assert Budget(0.0, None, choices=2).search_end == float("inf")


def test_time_is_kept_for_a_fit_on_all_rows_until_it_begins():
    budget = Budget(0.0, 100.0, refit_seconds=4.0)
    plain, ends = budget.refit_end, budget.search_end
    budget.all_rows = True
    assert budget.refit_end == pytest.approx(plain - 1.3 * 1.25 * 4.0) and budget.search_end == pytest.approx(ends - 1.3 * 1.25 * 4.0)
    budget.all_rows = False
    assert budget.refit_end == plain


def test_fine_tuning_has_its_share_of_what_the_rest_of_the_run_does_not_need():
    early = Budget(time.monotonic(), 100.0, predict_seconds=1.0)
    assert early.tuning_seconds == pytest.approx(5.0) and Budget(time.monotonic(), 3600.0).tuning_seconds == Budget(0, None).tuning_seconds == 30.0
    late = Budget(time.monotonic() - 100 + early.tail + 2.0, 100.0, predict_seconds=1.0)
    assert late.tuning_seconds == pytest.approx(2.0, abs=0.05) and Budget(time.monotonic() - 99, 100.0).tuning_seconds == 0.0
