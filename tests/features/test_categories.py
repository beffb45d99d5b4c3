"""Categories: which levels are stored, shares of classes against scikit-learn, and no row's class in its own encoding."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import TargetEncoder

from automl.families.base import Needs
from automl.features.categories import INNER_FOLDS, MOST_CLASSES, RARE, Rows, fit_category, inner_folds, strength
from automl.features.recipe import CategoryOptions
from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Column, Table, column_of

SCALED, TREES = Needs(scaled=True), Needs(scaled=False, onehot_limit=10)


def made(column, needs=TREES, y=None, groups=None, new=None, **options):
    """Return (step, matrix of the learning rows, matrix of `new` rows)."""
    arrays = {}
    rows = Rows(np.arange(len(column.values)) % 2 if y is None else np.asarray(y, np.int64), groups)
    step, learned = fit_category({"column": "a"}, column, rows, needs, CategoryOptions(**options), arrays)
    features = Features(from_bytes(to_bytes(Form("features", {"steps": [step], "sparse": False}, arrays)), "f"))
    new = column if new is None else column_of(new)
    matrix = features.transform(Table({"a": column}, len(column.values)), None if learned is None else {0: learned})
    return step, matrix, features.transform(Table({"a": new}, len(new.values)))


def coded(codes):
    codes = np.asarray(codes, np.int32)
    return Column("coded", codes, tuple(f"l{i}" for i in range(int(codes.max()) + 1)))


def many(n_levels, n_rows, seed=0):
    return coded(np.random.default_rng(seed).integers(0, n_levels, n_rows))


@pytest.mark.parametrize(
    ("n_levels", "n_rows", "needs", "kind"),
    [
        (8, 200, TREES, "onehot"), (30, 400, TREES, "ordinal"), (30, 400, SCALED, "onehot"), (60, 1000, TREES, "target"), (60, 1000, SCALED, "target"),
        (60, 9000, TREES, "target"), (60, 9000, SCALED, "onehot"), (150, 20_000, Needs(onehot_limit=100), "target"), (20, 200, Needs(onehot_limit=10), "target"),
    ],
)  # fmt: skip
def test_how_a_category_is_encoded_follows_from_its_levels(n_levels, n_rows, needs, kind):
    column = coded(np.arange(n_rows) % n_levels)
    assert made(column, needs)[0]["kind"] == kind


@pytest.mark.parametrize("needs", [SCALED, TREES])
@pytest.mark.parametrize("encode", ["onehot", "ordinal", "target"])
def test_what_is_asked_for_is_done_and_only_frequent_levels_are_stored(needs, encode):
    words = ["often"] * 19 + ["some"] * RARE + ["rare"] * (RARE - 1) + [None] * 3
    step, _, x = made(column_of(words), needs, encode=encode, new=["rare", "never seen"])
    assert step["kind"] == encode and step["levels"] == ["often", "some"]
    assert np.array_equal(x[0], x[1])


def test_a_share_of_rows_makes_more_levels_rare():
    words = ["often"] * 50 + ["some"] * 10
    assert made(column_of(words), rare=0.2)[0]["levels"] == ["often"]
    assert made(column_of(words), rare=0.001)[0]["levels"] == ["often", "some"]


def test_onehot_beyond_what_a_family_takes_is_done_when_asked_for():
    step, _, x = made(many(40, 2000), encode="onehot")
    assert len(step["levels"]) == 40 and x.shape[1] == 41


def test_ranks_are_scaled_and_filled_for_families_that_need_it():
    _, _, x = made(column_of(["a"] * 8 + ["b"] * 6 + [None] * 2), SCALED, encode="ordinal")
    assert np.isfinite(x).all() and np.mean(x[:14]) == pytest.approx(0, abs=1e-6) and x[-1, 0] == x[0, 0]


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_shares_of_classes_are_scikit_learns(n_classes):
    rng = np.random.default_rng(n_classes)
    column = many(20, 600)
    y = (rng.integers(0, n_classes, 600) + (column.values > 10)) % n_classes
    _, _, x = made(column, y=y, encode="target")
    hits = np.stack([np.bincount(column.values[y == k], minlength=20) for k in (range(n_classes) if n_classes > 2 else [1])], axis=1)
    library = TargetEncoder(
        smooth=strength(hits.astype(float), np.bincount(column.values).astype(float)), target_type="binary" if n_classes == 2 else "multiclass"
    )
    assert np.allclose(x, library.fit(column.values[:, None], y).transform(column.values[:, None]), atol=1e-6)


def test_a_learning_row_takes_the_shares_of_the_other_inner_folds():
    column, y = many(15, 500), np.random.default_rng(1).integers(0, 2, 500)
    _, learned, _ = made(column, y=y, encode="target")
    part = inner_folds(Rows(y))
    m = strength(np.bincount(column.values[y == 1], minlength=15).astype(float)[:, None], np.bincount(column.values, minlength=15).astype(float))
    for k in range(INNER_FOLDS):
        rest = part != k
        library = TargetEncoder(smooth=m, target_type="binary").fit(column.values[rest, None], y[rest])
        assert np.allclose(learned[~rest], library.transform(column.values[~rest, None]), atol=1e-6)


@pytest.mark.parametrize("n_levels", [50, 300, 1500])
def test_a_random_category_tells_nothing_of_a_random_class(n_levels):
    """As if they were new, the learning rows would show their own class; cross-fitted they do not."""
    leaks, found = [], []
    for seed in range(5):
        column, y = many(n_levels, 3000, seed), np.random.default_rng(seed + 1000).integers(0, 2, 3000)
        _, learned, as_new = made(column, y=y, encode="target")
        found.append(roc_auc_score(y, learned[:, 0]))
        leaks.append(roc_auc_score(y, as_new[:, 0]))
    assert np.mean(leaks) > 0.54 and np.mean(found) < 0.52 and max(found) < 0.55


def test_copies_of_a_row_do_not_show_its_class_either():
    rng = np.random.default_rng(0)
    codes, y = np.repeat(np.arange(400), 6), np.repeat(rng.integers(0, 2, 400), 6)
    _, apart, _ = made(coded(codes), y=y, encode="target")
    _, together, _ = made(coded(codes), y=y, encode="target", groups=codes.astype(np.int64))
    assert roc_auc_score(y, apart[:, 0]) > 0.9 and abs(roc_auc_score(y, together[:, 0]) - 0.5) < 0.05


def test_a_category_that_tells_is_kept():
    rng = np.random.default_rng(0)
    column = many(200, 4000)
    y = (rng.random(4000) < rng.beta(2, 2, 200)[column.values]).astype(int)
    _, learned, as_new = made(column, y=y, encode="target")
    assert roc_auc_score(y, learned[:, 0]) > 0.65 and np.corrcoef(learned[:, 0], as_new[:, 0])[0, 1] > 0.9


def test_levels_shrink_by_how_little_they_differ():
    """Where the shares of levels follow Beta(a, b), the rows that the mean counts for are a + b."""
    rng = np.random.default_rng(0)
    for a in (1.0, 5.0, 20.0):
        rows = rng.integers(5, 60, 3000).astype(float)
        hits = rng.binomial(rows.astype(int), rng.beta(a, a, 3000)).astype(float)
        assert strength(hits[:, None], rows) == pytest.approx(2 * a, rel=0.15)
    same = rng.binomial(20, 0.3, 500).astype(float)
    assert strength(same[:, None], np.full(500, 20.0)) > 200
    assert strength(np.array([[1.0]]), np.array([9.0])) == 9.0 and strength(np.ones((4, 1)), np.ones(4)) == 4.0
    assert strength(np.array([[10.0], [0.0]]), np.array([10.0, 10.0])) == 1.0


def test_rare_unseen_and_missing_levels_take_the_shares_of_all_rows():
    words = ["a"] * 20 + ["b"] * 20 + ["c"] * 4 + [None] * 2
    y = [1] * 18 + [0] * 2 + [0] * 20 + [1] * 6
    _, _, x = made(column_of(words), y=y, encode="target", new=["c", "new", None])
    assert x[:, 0].tolist() == [pytest.approx(24 / 46, abs=1e-6)] * 3


def test_shares_are_scaled_for_families_that_need_it():
    rng = np.random.default_rng(0)
    column = many(20, 1000)
    y = (rng.random(1000) < column.values / 20).astype(int)
    _, learned, as_new = made(column, SCALED, y=y, encode="target")
    assert learned.mean() == pytest.approx(0, abs=1e-5) and learned.std() == pytest.approx(1, abs=1e-5) and abs(as_new.std() - 1) < 0.1


def test_shares_that_hardly_differ_are_not_scaled_up():
    column, y = many(50, 3000), np.random.default_rng(1000).integers(0, 2, 3000)
    _, learned, as_new = made(column, SCALED, y=y, encode="target")
    assert learned.std() < 0.7 and as_new.std() < 1.5


def test_shares_of_the_most_frequent_classes_only():
    y = np.repeat(np.arange(14), np.arange(10, 24))
    step, learned, _ = made(coded(np.arange(len(y)) % 7), y=y, encode="target")
    assert step["classes"] == list(range(4, 14)) and learned.shape[1] == MOST_CLASSES


def test_one_class_has_no_shares():
    assert made(many(4, 100), y=np.zeros(100), encode="target")[0]["kind"] == "ordinal"


def test_inner_folds_hold_alike_shares_of_classes_and_follow_the_seed():
    y = np.repeat([0, 1, 2], [100, 50, 5])
    part = inner_folds(Rows(y))
    assert all(np.bincount(part[y == k]).tolist() == [n // 5] * 5 for k, n in enumerate([100, 50, 5]))
    assert np.array_equal(part, inner_folds(Rows(y))) and not np.array_equal(part, inner_folds(Rows(y, seed=1)))
    groups = np.arange(155) // 3
    assert all(len(np.unique(inner_folds(Rows(y, groups))[groups == g])) == 1 for g in range(52))
