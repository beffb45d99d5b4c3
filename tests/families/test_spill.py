import pytest
import torch

from automl.families.spill import or_on_cpu

FAULTS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), torch.OutOfMemoryError(""),
    ValueError("[12:00:00] device_helpers.cu: Memory allocation error on worker 0: bad allocation: cudaErrorMemoryAllocation: out of memory"),
    RuntimeError("std::bad_alloc"), RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other API call"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_fit_a_device_is_done_on_the_cpu_and_told(fault):
    asked = []

    def fit(device):
        asked.append(device)
        if device != "cpu":
            raise fault
        return 7

    with pytest.warns(RuntimeWarning, match="memory ran out on cuda:1"):
        assert or_on_cpu("cuda:1", fit) == (7, ("memory ran out on cuda:1: trained on the CPU",))
    assert asked == ["cuda:1", "cpu"]


def test_what_fits_is_done_once_and_nothing_is_told():
    asked = []
    for device in ("cuda", "cpu"):
        assert or_on_cpu(device, lambda d: asked.append(d) or d) == (device, ())
    assert asked == ["cuda", "cpu"]


@pytest.mark.parametrize(
    ("device", "fault"),
    [("cuda", ValueError("labels are missing")), ("cpu", torch.OutOfMemoryError("out of memory")), ("cpu", MemoryError()), ("cuda", MemoryError())],
)
def test_other_faults_and_those_of_the_cpu_are_raised_after_one_try(device, fault):
    asked = []

    def fit(found):
        asked.append(found)
        raise fault

    with pytest.raises(type(fault)):
        or_on_cpu(device, fit)
    assert asked == [device]
