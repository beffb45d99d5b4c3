import numpy as np
import torch

from automl.neural.batched.pairs import Pairs
from automl.neural.batched.run import train_slots
from automl.neural.batched.slots import Event, Outcome
from tests.neural.batched.made import layout, rows, slot


def test_a_twin_learns_from_all_rows_and_is_kept_as_it_was_after_the_best_epoch_of_the_other():
    data = rows(300, stop=60)
    pairs = Pairs({0: 1})
    both = [slot(data, 0, epochs=40, patience=3, rate=0.02), slot(data.whole(), 0, epochs=40, fixed=True, every=True, rate=0.02)]
    outcomes, _ = train_slots(layout(), both, batch=64, judge=pairs.judge)
    row, epochs = pairs.best(0, outcomes)
    assert epochs == outcomes[0].epochs == int(np.argmin(outcomes[0].losses)) + 1 < 40
    assert torch.equal(row, outcomes[1].every[epochs - 1]) and not torch.equal(row, outcomes[0].row)
    assert epochs <= len(outcomes[1].every) < 40  # it ends once that is known, and it has come so far


def test_one_whose_twin_did_not_come_so_far_keeps_its_own():
    rows_of = [torch.full((3,), float(i)) for i in range(3)]
    own = Outcome(rows_of[0], 5, (3.0, 2.0, 2.0, 2.0, 1.0))
    pairs = Pairs({0: 1})
    assert pairs.best(0, [own, Outcome(rows_of[1], 4, every=tuple(rows_of))]) == (rows_of[0], 5)
    assert pairs.best(0, [Outcome(rows_of[0], 2, (3.0, 2.0)), Outcome(rows_of[1], 4, every=tuple(rows_of))]) == (rows_of[1], 2)


def test_a_twin_goes_on_while_the_other_does():
    pairs = Pairs({0: 1})
    assert pairs.judge(0, Event("epoch", 7, 1, 0.5)) == "go"
    assert pairs.judge(1, Event("epoch", 8, 5)) == "go"
    pairs.judge(0, Event("epoch", 7, 2, 0.4))
    assert pairs.judge(0, Event("epoch", 7, 3, 0.6, last=True)) == "go"
    assert pairs.judge(1, Event("epoch", 8, 1)) == "go" and pairs.judge(1, Event("epoch", 8, 2)) == "end"


def test_all_rows_are_the_learning_rows_and_those_to_stop_on():
    data = rows(30, stop=10, weight=np.full(30, 1.0, np.float32))
    assert len(data.whole().y) == 40 and not data.whole().stops and data.whole().weight is None
