import numpy as np
import pytest

from automl.families import subspace
from automl.families.subspace import leading


def _table(shape, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(shape[0], 5)) * [9, 6, 4, 3, 2] @ rng.normal(size=(5, shape[1])) + 0.1 * rng.normal(size=shape) + 3.0).astype(np.float32)


@pytest.mark.parametrize("way", ["_by_columns", "_by_rows", "_randomised"])
@pytest.mark.parametrize("shape", [(80, 30), (30, 80)])
def test_every_way_finds_the_singular_vectors(way, shape):
    x = _table(shape)
    mean = x.mean(axis=0, dtype=np.float64)
    values, directions = getattr(subspace, way)(x, mean, 4, *([0] if way == "_randomised" else []))
    _, s, rows = np.linalg.svd(x - mean, full_matrices=False)
    assert values == pytest.approx(s[:4] ** 2, rel=1e-3)
    assert np.abs((directions * rows[:4]).sum(axis=1)) == pytest.approx(np.ones(4), abs=1e-3)


@pytest.mark.parametrize("shape", [(80, 30), (30, 80), (2, 5), (5, 1)])
def test_directions_are_of_length_one_and_variances_add_up(shape):
    x = _table(shape)
    found = leading(x, min(shape))
    assert np.linalg.norm(found.directions, axis=1) == pytest.approx(np.ones(len(found.directions)), abs=1e-6)
    assert found.share()[-1] == pytest.approx(1.0, abs=1e-6)
    assert (found.directions[np.arange(len(found.directions)), np.abs(found.directions).argmax(axis=1)] > 0).all()
    assert found.total == pytest.approx(x.var(axis=0, dtype=np.float64).sum(), rel=1e-6)


def test_a_table_of_one_value_has_one_direction_without_variance():
    found = leading(np.ones((20, 4), np.float32), 3)
    assert found.directions.shape == (1, 4) and found.variances == pytest.approx([0.0]) and np.isfinite(found.directions).all()


def test_blocks_of_rows_change_nothing(monkeypatch):
    x = _table((80, 30))
    whole = leading(x, 4)
    monkeypatch.setattr(subspace, "BLOCK", 7)
    assert leading(x, 4).directions == pytest.approx(whole.directions, abs=1e-6)
