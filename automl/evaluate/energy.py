"""What the processors have used since some moment, where the system lets a user read the counters (Linux, powercap)."""

from functools import lru_cache
from pathlib import Path

ROOT = Path("/sys/class/powercap")


@lru_cache(maxsize=1)
def _counters() -> tuple[Path, ...]:
    """Return the counters of whole processors that may be read; those of their parts would count twice."""
    found = []
    for path in sorted(ROOT.glob("intel-rapl:*")) if ROOT.is_dir() else []:
        if path.name.count(":") != 1:
            continue
        try:
            int((path / "energy_uj").read_text())
        except (OSError, ValueError):
            continue
        found.append(path / "energy_uj")
    return tuple(found)


def joules() -> float | None:
    """Return the joules that all processors have used since some moment; None where no counter can be read. It starts anew now and then."""
    try:
        return sum(int(path.read_text()) for path in _counters()) / 1e6 if _counters() else None
    except (OSError, ValueError):
        return None
