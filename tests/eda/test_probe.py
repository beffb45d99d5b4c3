"""The probe: it finds what an additive model can, out of fold; effects have the right sign and an interval that means it."""

import numpy as np
import pytest

from automl.eda.probe import Piece, Probe, block, compare
from automl.inference.table import Column, column_of


def folds_of(n, k=5, seed=0):
    part = np.random.default_rng(seed).permutation(n) % k
    return [(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(k)]


def number(values, kind="number"):
    return Piece(Column("number", np.asarray(values, np.float64)), kind)


@pytest.fixture
def made():
    rng = np.random.default_rng(0)
    n = 1200
    a, b, noise = rng.normal(size=n), rng.normal(size=n), rng.normal(size=n)
    colour = rng.choice(["red", "green", "blue"], n)
    y = (a**2 + (colour == "red") + rng.normal(0, 0.7, n) > 1.2).astype(np.int64)
    pieces = {"a": number(a), "b": number(b), "noise": number(noise), "colour": Piece(column_of(list(colour)), "category")}
    return pieces, y, folds_of(n)


def test_it_scores_what_an_additive_model_can_learn(made):
    probe = Probe(*made)
    assert np.mean(probe.base) > 0.85
    assert np.mean(probe.scores(["noise"])) == pytest.approx(0.5, abs=0.05)
    assert np.mean(probe.scores(["a"])) > np.mean(probe.scores(["colour"])) > 0.55


def test_leaving_out_what_matters_loses_and_what_does_not_is_within_the_interval(made):
    probe = Probe(*made)
    loss = probe.effect(without=["a"])
    assert loss.change < -0.1 and loss.high < 0 and loss.after == pytest.approx(loss.before + loss.change)
    nothing = probe.effect(without=["noise"])
    assert nothing.low <= 0 <= nothing.high and abs(nothing.change) < 0.01
    assert probe.effect().change == 0


def test_leaving_out_equals_a_probe_made_without_the_column(made):
    pieces, y, folds = made
    left = Probe({n: p for n, p in pieces.items() if n != "a"}, y, folds).base
    np.testing.assert_allclose(Probe(pieces, y, folds).scores(["b", "noise", "colour"]), left, atol=1e-5)


def test_a_replaced_piece_equals_a_probe_made_with_it(made):
    pieces, y, folds = made
    line = number(pieces["a"].column.values, "line")
    replaced = Probe(pieces, y, folds).effect(without=["a"], more={"a": line})
    direct = Probe({**pieces, "a": line}, y, folds).base
    assert replaced.after == pytest.approx(np.mean(direct), abs=1e-5)
    assert replaced.change < -0.05  # the square of `a` tells the class; a line through it does not


def test_nothing_of_the_scored_rows_is_fitted():
    """Random classes stay unknown, also for levels of their own: no encoding may carry a row's own class."""
    rng = np.random.default_rng(1)
    n = 1500
    levels = Piece(column_of([f"l{i}" for i in rng.integers(0, 500, n)]), "shares")
    scores = [np.mean(Probe({"c": levels}, rng.integers(0, 2, n), folds_of(n, seed=s)).base) for s in range(5)]
    assert np.mean(scores) == pytest.approx(0.5, abs=0.03)


def test_edges_come_from_learning_rows_only():
    values = np.arange(100.0)
    learn = np.arange(100) < 50
    changed = np.where(learn, values, values * 1000)
    np.testing.assert_array_equal(block(number(values), learn)[:50], block(number(changed), learn)[:50])
    np.testing.assert_array_equal(block(number(values, "line"), learn)[:50], block(number(changed, "line"), learn)[:50])


def test_missing_values_and_rare_levels_have_their_own_features():
    x = block(number([1.0, np.nan, np.inf, 2.0] * 10), np.ones(40, bool))
    assert (x[1] == x[2]).all() and not (x[0] == x[1]).all() and (x.sum(axis=1) == 1).all()
    column = Column("coded", np.array([0, 1, -1, 2] * 10, np.int32), ("a", "b", "c"))
    learn = np.arange(40) % 4 != 3  # the level c is not seen
    x = block(Piece(column, "category"), learn)
    assert x.shape == (40, 4) and x[3].tolist() == [0, 0, 1, 0] and x[2].tolist() == [0, 0, 0, 1]


def test_more_than_two_classes_and_words_and_dates():
    rng = np.random.default_rng(2)
    n = 600
    y = rng.integers(0, 3, n)
    words = [" ".join(rng.choice(["sun", "rain", "snow", "the", "a"], 5, p=np.where(np.arange(5) == k, 0.6, 0.1))) for k in y]
    days = np.array(["2024-01-01", "2024-05-01", "2024-09-01"], "M8[s]").astype(np.int64)[y].astype(float) + rng.integers(0, 20, n) * 86400
    probe = Probe({"t": Piece(column_of(words), "text"), "d": Piece(Column("date", days), "date")}, y, folds_of(n))
    assert np.mean(probe.scores(["t"])) > 0.8 and np.mean(probe.scores(["d"])) > 0.99
    rows, shares = probe.out_of_fold()
    assert sorted(rows.tolist()) == list(range(n))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


def test_no_column_gives_the_mean_and_no_class_gives_no_effect():
    y = np.array([0, 1] * 20)
    assert np.mean(Probe({}, y, folds_of(40)).base) == pytest.approx(0.5)
    assert Probe({"a": number(np.arange(40))}, np.zeros(40, np.int64), folds_of(40)).effect(without=["a"]) is None


def test_the_interval_covers_no_change_when_there_is_none():
    """In at least 90 of 100 draws of pure noise the 95 % interval of leaving a column out covers zero."""
    covered = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        pieces = {n: number(rng.normal(size=200)) for n in "abc"}
        effect = Probe(pieces, rng.integers(0, 2, 200), folds_of(200, seed=seed)).effect(without=["a"])
        covered += effect.low <= 0 <= effect.high
    assert covered >= 90


def test_one_fold_has_no_spread():
    effect = compare([0.8], [0.7], [(np.arange(8), np.arange(2))])
    assert (effect.change, effect.low, effect.high) == (pytest.approx(-0.1), pytest.approx(-1.1), pytest.approx(0.9))
    assert compare([float("nan")], [0.7], [(np.arange(8), np.arange(2))]) is None
