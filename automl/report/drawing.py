"""Maps, curves and trees of tasks without a label as pictures: marks at places, and the table of what is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.charts import WIDTH, Axis, chart, dot, line, linear, path, rule
from automl.report.searched import PALETTE
from automl.report.words import figure, plural

HUES = PALETTE - 1  # of the style sheet that are told apart on a map; the last is grey
GROUPS = 2 * HUES  # each hue as round and as square points
GREY, OTHERS = "noise", f"c{HUES}"
TABLE = 100  # points of a map in its table: the page holds one for each map
POINTS = 60  # of a curve
MARGIN = 8  # around the outermost points of a map, so that none is cut


def group_look(group: int) -> str:
    """Return how the points of a group look: grey below 0 and beyond the looks that are told apart."""
    if group < 0:
        return GREY
    return OTHERS if group >= GROUPS else f"c{group % HUES}" + (" square" if group >= HUES else "")


def shade_of(group: int) -> str:
    """Return how the points of a shade look: grey where there is no number."""
    return GREY if group < 0 else f"s{min(group, HUES - 1)}"


def scatter(
    ident: str, label: str, xs: Sequence[float], ys: Sequence[float], groups: Sequence[int], names: Mapping[int, str], *,
    what: str = "group", caption: str = "", width: int = 420, height: int = 320, shaded: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return a map: one path per group, `names` of the groups, the same scale in both directions as only then nearness can be read.

    `shaded`: groups are shades of a number, in their order. A group below 0 is drawn first and grey. Axes have no ticks: they have
    no unit. The table has the first points.
    """
    look_of = shade_of if shaded else group_look
    x_axis, place = Axis(0.0, 1.0, width), _places(xs, ys, width, height)
    paths: dict[str, list[str]] = {}
    for x, y, group in sorted(zip(xs, ys, groups, strict=True), key=lambda p: p[2] >= 0):
        a, b = place(x, y)
        paths.setdefault(look_of(group), []).append(f"M{a:.1f} {b:.1f}h0")
    present = sorted(set(groups))
    legend = [(names[g], "dot " + look_of(g)) for g in present if g < GROUPS and g in names]
    if rest := [names[g] for g in present if g >= GROUPS and g in names]:
        legend.append((", ".join(rest) if len(rest) < 4 else f"{len(rest)} others", "dot " + OTHERS))
    rows = [(names.get(g, "–"), figure(float(x)), figure(float(y))) for x, y, g in zip(xs[:TABLE], ys[:TABLE], groups[:TABLE], strict=True)]
    return chart(
        ident, label, x_axis, None, [path("".join(d), f"points {look}") for look, d in paths.items()], (what, "across", "up"), rows, x_title="", x_ticks=[],
        legend=legend if len(legend) > 1 else [], caption=caption, look="map", height=height, foot=2,
        note=f"The first {len(rows)} of {len(xs):,} points." if len(rows) < len(xs) else "",
    )  # fmt: skip


def _places(xs: Sequence[float], ys: Sequence[float], width: float, height: float) -> Any:
    """Return where a point stands: in the middle of the picture, with one scale for both directions."""
    if not xs:
        return lambda x, y: (0.0, 0.0)
    spans = [(max(v) - min(v)) or 1e-12 for v in (xs, ys)]
    scale = min((width - 2 * MARGIN) / spans[0], (height - 2 * MARGIN) / spans[1])
    x_mid, y_mid = ((max(v) + min(v)) / 2 for v in (xs, ys))
    return lambda x, y: (width / 2 + scale * (x - x_mid), height / 2 - scale * (y - y_mid))


def shades(values: Sequence[float | None], steps: int = HUES) -> list[int]:
    """Return for each number which of some equally filled shades it has, from the smallest; -1 where there is none."""
    known = sorted(v for v in values if v is not None)
    if not known:
        return [-1] * len(values)
    cuts = [known[min(len(known) - 1, int(len(known) * (i + 1) / steps))] for i in range(steps - 1)]
    return [-1 if v is None else sum(v > cut for cut in cuts) for v in values]


def lines(
    ident: str, name: str, axis: str, series: Mapping[str, Sequence[tuple[float, float]]], chosen: float | None = None, caption: str = ""
) -> dict[str, Any] | None:
    """Return curves over one axis of whole numbers, a broken line where the chosen one stands; None without two places. Long ones are thinned."""
    drawn = {key: _thinned(sorted(points)) for key, points in series.items() if len(points) > 1}
    places = sorted({x for points in series.values() for x, _ in points})
    if len(places) < 2 or not drawn:
        return None
    x, y = linear(places, WIDTH, pad=0.02), linear([v for points in drawn.values() for _, v in points], 200, flipped=True)
    marks = []
    if chosen is not None and places[0] <= chosen <= places[-1]:
        marks.append(rule(x.at(chosen), 0, x.at(chosen), 200, tip=f"chosen: {chosen:g}"))
    for i, (key, points) in enumerate(drawn.items()):
        marks.append(line([(x.at(a), y.at(b)) for a, b in points], f"c{i % PALETTE}"))
        marks += [dot(x.at(a), y.at(b), f"c{i % PALETTE}", f"{key}, {a:g}: {figure(b)}", 2.5) for a, b in points]
    table = sorted({a for points in drawn.values() for a, _ in points})
    values = [dict(points) for points in drawn.values()]
    at = f"; {chosen:g} was chosen" if chosen is not None else ""
    n = sum(len(points) for points in series.values() if len(points) > 1)
    kept = sum(map(len, drawn.values()))
    return chart(
        ident, f"{name} over the {axis}, of {plural(len(drawn), 'method')}{at}", x, y, marks, (axis, *drawn),
        [(f"{a:g}", *(figure(of[a]) if a in of else "–" for of in values)) for a in table], x_title=axis,
        x_ticks=[(x.at(a), f"{a:g}") for a in _round_places(places)],
        legend=[(key, f"c{i % PALETTE}") for i, key in enumerate(drawn)] if len(drawn) > 1 else [],
        caption=caption, height=200, note=f"{kept} of {n} points, as drawn." if kept < n else "",
    )  # fmt: skip


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points of a curve, about evenly spread, its ends among them."""
    if len(points) <= POINTS:
        return list(points)
    return [points[round(i * (len(points) - 1) / (POINTS - 1))] for i in range(POINTS)]


def _round_places(places: Sequence[float], most: int = 8) -> list[float]:
    """Return whole numbers to name on an axis: all there are, or round ones."""
    low, high = places[0], places[-1]
    step = next(s * 10**k for k in range(12) for s in (1, 2, 5) if (high - low) / (s * 10**k) < most)
    return [float(v) for v in range(int(low), int(high) + 1) if v % step == 0 or (v == low and step > 1 and v % step > 0 and step - v % step > step / 2)]


def dendrogram(merges: Sequence[Sequence[float]], sizes: Mapping[int, int] | None = None) -> dict[str, Any] | None:
    """Return how groups join as a picture: each merge (left, right, height, rows) joins two of the leaves 0 to n - 1, or earlier merges n, n + 1, ...

    Leaves are put in an order in which no lines cross, and named by number; `sizes` are their rows. None without a merge.
    """
    if not merges:
        return None
    n, height = len(merges) + 1, 200
    children = {n + i: (int(m[0]), int(m[1])) for i, m in enumerate(merges)}
    order: list[int] = []
    stack = [2 * n - 2]
    while stack:
        node = stack.pop()
        if node < n:
            order.append(node)
        else:
            stack += [children[node][1], children[node][0]]
    y = linear([0.0, max(m[2] for m in merges) or 1.0], height, zero=True, flipped=True)
    x = {leaf: (i + 0.5) * WIDTH / n for i, leaf in enumerate(order)}
    top = dict.fromkeys(range(n), float(height))
    names = {leaf: f"group {leaf}" for leaf in range(n)}
    strokes, rows = [], []
    for i, merge in enumerate(merges):
        a, b, level = int(merge[0]), int(merge[1]), y.at(merge[2])
        strokes.append(f"M{x[a]:.1f} {top[a]:.1f}V{level:.1f}H{x[b]:.1f}V{top[b]:.1f}")
        x[n + i], top[n + i], names[n + i] = (x[a] + x[b]) / 2, level, f"join {i + 1}"
        rows.append((f"join {i + 1}", f"{names[a]} and {names[b]}", figure(float(merge[2])), f"{int(merge[3]):,}"))
    every = max(1, -(-n // 16))
    return chart(
        "merging", f"Tree of how {n} groups would join: {names[int(merges[0][0])]} and {names[int(merges[0][1])]} are most alike", Axis(0.0, 1.0, WIDTH), y,
        [path("".join(strokes), "tree")], ("step", "joins", "height", "rows"), rows, x_title="group",
        x_ticks=[(round(x[leaf], 1), f"{leaf} ({plural(sizes[leaf], 'row')})" if sizes and n < 5 else str(leaf)) for leaf in order[::every]], height=height,
        caption="The higher two branches join, the less alike the groups are: the height is how much the spread within them grows (Ward's rule).",
    )  # fmt: skip
