import numpy as np
import pytest
import torch

from automl.neural.batched.pruning import alive, prune, without_dead_units
from automl.neural.batched.run import train_slots
from automl.neural.batched.training import Batch
from automl.neural.network import Mlp
from automl.neural.optimizers import OPTIMIZERS
from automl.neural.pruning import END
from tests.neural.batched.made import WIDTHS, layout, network, rows, slot


def _filled(outcome, k=2):
    own = network(k=k)
    layout(k).fill(outcome.row, own.linears())
    return own.eval()


def _widths(outcome):
    return [int(a.sum()) for a in alive(layout(), outcome.row)]


def test_the_weakest_units_go_and_are_forgotten():
    row = layout().row_of(network().linears())
    torch.nn.init.normal_(row)
    layers = layout().views(row[None])
    for i, weak in ((0, [3, 7, 8, 9]), (1, [0, 5, 11])):
        layers[i + 1][0][0][weak] *= 1e-3
    memory = torch.ones_like(row)
    left = prune(layout(), row, [memory], WIDTHS, WIDTHS, 0.25)
    dead = [(~a).nonzero()[:, 0].tolist() for a in alive(layout(), row)]
    assert dead == [[3, 7, 8, 9], [0, 5, 11]]
    kept = layout().views(memory[None])
    assert (kept[0][0][0][:, dead[0]] == 0).all() and (kept[1][0][0][dead[0]] == 0).all() and (kept[0][1][0, 0, dead[0]] == 0).all()
    before = row.clone()
    assert left == prune(layout(), row, [memory], WIDTHS, left, 0.25) == [12, 9]
    assert torch.equal(before, row), "they are gone already"
    assert prune(layout(), row, [memory], WIDTHS, left, 1.0) == [1, 1]
    assert [int(a.sum()) for a in alive(layout(), row)] == [1, 1]


def test_scaling_a_unit_up_and_the_next_layer_down_changes_nothing():
    row = layout().row_of(network().linears())
    torch.nn.init.normal_(row)
    other = row.clone()
    (into, bias), (out, _) = layout().views(other[None])[:2]
    scale = torch.logspace(-2, 2, WIDTHS[0])
    into *= scale
    bias *= scale
    out /= scale[:, None]
    for r in (row, other):
        prune(layout(), r, [], WIDTHS, WIDTHS, 0.5)
    assert torch.equal(alive(layout(), row)[0], alive(layout(), other)[0])


@pytest.mark.parametrize("name", OPTIMIZERS.options)
def test_they_stay_away_with_every_optimizer_and_the_smaller_network_says_the_same(name):
    (outcome,), _ = train_slots(layout(), [slot(rows(200, stop=0), name=name, epochs=8, dropout=0.1, sparsity=0.5)], batch=50)
    assert _widths(outcome) == [w // 2 for w in WIDTHS]
    whole = _filled(outcome)
    smaller = without_dead_units(whole)
    assert [layer.out_features for layer in smaller.linears()] == [8, 6, 1]
    x = torch.randn(30, 6)
    assert torch.allclose(whole(x), smaller(x), atol=1e-6)


def test_it_still_learns_beside_one_that_keeps_all_and_the_best_epoch_is_one_of_the_small_network():
    data = rows(600, stop=200)
    (small, full), _ = train_slots(layout(), [slot(data, epochs=24, rate=1e-2, sparsity=s) for s in (0.5, 0.0)], batch=64)
    assert _widths(small) == [8, 6] and _widths(full) == WIDTHS
    assert small.epochs >= END * 24 and len(small.losses) >= small.epochs and small.losses[small.epochs - 1] == min(small.losses[5:])
    assert small.losses[small.epochs - 1] < 0.45, "chance is 0.69"
    alone, _ = train_slots(layout(), [slot(data, epochs=24, rate=1e-2)], batch=64)
    assert torch.allclose(alone[0].row, full.row, atol=1e-4), "a neighbour that is pruned changes nothing"


def test_fewer_units_are_dropped_less_often(monkeypatch):
    seen, true = {}, Batch._sort

    def spy(self, kept):
        true(self, kept)
        if self.running and self._dropout is not None:
            seen[self.running[0].epoch] = self._dropout[:, 0, 0].tolist()

    monkeypatch.setattr(Batch, "_sort", spy)
    train_slots(layout(), [slot(rows(100, stop=0), epochs=20, dropout=0.4, sparsity=s) for s in (0.75, 0.0)], batch=50)
    pruned, whole = zip(*(seen[epoch] for epoch in range(20)), strict=True)
    assert whole == pytest.approx([0.4] * 20) and pruned[0] == pytest.approx(0.4) and list(pruned) == sorted(pruned, reverse=True)
    assert pruned[5:] == pytest.approx([0.1] * 15)


def test_patience_begins_when_all_units_that_should_go_are_gone():
    data = rows(100, stop=50)
    turned = type(data)(data.x, data.y, data.x_stop, 1 - data.y_stop)
    told = []

    def judge(number, event):
        told.append(event.loss)
        return "go"

    (outcome,), _ = train_slots(layout(), [slot(turned, epochs=40, patience=2, rate=1e-2, sparsity=0.5)], batch=20, judge=judge)
    assert outcome.epochs >= END * 40 and _widths(outcome) == [8, 6] and len(outcome.losses) < 40
    assert np.isnan(told[:9]).all() and np.isfinite(told[9:]).all() and np.isfinite(outcome.losses).all()


def test_a_network_with_all_its_units_is_left_alone():
    torch.manual_seed(0)
    own = Mlp(4, [5], 1, 0.2)
    assert without_dead_units(own) is own and own.dropout == 0.2
