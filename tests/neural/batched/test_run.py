import time
import weakref

import pytest
import torch

from automl.neural.batched import run
from automl.neural.batched.run import train_slots
from automl.neural.batched.training import Batch
from tests.neural.batched.made import layout, rows, slot


def _rows_of(outcomes):
    return [o.row for o in outcomes]


def test_slots_wait_for_room_and_come_out_in_order():
    data = rows()
    slots = [slot(data, j, epochs=1 + j % 3) for j in range(7)]
    most, seen = [], Batch.tick

    def spy(self):
        most.append(len(self.running))
        return seen(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "tick", spy)
        outcomes, ledger = train_slots(layout(), slots, batch=64, most=3)
    assert max(most) == 3 and ledger.slots == 3 and ledger.device == "cpu" and ledger.peak_mb == 0
    together, _ = train_slots(layout(), slots, batch=64)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(_rows_of(outcomes), _rows_of(together), strict=True))
    assert [o.epochs for o in outcomes if o.epochs > 3] == []


def test_a_slot_may_be_dropped_or_ended_after_any_of_its_epochs():
    data = rows()
    told = []

    def judge(number, event):
        told.append((number, event.epoch))
        return ("go", "drop", "end")[number] if event.epoch == 2 else "go"

    outcomes, _ = train_slots(layout(), [slot(data, j, epochs=4, every=True) for j in range(3)], batch=64, judge=judge)
    assert outcomes[1] is None and len(outcomes[0].every) == 4 and len(outcomes[2].every) == 2
    assert (1, 2) in told and (1, 3) not in told and (2, 3) not in told and (0, 4) in told
    assert torch.equal(outcomes[2].row, outcomes[2].every[outcomes[2].epochs - 1])


def test_when_memory_runs_out_fewer_train_at_once_and_then_the_cpu_does_it():
    data = rows()
    slots = [slot(data, j, epochs=2) for j in range(4)]
    expected, _ = train_slots(layout(), slots, batch=64)
    sizes, true = [], Batch.tick

    def short(self):
        sizes.append(len(self.running))
        if len(self.running) > 1 and len(sizes) < 30:
            raise torch.OutOfMemoryError("out of memory")
        return true(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "tick", short)
        outcomes, ledger = train_slots(layout(), slots, batch=64)
    assert sizes[:3] == [4, 2, 1] and all(torch.allclose(a, b, atol=1e-4) for a, b in zip(_rows_of(outcomes), _rows_of(expected), strict=True))
    assert len(ledger.notes) == 2 and "2 at once" in ledger.notes[0]

    failures = iter([True] * 3)

    def shorter(self):
        if next(failures, False):
            raise torch.OutOfMemoryError("out of memory")
        return true(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "tick", shorter)
        outcomes, ledger = train_slots(layout(), slots, batch=64)
    assert ledger.device == "cpu" and "the CPU" in ledger.notes[-1] and all(o is not None for o in outcomes)


def test_of_the_host_too_memory_that_runs_out_means_fewer_at_once_and_another_fault_is_raised():
    slots = [slot(rows(), j, epochs=1) for j in range(4)]
    true = Batch.tick

    def short(self):
        if len(self.running) > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return true(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batch, "tick", short)
        outcomes, ledger = train_slots(layout(), slots, batch=64)
        assert all(o is not None for o in outcomes) and ledger.slots == 1 and len(ledger.notes) == 2
        for fault in (RuntimeError("can't allocate memory"), RuntimeError("something else")):
            patch.setattr(Batch, "tick", lambda self, fault=fault: (_ for _ in ()).throw(fault))
            with pytest.raises(RuntimeError):
                train_slots(layout(), slots, batch=64)


@pytest.mark.parametrize("words", ["CUDA error: out of memory", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"])
def test_of_a_device_its_peak_is_told_and_its_memory_handed_back_once_nothing_holds_it(words, monkeypatch):
    """A CPU plays the device. What ran out of memory is gone when torch is asked to hand back what it keeps; a traceback would hold it."""
    made, held, counted = [], [], []

    def make(layout, batch, device, deadline, half):
        training = Batch(layout, batch, "cpu", deadline)
        made.append((device, half, weakref.ref(training)))
        if device == "cuda":
            training.tick = lambda: (_ for _ in ()).throw(RuntimeError(words))
        return training

    monkeypatch.setattr(run, "Batch", make)
    monkeypatch.setattr(torch.cuda, "init", lambda: counted.append("init"))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: counted.append(device))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 300 << 20)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: held.append(made[-1][2]()))
    outcomes, ledger = train_slots(layout(), [slot(rows(), j, epochs=1) for j in range(2)], batch=64, device="cuda")
    assert [(device, half) for device, half, _ in made] == [("cuda", True), ("cuda", True), ("cpu", False)] and all(o is not None for o in outcomes)
    assert held == [None, None] and counted == ["init", "cuda"] * 2
    assert ledger.device == "cpu" and ledger.peak_mb == 300 and len(ledger.notes) == 2


def test_the_end_of_each_slot_is_told_while_others_go_on():
    told = []
    slots = [slot(rows(), j, epochs=1 + 2 * j, every=True) for j in range(3)]
    outcomes, _ = train_slots(layout(), slots, batch=64, ended=lambda number, outcome, ledger: told.append((number, len(outcome.every), ledger.device)))
    assert told == [(0, 1, "cpu"), (1, 3, "cpu"), (2, 5, "cpu")] and all(o.every == () for o in outcomes)


def test_at_the_deadline_all_end_with_what_they_have_those_that_wait_too():
    data = rows()
    outcomes, _ = train_slots(layout(), [slot(data, j, epochs=500) for j in range(5)], batch=64, most=2, deadline=time.monotonic())
    assert len(outcomes) == 5 and all(o is not None and torch.isfinite(o.row).all() for o in outcomes)


def test_a_ledger_is_json():
    _, ledger = train_slots(layout(), [slot(rows(), epochs=1)], batch=64)
    assert ledger.as_dict()["device"] == "cpu" and ledger.as_dict()["seconds"] >= 0
    assert run.most_at_once("cuda") > run.most_at_once("cpu")
