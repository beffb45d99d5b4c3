"""What a fit does where the memory of its device runs out: it begins anew on the CPU, and says so."""

import sys
import warnings
from collections.abc import Callable
from typing import TypeVar

from automl.hardware import of_memory

T = TypeVar("T")

CPU = "cpu"


def or_on_cpu(device: str, fit: Callable[[str], T]) -> tuple[T, tuple[str, ...]]:
    """Return what `fit` gives on a device, or on the CPU where the device's memory ran out, and in words that it did.

    Other faults are raised as they are. What torch keeps of the device's memory for itself is handed back, as the next fit may be
    another library's.
    """
    if device == CPU:
        return fit(CPU), ()
    try:
        return fit(device), ()
    except Exception as fault:
        if isinstance(fault, MemoryError) or not of_memory(fault):  # Python's own is the host's, of which a CPU has no more
            raise
    finally:
        hand_back()
    said = f"memory ran out on {device}: trained on the CPU"
    warnings.warn(said, RuntimeWarning, stacklevel=2)
    return fit(CPU), (said,)


def hand_back() -> None:
    """Give back what torch keeps of a device's memory, where torch was loaded."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
