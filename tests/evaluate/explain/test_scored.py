import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.evaluate.explain.scored import scored_rows
from automl.inference.table import Column
from tests.builders import dataset_of
from tests.toys import toy_plan

N = 30


def made(holdout=6, folds=3):
    x = np.arange(N, dtype=float)
    dataset: Dataset = dataset_of(np.arange(N) % 2, x=x, unused=x)
    train, held = np.arange(N - holdout), np.arange(N - holdout, N)
    split = Split(train, held, tuple((train[train % folds != k], train[train % folds == k]) for k in range(folds)), ())
    return toy_plan(fields=dataset.fields[:1]), dataset, split


def answers(constant):
    return lambda table: np.full((table.n_rows, 2), constant)


def test_rows_of_the_holdout_are_asked_of_the_shipped_model():
    plan, dataset, split = made()
    scored = scored_rows(plan, dataset, split, "holdout", answers(0.5), np.zeros((6, 2)))
    assert scored.kind == "holdout" and scored.row_numbers.tolist() == list(range(25, 31)) and list(scored.table.columns) == ["x"]
    assert (scored.predict() == 0.5).all() and (scored.proba == 0).all()


def test_rows_out_of_fold_are_asked_of_the_model_that_did_not_see_them():
    plan, dataset, split = made(0)
    scored = scored_rows(plan, dataset, split, "out_of_fold", answers(9), np.zeros((N, 2)), [answers(k) for k in range(3)])
    assert scored.kind == "out_of_fold" and scored.predict()[:, 0].tolist() == [i % 3 for i in range(N)]
    some = scored.take(np.array([4, 2, 9]))
    assert some.predict()[:, 1].tolist() == [1, 2, 0] and some.row_numbers.tolist() == [5, 3, 10]


def test_a_row_that_several_folds_scored_is_asked_once_and_one_that_none_scored_not_at_all():
    plan, dataset, _ = made(0)
    rows = np.arange(N)
    split = Split(rows, rows[:0], ((rows[20:], rows[:10]), (rows[20:], rows[5:15])), ())
    scored = scored_rows(plan, dataset, split, "out_of_fold", answers(9), np.zeros((15, 2)), [answers(0), answers(1)])
    assert scored.predict()[:, 0].tolist() == [0] * 10 + [1] * 5


def test_without_the_models_of_all_folds_it_says_that_the_model_learned_from_these_rows():
    plan, dataset, split = made(0)
    for folds in ([], None, [answers(0), None, answers(2)]):
        scored = scored_rows(plan, dataset, split, "out_of_fold", answers(9), np.zeros((N, 2)), folds)
        assert scored.kind == "training" and (scored.predict() == 9).all()


def test_changed_columns_reach_the_model_and_the_rows_stay_as_they_are():
    plan, dataset, split = made()
    scored = scored_rows(plan, dataset, split, "holdout", lambda t: np.stack([t.columns["x"].values] * 2, axis=1), np.zeros((6, 2)))
    assert scored.predict({"x": Column("number", np.full(6, 7.0))}).tolist() == [[7.0, 7.0]] * 6
    assert scored.predict()[:, 0].tolist() == [24.0, 25.0, 26.0, 27.0, 28.0, 29.0]
