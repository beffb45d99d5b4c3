"""Trials of a search without labels can be compared as long as the matrix and what is asked of it are the same."""

from types import SimpleNamespace

import numpy as np
import pytest

from automl.resume.matrix import terms

from ..search.test_unlabelled import toy_plan

X = np.arange(6, dtype=np.float32).reshape(3, 2)


def view(x=X, rows=(0, 1, 2)):
    return SimpleNamespace(x=x, rows=np.array(rows))


@pytest.mark.parametrize(
    ("plan", "seen"),
    [
        (toy_plan(), view(X + 1)), (toy_plan(), view(rows=(0, 1, 3))), (toy_plan(), view(X.reshape(2, 3))), (toy_plan(seed=1), view()),
        (toy_plan(asked={"n_clusters": 3}), view()), (toy_plan(code=np.array([0, 1, 1])), view()), (toy_plan(task="dimensionality_reduction"), view()),
    ],
)  # fmt: skip
def test_another_matrix_or_question_has_other_terms(plan, seen):
    assert terms(plan, seen) != terms(toy_plan(), view())


def test_budget_and_workers_may_change():
    assert terms(toy_plan(seconds=99.0, workers=4, max_trials=3), view(X.copy())) == terms(toy_plan(), view())
