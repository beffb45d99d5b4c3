import time

import pytest
import torch

from automl.neural.team import Team


@pytest.mark.parametrize("size", [1, 2, 3])
def test_shares_are_all_rows_once_and_their_mean_losses_add_up_to_that_of_all(size):
    picked, losses = torch.randperm(100)[:11], torch.rand(100)
    shares = [Team(rank, size).share(picked) for rank in range(size)]
    assert sorted(torch.cat([own for own, _ in shares]).tolist()) == sorted(picked.tolist())
    averaged = sum(losses[own].mean() * part for own, part in shares) / size
    assert float(averaged) == pytest.approx(float(losses[picked].mean()), rel=1e-6)


def test_fewer_rows_than_processes_are_taken_by_all():
    picked = torch.tensor([4])
    assert [Team(rank, 3).share(picked) for rank in range(3)] == [(picked, 1.0)] * 3


def test_alone_it_is_what_it_was():
    team, own = Team.now(), torch.nn.Linear(2, 1)
    assert (team.rank, team.size) == (0, 1) and team.wrap(own) is own and team.agree(0.1) == 0.1
    before = time.monotonic()
    assert before <= team.moment(1) <= team.moment(2) <= time.monotonic()


def test_the_clock_is_asked_together_now_and_then(monkeypatch):
    team, asked = Team(1, 2), []
    monkeypatch.setattr(team, "agree", lambda value: asked.append(value) or float(len(asked)))
    assert [team.moment(step) for step in (0, 1, 15, 16, 17, 0)] == [1, 1, 1, 2, 2, 3]
