"""The most memory that torch held on a device between two moments."""

import torch


def begin_peak(device: str) -> None:
    """Count from now on. Does nothing on a CPU; on CUDA it sets the device up first, as torch refuses to count before."""
    if device.startswith("cuda"):
        torch.cuda.init()  # type: ignore[no-untyped-call]
        torch.cuda.reset_peak_memory_stats(device)


def peak_mb(device: str) -> int:
    """Return the MB since then, 0 on a CPU and on a device that nothing has used yet."""
    return torch.cuda.max_memory_allocated(device) >> 20 if device.startswith("cuda") else 0
