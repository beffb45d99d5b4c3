"""Numbers of the look at the data to places on its charts: the template draws, this computes."""

from collections.abc import Sequence
from typing import Any

SCALES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
STEP, HEIGHT = 10, 60  # of a bin, and of a histogram, in units of its drawing
GREY = 8  # the colour of classes that have none of their own
SHADES = 5  # of a share in a strip; more cannot be told apart


def steps(shares: Sequence[float], top: float) -> str:
    """Return the SVG path of a histogram: bins `STEP` wide, `top` at the full `HEIGHT`, closed at the foot."""
    if not shares or top <= 0:
        return ""
    path, last = [f"M0 {HEIGHT}"], None
    for i, share in enumerate(shares):
        y = round(HEIGHT * (1 - min(share / top, 1.0)), 1)
        if y != last:
            path.append(f"H{i * STEP}V{y:g}" if i else f"V{y:g}")
        last = y
    return "".join(path) + f"H{len(shares) * STEP}V{HEIGHT}Z"


def densities(histograms: Sequence[Sequence[float]]) -> list[str]:
    """Return one path per histogram, each scaled to its own total so that shapes compare, all to one height."""
    shares = [[n / total for n in counts] if (total := sum(counts)) else [] for counts in histograms]
    top = max((s for line in shares for s in line), default=0.0)
    return [steps(line, top) for line in shares]


def effect_scale(effects: Sequence[dict[str, float]]) -> float:
    """Return the half width of the axis on which effects are drawn: the least round one that holds nine of ten of them."""
    reach = sorted(min(1.0, max(abs(e["low"]), abs(e["high"]))) for e in effects)
    need = reach[min(len(reach) - 1, int(0.9 * len(reach)))] if reach else 0.0
    return next((s for s in SCALES if s >= need), SCALES[-1])


def effect_bar(effect: dict[str, float], scale: float) -> dict[str, Any]:
    """Return where an interval and its middle lie on an axis from -scale to scale, in percent, and whether it leaves the axis.

    `tone` is better or worse when the interval is on one side of zero, else unclear.
    """
    low, high, middle = (50 + 50 * max(-1.0, min(1.0, effect[k] / scale)) for k in ("low", "high", "change"))
    tone = "better" if effect["low"] > 0 else "worse" if effect["high"] < 0 else "unclear"
    return {
        "left": round(low, 1), "width": round(max(high - low, 0.8), 1), "at": round(middle, 1), "tone": tone,
        "cut_left": effect["low"] < -scale, "cut_right": effect["high"] > scale,
    }  # fmt: skip


def strip(shares: Sequence[float]) -> list[dict[str, Any]]:
    """Return the shades of a strip of blocks, each 1 wide and 1 high: a share, and one path with every block of that shade."""
    places: dict[int, list[tuple[int, int]]] = {}
    for i, share in enumerate(shares):
        shade = min(SHADES, -int(-share * SHADES // 1)) if share > 0 else 0
        runs = places.setdefault(shade, [])
        if runs and runs[-1][1] == i:
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return [{"share": shade / SHADES, "path": "".join(f"M{a} 0h{b - a}v1h-{b - a}z" for a, b in runs)} for shade, runs in sorted(places.items()) if shade]


def seriate(values: Sequence[Sequence[float | None]]) -> list[int]:
    """Return an order of columns in which strongly related ones stand side by side: from the strongest pair on, the nearest next,
    at whichever end of the row it is nearer to.
    """
    n = len(values)
    near = [[0.0 if i == j else abs(values[i][j] or 0.0) for j in range(n)] for i in range(n)]
    if n < 3:
        return list(range(n))
    i, j = max(((i, j) for i in range(n) for j in range(i)), key=lambda pair: near[pair[0]][pair[1]])
    order, left = [i, j], [k for k in range(n) if k not in (i, j)]
    while left:
        first = max(left, key=lambda k: near[order[0]][k])
        last = max(left, key=lambda k: near[order[-1]][k])
        if near[order[0]][first] > near[order[-1]][last]:
            order.insert(0, first)
            left.remove(first)
        else:
            order.append(last)
            left.remove(last)
    return order


def curve(values: Sequence[float], width: int = 100, height: int = 40) -> str:
    """Return the SVG points of a rising line of values within 0 and 1, the first at the left edge."""
    if not values:
        return ""
    gap = width / max(1, len(values) - 1)
    return " ".join(f"{i * gap:.1f},{height * (1 - min(max(v, 0.0), 1.0)):.1f}" for i, v in enumerate(values))
