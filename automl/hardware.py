"""What this machine offers a run: cores (affinity and cgroup quota), memory, accelerators; never imports torch."""

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def megabytes(peak: int) -> float:
    """Return MB of `ru_maxrss`, which Linux counts in kB and others in bytes."""
    return peak / (1024 if sys.platform == "linux" else 1 << 20)


def peak_mb() -> float:
    """Return the most memory that this process has filled so far, in MB."""
    import resource  # not there on Windows

    return megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


@dataclass(frozen=True)
class Accelerator:
    """One CUDA device; memory in MB."""

    name: str
    memory_mb: int


@dataclass(frozen=True)
class Hardware:
    """Cores that may be used, memory that may be filled, accelerators that were seen."""

    cores: int
    memory_mb: int
    accelerators: tuple[Accelerator, ...]
    processor: str
    system: str


def probe() -> Hardware:
    """Look at the machine. Takes some milliseconds; nvidia-smi, where it exists, up to 5 s."""
    return Hardware(cores(), memory_mb(), _accelerators(), _processor(), f"{platform.system()} {platform.machine()}")


def cores() -> int:
    """Return the cores that this process may use: its affinity, within the quota of its control group."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = (_CGROUP / "cpu.max").read_text().split()
        if quota != "max":
            found = min(found, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass
    return max(1, found)


def memory_mb() -> int:
    """Return the memory that may be filled: the machine's, or what the control group allows."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        total = 4 << 30
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        if limit != "max":
            total = min(total, int(limit))
    except (OSError, ValueError):
        pass
    return total >> 20


def _accelerators() -> tuple[Accelerator, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        done = subprocess.run(
            [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"],
            capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
        rows = [line.rsplit(",", 1) for line in done.stdout.strip().splitlines()]
        return tuple(Accelerator(name.strip(), int(memory)) for name, memory in rows)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def own_memory_mb(pid: int) -> float:
    """Return the memory that a process fills by itself (anonymous pages, swapped ones too), in MB; 0 where the system does not tell.

    Pages shared with the process it was forked from count until that one changes them, so this is never too little.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "VmSwap:"))) / 1024


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that these started, and so on; none where the system does not list them (Linux does)."""
    out: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in tasks.read_text().split()]
        except OSError:
            continue
        for child in children:
            out += [child, *descendants(child)]
    return out
