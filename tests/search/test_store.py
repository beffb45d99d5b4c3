import shutil

import numpy as np
import pytest
from scipy import sparse

from automl.families.base import Needs
from automl.features.recipe import CategoryOptions, NumberOptions, Recipe
from automl.inference.table import Column, Field, Table
from automl.search import store as module
from automl.search.store import Store, _read_matrix, _write_matrix
from automl.testing.contract import FIELDS, sample

from ..toys import toy_store


def _dense(x):
    return x.toarray() if sparse.issparse(x) else np.asarray(x)


def test_what_is_opened_is_what_was_written(tmp_path):
    made = toy_store(tmp_path)
    opened = Store.open(tmp_path)
    assert opened.fields == made.fields and opened.table.n_rows == 80
    for name, column in made.table.columns.items():
        again = opened.table.columns[name]
        assert (again.kind, again.levels) == (column.kind, column.levels)
        assert np.array_equal(again.values, column.values, equal_nan=column.kind != "coded")
    assert np.array_equal(opened.y, made.y) and np.array_equal(opened.train, made.train)
    assert len(opened.folds) == 2
    assert all(np.array_equal(a, b) for left, right in zip(opened.folds, made.folds, strict=True) for a, b in zip(left, right, strict=True))


def test_units_and_times_go_along(tmp_path):
    made = toy_store(tmp_path / "a")
    assert Store.open(tmp_path / "a").units is None and made.unit_of(np.array([4, 2])).tolist() == [4, 2]
    units, time = np.arange(80) // 2, np.arange(80.0)
    Store.create(tmp_path / "b", made.table, made.fields, made.y, made.train, made.folds, units, time)
    opened = Store.open(tmp_path / "b")
    assert np.array_equal(opened.units, units) and np.array_equal(opened.time, time) and opened.unit_of(np.array([4, 3])).tolist() == [2, 1]


def test_rows_that_were_drawn_several_times_are_learned_several_times(tmp_path):
    made = toy_store(tmp_path / "a")
    learn, valid = np.repeat(made.train[:20], 3), made.train[20:]
    store = Store.create(tmp_path / "b", made.table, made.fields, made.y, made.train, [(learn, valid)])
    _, x, x_score = Store.open(tmp_path / "b").features(Needs(), 0)
    assert x.shape[0] == 60 and x_score.shape[0] == len(valid) and np.array_equal(x[0], x[2]) and store.rows(0)[0].tolist() == learn.tolist()


def test_a_row_that_was_drawn_twice_does_not_tell_its_own_class(tmp_path):
    """300 levels of one row each, every row drawn eight times, random classes: a share learned from a copy would be the class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    table = Table({"word": Column("coded", np.arange(300, dtype=np.int32), tuple(f"w{i}" for i in range(300)))}, 300)
    fields = (Field("word", "category"),)
    recipe = Recipe(categories={"word": CategoryOptions(encode="target")})
    learn = np.repeat(np.arange(200), 8)
    store = Store.create(tmp_path, table, fields, y, np.arange(300), [(learn, np.arange(200, 300))], recipe=recipe)
    _, x, _ = store.features(Needs(), 0)
    best = max(abs(np.corrcoef(column, y[learn])[0, 1]) for column in np.asarray(x, float).T if column.std() > 0)
    assert best < 0.5


def test_of_many_folds_the_learning_rows_are_made_again_and_are_the_same(tmp_path, monkeypatch):
    expected = toy_store(tmp_path / "a").features(Needs(), 1)
    monkeypatch.setattr(module, "MOST_KEPT", 1)
    store = toy_store(tmp_path / "b")
    for _ in range(2):
        found = store.features(Needs(), 1)
        assert np.array_equal(found[1], expected[1]) and np.array_equal(found[2], expected[2])
    assert not list(tmp_path.glob("b/features*/learn*")) and np.array_equal(store.scored(Needs(), 1)[1], expected[2])
    assert store.features(Needs(), None)[1].shape[0] == 72


def test_only_the_columns_of_the_plan_go_along(tmp_path):
    toy_store(tmp_path, fields=FIELDS[:1])
    assert list(Store.open(tmp_path).table.columns) == ["number"] and len(list(tmp_path.glob("column*.npy"))) == 1


def test_facts_of_a_field_survive(tmp_path):
    fields = (
        Field("word", "category", aliases={"red": "green"}, absent=("blue",)), Field("number", "number", decimal=",", absent=("-9",), lenient=True)
    )  # fmt: skip
    toy_store(tmp_path, fields=fields)
    assert Store.open(tmp_path).fields == fields


def test_rows_are_cleaned_as_the_fields_say(tmp_path):
    """Whoever decided on it: what is trained on is what new rows will be read as."""
    toy_store(tmp_path, fields=(Field("word", "category", aliases={"red": "green"}, absent=("blue",)),))
    assert set(Store.open(tmp_path).table.columns["word"].levels) == {"green", "grey"}


def test_recipe_times_and_groups_go_along(tmp_path):
    table, y = sample(80)
    recipe, time, groups = Recipe(numbers={"number": NumberOptions("forward")}, select=9), np.linspace(5, 1, 80), np.arange(80) // 4
    Store.create(tmp_path, table, FIELDS, y, np.arange(72), [(np.arange(36), np.arange(36, 72))], groups, time, recipe)
    opened = Store.open(tmp_path)
    assert opened.recipe == recipe and np.array_equal(opened.time, time) and np.array_equal(opened.units, groups)
    _, x, x_score = opened.features(Needs(), 0)
    assert x.shape == (36, 9) and x_score.shape == (36, 9)
    plain = toy_store(tmp_path / "plain")
    assert plain.recipe == Recipe() and Store.open(tmp_path / "plain").time is None and plain.units is None


def test_learning_rows_are_filled_from_the_row_before_in_time_and_others_from_the_learning_rows(tmp_path):
    values = np.array([1.0, np.nan, 3.0, np.nan, 5.0, np.nan, np.nan, 8.0] * 3)
    table, y, time = Table({"n": Column("number", values)}, 24), np.arange(24) % 2, np.arange(24.0)
    recipe = Recipe(numbers={"n": NumberOptions("forward", "none", "keep")})
    store = Store.create(tmp_path, table, [Field("n", "number")], y, np.arange(24), [(np.arange(16), np.arange(16, 24))], None, time, recipe)
    _, x, x_score = store.features(Needs(), 0)
    assert x[:8, 0].tolist() == [1, 1, 3, 3, 5, 5, 5, 8]
    assert set(x_score[np.isnan(values[16:]), 0].tolist()) == {np.float32(np.mean([8, 1, 3, 5, 8]))}


def test_a_class_share_of_a_learning_row_is_not_that_of_a_new_row(tmp_path):
    rng = np.random.default_rng(0)
    codes, y = np.repeat(np.arange(100), 6), rng.integers(0, 2, 600)
    table = Table({"c": Column("coded", codes.astype(np.int32), tuple(f"c{i}" for i in range(100)))}, 600)
    store = Store.create(tmp_path, table, [Field("c", "category")], y, np.arange(600), [(np.arange(600), np.arange(600))])
    form, x, x_score = store.features(Needs(scaled=False), 0)
    assert form.config["steps"][0]["kind"] == "target" and not np.array_equal(x, x_score)


def test_rows_of_no_fold_are_all_training_rows_and_none_to_score(tmp_path):
    store = toy_store(tmp_path)
    learn, score = store.rows(None)
    assert np.array_equal(learn, np.arange(72)) and len(score) == 0
    learn, score = store.rows(1)
    assert not set(learn) & set(score) and sorted([*learn, *score]) == list(range(72))


@pytest.mark.parametrize("needs", [Needs(), Needs(scaled=False, terms=20), Needs(sparse=True)], ids=lambda n: n.key())
def test_features_are_fitted_on_the_learning_rows_of_a_fold_alone(tmp_path, needs):
    """Other values in the rows to score must change neither the form nor the learning matrix."""
    first = toy_store(tmp_path / "a")
    second = toy_store(tmp_path / "b")
    second.table.columns["number"].values[second.folds[0][1]] = 1e6
    second.table.columns["word"].values[second.folds[0][1]] = 0
    second.y[second.folds[0][1]] = 0
    ours, theirs = first.features(needs, 0), second.features(needs, 0)
    assert ours[0].config == theirs[0].config
    assert np.array_equal(_dense(ours[1]), _dense(theirs[1]), equal_nan=True)
    assert not np.array_equal(_dense(ours[2]), _dense(theirs[2]), equal_nan=True)
    assert ours[1].shape[0] == len(first.folds[0][0]) and ours[2].shape[0] == len(first.folds[0][1])


def test_features_are_made_once_for_equal_needs(tmp_path, monkeypatch):
    store = toy_store(tmp_path)
    made = []
    true_make = Store._make
    monkeypatch.setattr(Store, "_make", lambda self, *rest: made.append(rest) or true_make(self, *rest))
    for needs, fold in ((Needs(), 0), (Needs(), 0), (Needs(), 1), (Needs(), None), (Needs(scaled=False), 0)):
        store.features(needs, fold)
    assert len(made) == 4


def test_two_workers_at_once_agree_and_leave_nothing_behind(tmp_path):
    """The second to finish finds the place taken, drops its own copy and reads the first."""
    store = toy_store(tmp_path / "s")
    place = store.folder / f"features-{Needs().key()}-0"
    store._make(place, Needs(), 0)
    before = (place / "form.safetensors").read_bytes()
    store._make(place, Needs(), 0)
    assert (place / "form.safetensors").read_bytes() == before
    assert not [p for p in store.folder.iterdir() if p.name.startswith(".")]


def test_a_library_that_writes_to_its_matrix_harms_nobody_else(tmp_path):
    store = toy_store(tmp_path)
    _, x, _ = store.features(Needs(), 0)
    before = x.copy()
    x[:] = -1
    assert np.array_equal(store.features(Needs(), 0)[1], before)


def test_sparse_and_dense_matrices_come_back_as_they_were(tmp_path):
    thin = sparse.random(20, 9, 0.2, format="csr", dtype=np.float32, random_state=0)
    _write_matrix(tmp_path / "thin", thin)
    _write_matrix(tmp_path / "thick", thin.toarray())
    again = _read_matrix(tmp_path / "thin")
    assert sparse.issparse(again) and again.format == "csr" and again.dtype == np.float32 and (again != thin).nnz == 0
    assert np.array_equal(_read_matrix(tmp_path / "thick"), thin.toarray())


def test_a_store_can_be_moved(tmp_path):
    toy_store(tmp_path / "a")
    shutil.move(tmp_path / "a", tmp_path / "b")
    assert Store.open(tmp_path / "b").features(Needs(), 0)[1].shape[0] == 36
