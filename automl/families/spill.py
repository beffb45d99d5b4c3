"""What a fit does where the memory of its device runs out: it begins anew on the CPU, and says so."""

import sys
import warnings
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

CPU = "cpu"
WORDS = ("out of memory", "outofmemory", "memory allocation error", "cudaerrormemoryallocation", "bad_alloc", "bad_malloc", "failed to allocate")


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
        if not of_device_memory(fault):
            raise
    finally:
        hand_back()
    said = f"memory ran out on {device}: trained on the CPU"
    warnings.warn(said, RuntimeWarning, stacklevel=2)
    return fit(CPU), (said,)


def of_device_memory(fault: BaseException) -> bool:
    """Return whether a fault says that a device's memory ran out; torch has a class for it, XGBoost only words."""
    words = f"{type(fault).__name__} {fault}".lower()
    return any(word in words for word in WORDS)


def hand_back() -> None:
    """Give back what torch keeps of a device's memory, where torch was loaded."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
