"""Two processes on the CPU (gloo), which meet by a file in a folder of their own."""

import os
import sys
import time

import numpy as np
import pytest
import torch

from automl.neural import distributed
from automl.neural.distributed import TeamFault, train_large
from automl.neural.losses import mean_loss
from automl.neural.optimizers import make_optimizer, schedule_of
from automl.neural.training import train
from tests.neural.batched.made import network, options, rows

TWO = ["cpu", "cpu"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(distributed.tempfile, "tempdir", str(tmp_path))
    yield
    assert not list(tmp_path.glob("automl-team-*")), "nothing is left behind"


def _alone(own, params, data, **changes):
    given = {"epochs": 6, "batch": 50, "patience": 20, "seed": 3, "fixed": False, **changes}
    stop = data.x_stop, data.y_stop
    optimizer = make_optimizer(params, own.parameters())
    return train(own, optimizer, data.x, data.y, *stop, device="cpu", weight=data.weight, schedule=schedule_of(params["optimizer"]), **given)


def _apart(a, b):
    return max(float((p - q).detach().abs().max()) for p, q in zip(a.parameters(), b.parameters(), strict=True))


def _loss(own, data):
    with torch.no_grad():
        return float(mean_loss(own(torch.as_tensor(data.x)), torch.as_tensor(data.y)))


def test_two_processes_train_as_one_does():
    """401 rows in steps of 50: shares of 25, and a last step of one row, which both take."""
    data = rows(401, weight=np.linspace(0.5, 1.5, 401).astype(np.float32))
    params = options("sgd", lr=0.1)
    two, one, begin = network(), network(), network()
    epochs = train_large(two, params, data, devices=TWO, epochs=6, batch=50, patience=20, seed=3)
    assert epochs == _alone(one, params, data)
    assert _apart(two, one) < 1e-5 < 0.1 < _apart(two, begin)
    assert _loss(two, data) < 0.9 * _loss(begin, data)
    assert not two.training


@pytest.mark.slow
def test_the_gradient_of_a_step_is_that_of_one_process():
    """One step of all rows, with a gradient of norm below one: SGD at a rate of one moves by the gradient itself."""
    params = options("sgd", lr=1.0, momentum=1e-9, weight_decay=0.0)
    data, two, one = rows(333, stop=0), network(), network()
    train_large(two, params, data, devices=TWO, epochs=1, batch=333, patience=20, seed=3)
    _alone(one, params, data, epochs=1, batch=333)
    assert _apart(network(), two) > 1e-4 and _apart(two, one) < 1e-5


@pytest.mark.slow
def test_all_stop_at_the_deadline_together_and_learned_with_dropout_until_then():
    data = rows(20_000)
    two = network()
    two.dropout = 0.2
    began = time.monotonic()
    epochs = train_large(two, options(lr=5e-3), data, devices=TWO, epochs=100_000, batch=128, patience=100_000, seed=0, deadline=began + 20)
    assert epochs < 100_000 and time.monotonic() - began < 60 and _loss(two, data) < 0.5


@pytest.mark.slow
def test_what_a_process_ended_of_is_told():
    with pytest.raises(TeamFault, match="KeyError"):
        train_large(network(), {**options(), "optimizer": "none"}, rows(), devices=TWO, epochs=1, batch=50, patience=1, seed=0)


@pytest.mark.parametrize(("status", "fault", "words"), [(3, torch.OutOfMemoryError, "device 2 of 2"), (1, TeamFault, "process 2 of 2.*it broke")])
def test_one_that_fails_ends_the_others_and_leaves_the_network_as_it_was(status, fault, words, tmp_path, monkeypatch):
    """A program in place of python: the second process fails, the first would wait for ever."""
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\nif [ "$4" = 1 ]; then echo it broke; exit {status}; fi\necho $$ > {tmp_path}/pid\nexec sleep 600\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    own = network()
    with pytest.raises(fault, match=words):
        train_large(own, options(), rows(), devices=TWO, epochs=1, batch=50, patience=1, seed=0)
    assert _apart(own, network()) == 0
    if (tmp_path / "pid").exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)
