"""What a batch asks of a device that is no CPU, on torch's `meta`: it has shapes and no numbers, so that to fetch one from it fails."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from automl.neural.batched.training import Batch
from automl.neural.optimizers import OPTIMIZERS
from tests.neural.batched.made import layout, rows, slot

ARRIVES = (torch.ops.aten._to_copy.default, torch.ops.aten.lift_fresh.default)


class Watch(TorchDispatchMode):
    """Fails where an operation mixes devices, and notes what is copied to the device in a way that is waited for."""

    def __init__(self):
        super().__init__()
        self.waited = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func in ARRIVES:
            told = func is ARRIVES[1] or args[0].device.type == "cpu"
            if told and out.device.type == "meta" and not (kwargs or {}).get("non_blocking"):
                self.waited.append((func, tuple(out.shape)))
        else:
            found = {x.device.type for x in tree_leaves((args, kwargs)) if isinstance(x, torch.Tensor) and x.ndim}
            assert len(found) <= 1, f"{func} mixes devices"
        return out


@pytest.fixture(autouse=True)
def generators(monkeypatch):
    """There are none on this device. What torch loads for it first looks at the class itself."""
    import torch._dynamo

    true = torch.Generator
    monkeypatch.setattr(torch, "Generator", lambda device="cpu": true())


@pytest.fixture
def fetched(monkeypatch):
    """Give zeros where numbers are fetched in one of the two ways in which that is done, and count; any other way fails."""
    found = []
    for name in ("tolist", "cpu"):
        true = getattr(torch.Tensor, name)

        def fetch(self, name=name, true=true):
            if self.device.type == "meta":
                found.append(name)
                self = torch.zeros(self.shape, dtype=self.dtype)
            return true(self)

        monkeypatch.setattr(torch.Tensor, name, fetch)
    return found


def slots(data, n, **more):
    names = list(OPTIMIZERS.options)
    return [slot(data[i % len(data)], i, name=names[i % len(names)], shuffle=0, smoothing=0.05, dropout=0.1, **more) for i in range(n)]


def test_a_step_fetches_nothing_and_waits_for_nothing_wherever_its_slots_are_in_their_epochs():
    data = [rows(300, weight=torch.ones(300).numpy()), rows(260, seed=1)]
    batch = Batch(layout(), 64, "meta")
    batch.admit(slots(data, 7))
    with Watch() as watch:
        batch.tick()  # all at the same place
    batch.admit(slots(data, 7))
    with Watch() as later:
        for _ in range(2):
            assert batch.tick() == []
    assert watch.waited == later.waited == []


@pytest.mark.parametrize("stop", [40, 0])
def test_however_many_end_an_epoch_they_are_fetched_together(stop, fetched):
    counts = []
    for n in (2, 14):
        batch = Batch(layout(), 64, "meta")
        batch.admit(slots([rows(128, stop=stop), rows(128, seed=1, stop=stop)], n, epochs=2, every=True, sparsity=0.5))
        fetched.clear()
        with Watch() as watch:
            events = [batch.tick() for _ in range(4)]
        assert [len(e) for e in events] == [0, n, 0, 2 * n] and watch.waited == []
        counts.append(list(fetched))
        assert all(len(e.outcome.every) == 2 and e.outcome.row.shape == (layout().length,) for e in events[-1][n:])
    losses = ["tolist"] * (2 if stop else 1)
    assert counts[0] == counts[1] == [*losses, "cpu", *losses, "cpu", "cpu"]
