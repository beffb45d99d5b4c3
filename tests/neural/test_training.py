import numpy as np
import pytest
import torch

from automl.neural import training
from automl.neural.losses import mean_loss
from automl.neural.network import Mlp
from automl.neural.training import train


def _problem(n=200, k=2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64) if k == 2 else np.digitize(x[:, 0], (-0.4, 0.4)).astype(np.int64)
    return x, y


def _train(network, x, y, x_stop=None, y_stop=None, rate=1e-2, **changes):
    options = {"epochs": 10, "batch": 32, "patience": 3, "device": "cpu", "seed": 0, "fixed": False} | changes
    return train(network, torch.optim.Adam(network.parameters(), lr=rate), x, y, x_stop, y_stop, **options)


def _loss(network, x, y):
    with torch.no_grad():
        return float(mean_loss(network(torch.as_tensor(x)), torch.as_tensor(y)))


def _mlp(k=2, width=16):
    torch.manual_seed(0)
    return Mlp(4, [width], 1 if k == 2 else k, 0.0)


@pytest.mark.parametrize("k", [2, 3])
def test_it_learns_with_one_margin_for_two_classes_and_one_each_for_more(k):
    x, y = _problem(k=k)
    network = _mlp(k)
    assert _train(network, x, y, epochs=30) == 30
    with torch.no_grad():
        margin = network(torch.as_tensor(x)).numpy()
    guess = (margin[:, 0] > 0).astype(int) if k == 2 else margin.argmax(axis=1)
    assert (guess == y).mean() > 0.9


def test_weights_of_the_stopping_rows_decide_where_it_stops():
    x, y = _problem()
    twice = np.concatenate([x, x])
    labels = np.concatenate([y, 1 - y])  # the first half gains with every epoch, the second loses
    kept = [_train(_mlp(), x, y, twice, labels, weight_stop=np.repeat(w, 200).astype(np.float32), epochs=8) for w in ([2, 0], [0, 2])]
    assert kept[0] == 8 and kept[1] == 1


def test_the_best_epochs_weights_come_back():
    """Stopping rows with labels turned round get worse from the first epoch on, so the first epoch's weights are the best."""
    x, y = _problem()
    network = _mlp()
    seen = []
    true_evaluate = training._evaluate

    def spy(net, *rest):
        value = true_evaluate(net, *rest)
        seen.append((value, {k: v.clone() for k, v in net.state_dict().items()}))
        return value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_evaluate", spy)
        kept = _train(network, x, y, x, 1 - y, epochs=20)
    best = int(np.argmin([value for value, _ in seen]))
    assert kept == best + 1 < len(seen)
    assert all(torch.equal(value, seen[best][1][name]) for name, value in network.state_dict().items())
    assert _loss(network, x, 1 - y) == pytest.approx(seen[best][0], abs=1e-6)


def test_patience_ends_a_fit_that_no_longer_gains():
    x, y = _problem()
    epochs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_evaluate", lambda *_: epochs.append(1) or 1.0 + len(epochs))
        kept = _train(_mlp(), x, y, x, y, epochs=50, patience=4)
    assert kept == 1 and len(epochs) == 5


def test_a_fixed_length_is_run_to_its_end_whatever_the_stopping_rows_say():
    x, y = _problem()
    epochs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_evaluate", lambda *_: epochs.append(1) or 1.0 + len(epochs))
        _train(_mlp(), x, y, x, y, epochs=12, patience=2, fixed=True)
    assert len(epochs) == 12


def test_a_clock_that_has_run_out_ends_it_after_one_step():
    x, y = _problem()
    steps = []
    network = _mlp()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    step = optimizer.step
    optimizer.step = lambda: (steps.append(1), step())
    options = {"epochs": 50, "batch": 16, "patience": 3, "device": "cpu", "seed": 0, "fixed": False}
    assert train(network, optimizer, x, y, None, None, deadline=0.0, **options) == 1
    assert len(steps) == 1


def test_the_rate_falls_from_what_was_asked_to_almost_nothing():
    x, y = _problem(64)
    network = _mlp()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    rates = []
    step = optimizer.step
    optimizer.step = lambda: (rates.append(optimizer.param_groups[0]["lr"]), step())
    train(network, optimizer, x, y, None, None, epochs=20, batch=32, patience=3, device="cpu", seed=0, fixed=False)
    assert rates[0] == pytest.approx(0.1) and rates[-1] < 0.1 * 0.05 and rates == sorted(rates, reverse=True)


def test_a_gradient_that_explodes_is_clipped():
    x, y = _problem(32)
    network = _mlp()
    before = [p.detach().clone() for p in network.parameters()]
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    train(network, optimizer, x * 1e4, y, None, None, epochs=1, batch=32, patience=3, device="cpu", seed=0, fixed=False)
    moved = sum(((a - b) ** 2).sum().item() for a, b in zip(before, network.parameters(), strict=True)) ** 0.5
    assert 0 < moved <= training.CLIP * 1.001


def test_the_same_seed_gives_the_same_weights_and_the_network_is_ready_to_predict():
    x, y = _problem()
    first, second = _mlp(), _mlp()
    _train(first, x, y, epochs=3, seed=5)
    _train(second, x, y, epochs=3, seed=5)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert not first.training and next(first.parameters()).device.type == "cpu"
    third = _mlp()
    _train(third, x, y, epochs=3, seed=6)
    assert not all(torch.equal(a, b) for a, b in zip(first.parameters(), third.parameters(), strict=True))


def test_what_the_optimizer_remembers_follows_the_network_to_its_device(monkeypatch):
    x, y = _problem(32)
    network, called = _mlp(), []
    monkeypatch.setattr(network, "to", lambda device: called.append(device) or network)
    monkeypatch.setattr(training, "follow", lambda optimizer: called.append(type(optimizer).__name__))
    _train(network, x, y, epochs=1)
    assert called[:2] == ["cpu", "Adam"]


def test_no_stopping_rows_at_all_means_that_every_epoch_is_run():
    """Classes of fewer than nine rows hold none back; an empty set to stop on must not end the fit as if nothing were gained."""
    x, y = _problem()
    assert _train(_mlp(), x, y, x[:0], y[:0], epochs=20, patience=3) == 20


def test_rows_that_weigh_nothing_teach_nothing():
    x = np.concatenate([np.full((100, 1), -1.0), np.full((100, 1), 1.0)]).astype(np.float32)
    y = np.arange(200) % 2
    weight = np.where((x[:, 0] > 0) == (y == 1), 2.0, 0.0).astype(np.float32)
    torch.manual_seed(0)
    network = Mlp(1, [8], 1, 0.0)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    train(network, optimizer, x, y, None, None, epochs=30, batch=50, patience=5, device="cpu", seed=0, fixed=True, weight=weight)
    with torch.no_grad():
        margin = network(torch.as_tensor(x))[:, 0].numpy()
    assert margin[x[:, 0] > 0].min() > 1 and margin[x[:, 0] < 0].max() < -1
