import threading

import pytest
import torch

from automl.neural.batched import spread
from automl.neural.batched.run import train_slots
from automl.neural.batched.spread import devices_of, split, train_spread
from automl.neural.batched.training import Batch
from tests.neural.batched.made import layout, rows, slot


def test_the_work_is_shared_evenly_and_pairs_stay_together():
    data, small = rows(400), rows(100)
    slots = [slot(data, epochs=4), slot(small, epochs=4), slot(small, epochs=4), slot(small, epochs=8), slot(data, epochs=4)]
    assert split(slots, 2) == [[0, 1, 2], [3, 4]] or split(slots, 2) == [[0, 3], [1, 2, 4]]
    for follows in ({4: 0}, {1: 4, 3: 4}):
        shares = split(slots, 2, follows)
        assert sorted(i for share in shares for i in share) == list(range(5))
        assert all({i, leader} <= set(next(s for s in shares if i in s)) for i, leader in follows.items())
    assert split(slots[:1], 3) == [[0], [], []]


def test_two_devices_give_what_one_gives_in_the_same_order_and_work_at_the_same_time(monkeypatch):
    data = rows()
    slots = [slot(data, j, epochs=2 + j % 3) for j in range(5)]
    together, _ = train_slots(layout(), slots, batch=64)
    both, true = threading.Barrier(2, timeout=20), train_slots
    met = []
    monkeypatch.setattr(spread, "train_slots", lambda *args, **options: met.append(both.wait()) or true(*args, **options))
    told, ends = [], []
    outcomes, ledger = train_spread(
        layout(),
        slots,
        devices=["cpu", "cpu"],
        batch=64,
        judge=lambda n, e: told.append((n, e.epoch)) or "go",
        ended=lambda n, o, its: ends.append((n, o.epochs, its.device)),
    )
    assert sorted(met) == [0, 1], "one waits for the other: they run side by side"
    assert all(torch.allclose(a.row, b.row, atol=1e-4) and a.epochs == b.epochs for a, b in zip(outcomes, together, strict=True))
    assert sorted(told) == [(j, e + 1) for j in range(5) for e in range(2 + j % 3)]
    assert sorted(ends) == [(j, outcome.epochs, "cpu") for j, outcome in enumerate(outcomes)]
    assert ledger.slots == 5 and ledger.device == "cpu"


def test_one_device_and_fewer_slots_than_devices_are_nothing_special():
    slots = [slot(rows(), epochs=1)]
    for devices in (["cpu"], ["cpu"] * 3):
        outcomes, ledger = train_spread(layout(), slots, devices=devices, batch=64)
        assert len(outcomes) == 1 and outcomes[0] is not None and ledger.slots == 1


def test_a_device_whose_memory_runs_out_is_told_and_the_others_go_on(monkeypatch):
    true, failed = Batch.tick, []

    def short(self):
        if not failed and len(self.running) > 1:
            failed.append(True)
            raise torch.OutOfMemoryError("out of memory")
        return true(self)

    monkeypatch.setattr(Batch, "tick", short)
    outcomes, ledger = train_spread(layout(), [slot(rows(), j, epochs=2) for j in range(4)], devices=["cpu", "cpu"], batch=64)
    assert all(o is not None for o in outcomes) and len(ledger.notes) == 1 and "memory ran out" in ledger.notes[0]


def test_a_fault_of_one_device_is_not_hidden(monkeypatch):
    def broken(self):
        raise ValueError("of its own")

    monkeypatch.setattr(Batch, "tick", broken)
    with pytest.raises(ValueError, match="of its own"):
        train_spread(layout(), [slot(rows(), j) for j in range(2)], devices=["cpu", "cpu"], batch=64)


def test_all_devices_of_a_kind_or_the_one_that_was_named(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices_of("cuda") == ["cuda:0", "cuda:1"] and devices_of("cpu") == ["cpu"] and devices_of("cuda:1") == ["cuda:1"]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert devices_of("cuda") == ["cuda"]
