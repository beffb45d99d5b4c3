"""Compiles all kernels in a process of its own, once per machine and state of their sources, so that nobody waits for it at the end of a run."""

import contextlib
import hashlib
import os
import platform
import subprocess
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

KERNELS = (  # what most runs need comes first; all take 13 s of a core of a server of 2024
    ("few", "all"), ("boosted", "uint8"), ("network", "all"), ("forest", "uint8"), ("boosted", "uint16"), ("boosted", "uint32"),
    ("walk", "float32"), ("walk", "float64"), ("forest", "uint16"), ("forest", "uint32"),
)  # fmt: skip
SOURCES = Path(__file__).parent / "kernels"


def mark() -> Path:
    """Return the file that says that all kernels are compiled, for this machine, these sources and this numba; it lies beside the compiled code."""
    about = "\0".join([version("numba"), version("numpy"), sys.version, platform.platform(), _processor(), stamp()])
    return place(os.environ.get("NUMBA_CACHE_DIR", "")) / f"compiled-{hashlib.sha256(about.encode()).hexdigest()[:16]}"


def place(named: str) -> Path:
    """Return where compiled code is kept: the folder that was `named`, else `automl/code` in the user's cache folder (XDG Base Directory Specification)."""
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "automl" / "code"


def stamp() -> str:
    """Return a digest of all kernels' sources: one may call what another defines."""
    digest = hashlib.sha256()
    for path in sorted(SOURCES.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _processor() -> str:
    """Return what the processor can do, as Linux tells it; elsewhere its name."""
    try:
        with Path("/proc/cpuinfo").open() as lines:
            return next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())
    except OSError:
        return platform.processor()


def start() -> "subprocess.Popen[bytes] | None":
    """Begin to compile where it was not done before; None: nothing to do, or no process to be had. It ends with the caller, at the next kernel."""
    try:
        if mark().exists() or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
            return None
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen([sys.executable, "-m", __name__, str(os.getpid())], start_new_session=True, **quiet)  # type: ignore[call-overload, no-any-return]
    except (OSError, RuntimeError, PackageNotFoundError):
        return None


def main(parent: int) -> None:
    """Compile one kernel after the other into the cache while the parent lives, and leave the mark once all are there."""
    from automl.inference.kernels.cache import folder

    if folder() is None:  # nowhere to keep it: whoever needs a kernel compiles it in memory
        return
    for module, kind in KERNELS:
        if os.name == "posix" and os.getppid() != parent:
            return
        import_module(f"automl.inference.kernels.{module}").get(kind)
    with contextlib.suppress(OSError):
        mark().touch()


if __name__ == "__main__":
    main(int(sys.argv[1]))
