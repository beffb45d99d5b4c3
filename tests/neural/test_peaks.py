import torch

from automl.neural.peaks import begin_peak, peak_mb


def test_a_device_is_set_up_before_torch_is_asked_to_count(monkeypatch):
    """Torch refuses to count on a device that nothing has used yet."""
    ready: list[str] = []

    def reset(device):
        assert ready, "Invalid device argument: did you call init?"
        ready.append(device)

    monkeypatch.setattr(torch.cuda, "init", lambda: ready.append("init"))
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", reset)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: 3 << 20)
    begin_peak("cuda:0")
    assert ready == ["init", "cuda:0"] and peak_mb("cuda:0") == 3


def test_a_cpu_has_no_peak_and_loads_nothing(monkeypatch):
    monkeypatch.setattr(torch.cuda, "init", lambda: 1 / 0)
    begin_peak("cpu")
    assert peak_mb("cpu") == 0
