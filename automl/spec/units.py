"""Values that carry their unit: durations, sizes, shares; each parser names the allowed forms when it refuses."""

import re

_LOOSE = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hr|hrs|hour|hours)$", re.IGNORECASE)
_DURATION = re.compile(r"^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?$")
LEAST_SECONDS = 10.0
LONGEST_SECONDS = 3.2e8
LEAST_MEMORY = 1_000_000_000  # bytes; the driver, the process workers are forked from, and one worker


class FixableError(ValueError):
    """A value that is wrong in a way that leaves one reading; `fix` is how it should be written."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def duration(value: object) -> float | None:
    """Return seconds from "90s", "10m", "1h30m"; None from "none". Raises ValueError with the allowed forms."""
    if value is None or value == "none":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value <= 0:
            raise ValueError("a duration must be positive: 90s, 10m, 1h30m")
        if not value < LONGEST_SECONDS:
            raise ValueError("a duration looks like 90s, 10m or 1h30m")
        raise ValueError(f"a duration needs a unit: {value:g}s or {value:g}m")
    match = _DURATION.match(str(value))
    if match is None or not any(match.groups()):
        if loose := _LOOSE.match(str(value).strip()):
            raise FixableError("a duration looks like 90s, 10m or 1h30m", f"{loose[1]}{loose[2][0].lower()}")
        raise ValueError("a duration looks like 90s, 10m or 1h30m")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not total < LONGEST_SECONDS:
        raise ValueError("the most is ten years; `none` means no limit")
    if total < LEAST_SECONDS:
        raise ValueError(f"the least is {LEAST_SECONDS:g}s: the libraries alone take some seconds to load")
    return total


_LATENCY = re.compile(r"^(\d+(?:\.\d+)?)(us|ms|s)$")
_LATENCY_LOOSE = re.compile(r"^(\d+(?:\.\d+)?)\s*(us|µs|μs|microseconds?|ms|msecs?|millis|milliseconds?|s|secs?|seconds?)$", re.IGNORECASE)
_MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
LEAST_LATENCY = 0.01  # ms; a linear model of one column answers a row in 0.015 on a server of 2024
LONGEST_LATENCY = 600_000.0  # ms


def milliseconds(value: object) -> float | None:
    """Return milliseconds from "5ms", "500us" or "0.5s"; None from None. Raises ValueError with the allowed forms."""
    if value is None:
        return None
    forms = "a latency looks like 5ms, 500us or 0.5s"
    if isinstance(value, int | float):
        raise ValueError(forms if isinstance(value, bool) else f"a latency needs a unit: {value:g}ms")
    match = _LATENCY.match(str(value))
    if match is None:
        if re.fullmatch(r"\d+(\.\d+)?\s*m", str(value)):
            raise ValueError(f"`{value}` would be minutes; {forms}")
        if loose := _LATENCY_LOOSE.match(str(value).strip()):
            word = loose[2].lower()
            raise FixableError(forms, loose[1] + ("us" if word[0] in "uµμ" or word.startswith("mic") else "ms" if word[0] == "m" else "s"))
        raise ValueError(forms)
    found = float(match[1]) * _MILLISECONDS[match[2]]
    if not LEAST_LATENCY <= found <= LONGEST_LATENCY:
        least = f"the least is {LEAST_LATENCY * 1000:g}us: a call of the smallest model takes longer"
        raise ValueError(least if found < LEAST_LATENCY else "the most is ten minutes")
    return found


_BYTES = re.compile(r"^(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB|TB|KiB|MiB|GiB)$")
_BYTES_LOOSE = re.compile(r"^(\d+(?:\.\d+)?)\s*(k|m|g|t)i?b?$", re.IGNORECASE)
_UNITS = {"b": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


def size(value: object) -> int | None:
    """Return bytes from "512MB", "8GB" or "1.5GiB" (kB, MB, GB are powers of 1000, KiB and so on of 1024); None from None.

    Raises ValueError with the allowed forms.
    """
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"a size needs a unit: {value:g}MB or {value:g}GB")
    match = _BYTES.match(str(value).strip())
    if match is None:
        if loose := _BYTES_LOOSE.match(str(value).strip()):
            raise FixableError("a size looks like 512MB or 8GB", f"{loose[1]}{loose[2].upper()}B")
        raise ValueError("a size looks like 512MB or 8GB")
    unit = match[2][0].lower()
    found = int(float(match[1]) * (1024 ** (" kmgt".index(unit)) if "i" in match[2] else _UNITS[unit]))
    if found < 1:
        raise ValueError("a size must be above 0")
    return found


def memory_size(value: object) -> int | None:
    """Return bytes of memory as `size` does; less than the engine itself needs is refused. Raises ValueError."""
    found = size(value)
    if found is not None and found < LEAST_MEMORY:
        raise ValueError("the least is 1GB: the program, its libraries and one worker need that much")
    return found


def share(value: object) -> float | None:
    """Return a share within 0 and 1 from "20%" or 0.2; None from "none". Raises ValueError with the allowed forms."""
    if value is None or value == "none":
        return None
    try:
        number = float(str(value)[:-1]) / 100 if str(value).endswith("%") else float(str(value))
    except ValueError:
        raise ValueError("a share looks like 20% or 0.2, or `none`") from None
    if not str(value).endswith("%") and 1 < number <= 50:
        raise FixableError("a share looks like 20% or 0.2, or `none`", f"{number:g}%")
    if not 0.01 <= number <= 0.5:
        raise ValueError("a share must lie within 1% and 50%, or be `none`")
    return number


def level_share(value: object) -> float | None:
    """Return a share of rows within 0 and 0.5 from "1%" or 0.01. Raises ValueError with the allowed forms."""
    if value is None:
        return None
    try:
        number = float(str(value)[:-1]) / 100 if str(value).endswith("%") else float(str(value))
    except ValueError:
        raise ValueError("a share looks like 1% or 0.01") from None
    if not 0 <= number <= 0.5:
        raise ValueError("a share of rows must lie within 0 and 50%")
    return number


def bound(value: object) -> float | None:
    """Return a bound of a score from a number; None from None. Raises ValueError with the allowed forms."""
    if value is None:
        return None
    if isinstance(value, bool):
        raise ValueError("a score is a number, for example 0.85")
    text = str(value).strip()
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text):
        raise FixableError("a score is a plain number", f"{float(match[1]) / 100:g}")
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        raise FixableError("a score is a plain number", text.replace(",", "."))
    try:
        number = float(text)
    except ValueError:
        raise ValueError("a score is a number, for example 0.85") from None
    if not abs(number) < 1e300:
        raise ValueError("a score is a finite number")
    return number


def part(value: object) -> float:
    """Return a part of one from "10%" or 0.1. Raises ValueError with the allowed forms."""
    text = str(value)
    try:
        number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError("a part of one looks like 10% or 0.1") from None
    if isinstance(value, bool) or not 0 <= number <= 1:
        if not isinstance(value, bool) and 1 < number <= 100 and not text.endswith("%"):
            raise FixableError("a part of one looks like 10% or 0.1", f"{number:g}%")
        raise ValueError("must lie within 0 and 1")
    return number


def human_milliseconds(ms: float) -> str:
    """Return "0.042 ms", "5.1 ms" or "1.2 s"."""
    return f"{ms / 1000:.3g} s" if ms >= 1000 else f"{ms:.3g} ms" if ms < 100 else f"{ms:.0f} ms"


def cutoff(value: object) -> float | str:
    """Return a probability above 0 and below 1 from 0.3 or "30%"; "auto" as it is. Raises ValueError with the allowed forms."""
    if value == "auto":
        return "auto"
    try:
        number = float("nan") if isinstance(value, bool) else float(str(value)[:-1]) / 100 if str(value).endswith("%") else float(str(value))
    except ValueError:
        raise ValueError("a threshold looks like 0.3 or 30%, or `auto`") from None
    if 1 < number < 100:
        raise FixableError("a threshold looks like 0.3 or 30%, or `auto`", f"{number:g}%")
    if not 0 < number < 1:
        raise ValueError("a threshold must lie within 0 and 1, or be `auto`")
    return number


def human_seconds(seconds: float) -> str:
    """Return "8 s", "2 min 5 s" or "1 h 3 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def human_bytes(count: float) -> str:
    """Return a size in the unit a reader expects: 812 B, 41 kB, 3.2 MB (powers of ten)."""
    for limit, unit in ((1e3, "B"), (1e6, "kB"), (1e9, "MB")):
        if count < limit:
            value = count / (limit / 1e3)
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
    return f"{count / 1e9:.1f} GB"
