import numpy as np
import pytest
import torch

from automl.neural.autoencoder import Autoencoder, train_autoencoder


def _rows(n, seed):
    angle = np.random.default_rng(seed).uniform(0, 6.28, n)
    return torch.tensor(np.stack([np.cos(angle), np.sin(angle), 0.5 * np.cos(3 * angle)], axis=1), dtype=torch.float32)


def _train(network, rows, stop, **options):
    options = {"rate": 3e-3, "decay": 0.0, "noise": 0.0, "batch": 64, "steps": 600, "patience": 20, "seed": 0, "expired": lambda: False, **options}
    return train_autoencoder(network, rows, stop, **options)


def _loss(network, rows):
    with torch.no_grad():
        return float((network.eval()(rows) - rows).square().mean())


def test_it_begins_as_the_first_coordinates():
    torch.manual_seed(0)
    rows = _rows(20, 0)
    network = Autoencoder(3, 2, 8, 2, 0.1).eval()
    assert network.encoder(rows).detach().numpy() == pytest.approx(rows[:, :2].numpy())
    assert network(rows).detach().numpy() == pytest.approx(np.concatenate([rows[:, :2].numpy(), np.zeros((20, 1))], axis=1))


def test_training_lowers_the_loss_on_other_rows():
    torch.manual_seed(0)
    network, stop = Autoencoder(3, 2, 32, 1, 0.0), _rows(200, 1)
    before = _loss(network, stop)
    assert _train(network, _rows(400, 0), stop) > 0
    assert _loss(network, _rows(200, 2)) < 0.3 * before


def test_a_rate_that_ruins_leaves_the_start():
    torch.manual_seed(0)
    network, stop = Autoencoder(3, 2, 32, 1, 0.0), _rows(200, 1)
    before = _loss(network, stop)
    assert _train(network, _rows(400, 0) * 0 + 50.0, stop, rate=1.0, steps=100) >= 0
    assert _loss(network, stop) <= before + 1e-6


def test_it_ends_when_time_is_over():
    assert _train(Autoencoder(3, 2, 8, 1, 0.0), _rows(50, 0), _rows(20, 1), steps=10**6, expired=lambda: True) <= 1
