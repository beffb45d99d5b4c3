"""What this machine offers a run: cores (affinity and cgroup quota), memory, accelerators; never imports torch."""

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
LOOK_SECONDS = 15  # that nvidia-smi may take: where nothing holds the driver, it sets each device up first
_MEMORY = re.compile(r"out ?of ?(\w+ )?memory|memory.*alloc|alloc.*memory|alloc_failed|bad_alloc|bad_malloc|failed to allocate", re.IGNORECASE)


def of_memory(fault: BaseException | str) -> bool:
    """Return whether a fault, or its words, says that memory ran out, of the host or of a device.

    Python and torch have classes for it, XGBoost, cuBLAS and cuDNN only words.
    """
    words = fault if isinstance(fault, str) else f"{type(fault).__name__}: {fault}"
    return isinstance(fault, MemoryError) or _MEMORY.search(words) is not None


def megabytes(peak: int) -> float:
    """Return MB of `ru_maxrss`, which Linux counts in kB and others in bytes."""
    return peak / (1024 if sys.platform == "linux" else 1 << 20)


def peak_mb() -> float:
    """Return the most memory that this process has filled so far, in MB."""
    import resource  # not there on Windows

    return megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


@dataclass(frozen=True)
class Accelerator:
    """One CUDA device; memory in MB, 0 where it is not told, as where the device shares that of the host."""

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
    """Look at the machine. Takes some milliseconds; nvidia-smi, where it exists, up to 15 s."""
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
            capture_output=True, text=True, timeout=LOOK_SECONDS, check=True,
        )  # fmt: skip
        rows = [line.rsplit(",", 1) for line in done.stdout.strip().splitlines()]
        found = tuple(Accelerator(name.strip(), 0 if memory.strip().startswith("[N") else int(memory)) for name, memory in rows)  # [N/A], [Not Supported]
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()
    return _visible(found, os.environ.get("CUDA_VISIBLE_DEVICES"))


def _visible(found: tuple[Accelerator, ...], named: str | None) -> tuple[Accelerator, ...]:
    """Return the devices that CUDA lets a program see: those that the variable names, up to the first name that is none of them; all without it.

    A name may be a number or an identifier, of which only the count is taken. CUDA C++ Programming Guide, appendix on environment variables.
    """
    if named is None:
        return found
    out: list[Accelerator] = []
    for name in (part.strip() for part in named.split(",")):
        known = int(name) < len(found) if name.isdigit() else name.startswith(("GPU-", "MIG-")) and bool(found)
        if not known:
            break
        out.append(found[int(name)] if name.isdigit() else found[min(len(out), len(found) - 1)])
    return tuple(out)


def torch_uses_cuda() -> bool:
    """Return whether the torch that is installed was built for CUDA, which its file of versions tells; to ask torch itself takes seconds."""
    found = find_spec("torch")
    if found is None or found.origin is None:
        return False
    try:
        text = (Path(found.origin).parent / "version.py").read_text()
    except OSError:
        return True  # it does not tell; a fit that finds no device is done on the CPU
    return re.search(r"^cuda\b[^=\n]*=\s*None\s*$", text, re.MULTILINE) is None


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
