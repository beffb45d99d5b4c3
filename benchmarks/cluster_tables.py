"""Tables with known groups, by kind of structure: drawn anew from a seed, with sizes, numbers of groups and distances at random.

Each maker takes a generator of random numbers and returns rows (n, m) and groups (n,), -1 for scattered rows.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Made = tuple[NDArray[np.float64], NDArray[np.int64]]
Rng = np.random.Generator


def _sizes(rng: Rng, k: int, low: int = 40, high: int = 120) -> NDArray[np.int64]:
    return rng.integers(low, high + 1, k)


def _centres(rng: Rng, k: int, d: int, apart: float) -> NDArray[np.float64]:
    """Return k places, each at least `apart` from the others and the nearest about that."""
    out = [np.zeros(d)]
    while len(out) < k:
        way = rng.normal(size=d)
        place = out[int(rng.integers(len(out)))] + way / np.linalg.norm(way) * apart * rng.uniform(1.0, 1.6)
        if np.linalg.norm(np.array(out) - place, axis=1).min() >= apart:
            out.append(place)
    return np.array(out)


def _together(parts: list[NDArray[Any]], noise: NDArray[Any] | None = None) -> Made:
    y = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    x = np.concatenate(parts)
    if noise is not None:
        x, y = np.concatenate([x, noise]), np.append(y, np.full(len(noise), -1))
    return x.astype(np.float64), y.astype(np.int64)


def _scatter(rng: Rng, parts: list[NDArray[Any]], share: float) -> NDArray[np.float64]:
    x = np.concatenate(parts)
    low, high = x.min(axis=0), x.max(axis=0)
    room = 0.1 * (high - low)
    return rng.uniform(low - room, high + room, (int(share * len(x)), x.shape[1]))


def _turn(rng: Rng, x: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(x @ np.linalg.qr(rng.normal(size=(x.shape[1], x.shape[1])))[0])


def blobs(rng: Rng) -> Made:
    k, d = int(rng.integers(2, 9)), int(rng.integers(2, 6))
    return _together([rng.normal(c, 1, (n, d)) for c, n in zip(_centres(rng, k, d, rng.uniform(4.5, 8)), _sizes(rng, k), strict=True)])


def close_blobs(rng: Rng) -> Made:
    k, d = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    return _together([rng.normal(c, 1, (n, d)) for c, n in zip(_centres(rng, k, d, rng.uniform(3.2, 4.2)), _sizes(rng, k, 60, 150), strict=True)])


def unlike_sizes(rng: Rng) -> Made:
    k, d = int(rng.integers(3, 7)), int(rng.integers(2, 4))
    sizes = np.geomspace(25, rng.integers(250, 500), k).astype(int)
    return _together([rng.normal(c, 1, (n, d)) for c, n in zip(_centres(rng, k, d, rng.uniform(5, 7)), sizes, strict=True)])


def unlike_spreads(rng: Rng) -> Made:
    k, d = int(rng.integers(3, 6)), int(rng.integers(2, 4))
    spread = np.geomspace(0.3, rng.uniform(1.5, 2.2), k)
    return _together([rng.normal(c, s, (n, d)) for c, n, s in zip(_centres(rng, k, d, 6.5), _sizes(rng, k, 50, 150), spread, strict=True)])


def many(rng: Rng) -> Made:
    k = int(rng.integers(12, 17))
    side = 4
    grid = np.array([(i, j) for i in range(side) for j in range(side)], float)[rng.permutation(side * side)[:k]]
    places = grid * rng.uniform(6, 9) + rng.uniform(-0.7, 0.7, (k, 2))
    return _together([rng.normal(c, rng.uniform(0.7, 1.1), (n, 2)) for c, n in zip(places, _sizes(rng, k, 25, 60), strict=True)])


def slanted(rng: Rng) -> Made:
    k, d = int(rng.integers(2, 6)), int(rng.integers(2, 4))
    x, y = _together([rng.normal(c, 1, (n, d)) for c, n in zip(_centres(rng, k, d, rng.uniform(5.5, 8)), _sizes(rng, k, 60, 140), strict=True)])
    stretch = np.diag(np.geomspace(1, rng.uniform(0.25, 0.4), d))
    return _turn(rng, x) @ stretch @ np.linalg.qr(rng.normal(size=(d, d)))[0], y


def parallel(rng: Rng) -> Made:
    k, long = int(rng.integers(2, 5)), rng.uniform(5, 9)
    parts = [
        np.stack([rng.normal(rng.uniform(-2, 2), long, n), rng.normal(i * rng.uniform(5, 6.5), 0.8, n)], axis=1) for i, n in enumerate(_sizes(rng, k, 80, 200))
    ]
    x, y = _together(parts)
    return _turn(rng, x), y


def ellipses(rng: Rng) -> Made:
    """Clouds of any direction that overlap a little."""
    k, d = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    parts = []
    for c, n in zip(_centres(rng, k, d, rng.uniform(4.5, 5.5)), _sizes(rng, k, 70, 200), strict=True):
        axes = np.exp(rng.uniform(np.log(0.3), np.log(1.8), d))
        parts.append(c + _turn(rng, rng.normal(size=(n, d)) * axes))
    return _together(parts)


def crossing(rng: Rng) -> Made:
    """Two or three thin clouds that cross."""
    k = int(rng.integers(2, 4))
    parts, start = [], rng.uniform(0, np.pi)
    for i, n in enumerate(_sizes(rng, k, 120, 250)):
        angle = start + i * np.pi / k
        x = rng.normal(size=(n, 2)) * (5, 0.35)
        parts.append(x @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + rng.normal(0, 1.0, 2))
    return _together(parts)


def dense_in_sparse(rng: Rng) -> Made:
    """A dense cloud at the side of, or within, a wide one."""
    wide = rng.normal(0, rng.uniform(2.5, 3.5), (int(rng.integers(150, 300)), 2))
    where = rng.normal(size=2)
    dense = rng.normal(where / np.linalg.norm(where) * rng.uniform(3, 6), 0.4, (int(rng.integers(150, 300)), 2))
    return _together([wide, dense])


def wide_tables(rng: Rng) -> Made:
    k, d = int(rng.integers(2, 7)), int(rng.integers(10, 40))
    apart = rng.uniform(4.5, 7)
    return _together([rng.normal(c, 1, (n, d)) for c, n in zip(_centres(rng, k, d, apart), _sizes(rng, k, 40, 120), strict=True)])


def idle_columns(rng: Rng) -> Made:
    """Groups in a few columns, nothing in the others."""
    k, d = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    x, y = _together([rng.normal(c, 1, (n, d)) for c, n in zip(_centres(rng, k, d, rng.uniform(6, 8)), _sizes(rng, k, 60, 150), strict=True)])
    return np.concatenate([x / x.std(axis=0), rng.normal(size=(len(x), int(rng.integers(2, 8))))], axis=1), y


def measures(rng: Rng) -> Made:
    """Many correlated measures of few hidden traits, groups overlapping a little, as in tables of chemistry or bodies."""
    k, hidden, d = int(rng.integers(2, 5)), int(rng.integers(2, 6)), int(rng.integers(6, 20))
    parts = []
    for c, n in zip(_centres(rng, k, hidden, rng.uniform(3.6, 5.5)), _sizes(rng, k, 40, 150), strict=True):
        parts.append(c + _turn(rng, rng.normal(size=(n, hidden)) * rng.uniform(0.6, 1.3, hidden)))
    traits, y = _together(parts)
    x = traits @ (rng.normal(size=(hidden, d)) * (rng.random((hidden, d)) < 0.7)) + rng.normal(size=(len(traits), d)) * rng.uniform(0.6, 2.2, d)
    if rng.random() < 0.5:
        x[:, ::2] = np.exp(x[:, ::2] / x[:, ::2].std(axis=0) * 0.5)  # skewed ones
    return x, y


def yes_no(rng: Rng) -> Made:
    """Classes of rows that answer yes-or-no questions alike."""
    k, d = int(rng.integers(2, 5)), int(rng.integers(10, 20))
    likely = np.where(rng.random((k, d)) < 0.5, 0.1, 0.9)
    return _together([(rng.random((n, d)) < p).astype(float) for p, n in zip(likely, _sizes(rng, k, 80, 200), strict=True)])


def moons(rng: Rng) -> Made:
    """Crescents in one another, as thick and as dense as it happens."""
    pairs, parts, gap = int(rng.integers(1, 3)), [], rng.uniform(0.2, 0.5)
    for pair in range(pairs):
        for half in range(2):
            n = int(np.exp(rng.uniform(np.log(60), np.log(400))))
            t = rng.uniform(0, np.pi, n)
            arc = np.stack([np.cos(t), np.sin(t)], axis=1) if not half else np.stack([1 - np.cos(t), gap - np.sin(t)], axis=1)
            wide = rng.uniform(0.02, 0.18)
            parts.append(arc * (1 + rng.uniform(-wide, wide, (n, 1))) + rng.normal(0, 0.03, (n, 2)) + (pair * 3.2, 0))
    x, y = _together(parts)
    return _turn(rng, x) * (1, rng.uniform(0.8, 1.5)), y


def crescents(rng: Rng) -> Made:
    """Two crescents near one another, often of very unlike density, as broad as the space between lets them be."""
    r, angle = rng.uniform(0.3, 0.7), rng.uniform(np.pi / 6, np.pi / 2)
    across, up = 1 - r * np.cos(angle), r * np.sin(angle)
    broad = rng.uniform(0.1, 0.28) * (1 - r)
    parts = []
    for half in range(2):
        n = int(np.exp(rng.uniform(np.log(70), np.log(450))))
        t = rng.uniform(0, np.pi, n)
        arc = np.stack([np.cos(t), np.sin(t)], axis=1) * (1 + rng.uniform(-broad, broad, (n, 1)))
        parts.append(arc if not half else np.array([across, up]) - arc)
    x, y = _together(parts)
    return _turn(rng, x) * (1, rng.uniform(0.8, 1.3)), y


def rings(rng: Rng) -> Made:
    parts, k = [], int(rng.integers(2, 4))
    for i in range(k):
        n = int(rng.integers(100, 180) * (1 + i))
        t = rng.uniform(0, 2 * np.pi, n)
        if i == 0 and rng.random() < 0.5:
            parts.append(rng.normal(0, 0.25, (n, 2)))
        else:
            parts.append((1 + 1.3 * i) * np.stack([np.cos(t), np.sin(t)], axis=1) * (0.6 if i == 0 else 1) + rng.normal(0, rng.uniform(0.06, 0.13), (n, 2)))
    return _together(parts, _scatter(rng, parts, rng.choice([0.0, 0.0, 0.04])))


def spirals(rng: Rng) -> Made:
    k, turns, parts = int(rng.integers(2, 4)), rng.uniform(2.2, 3.0) * np.pi, []
    for i in range(k):
        t = np.sqrt(rng.uniform(0.08, 1, int(rng.integers(150, 260))))
        angle = t * turns + 2 * np.pi * i / k
        parts.append(np.stack([t * np.cos(angle), t * np.sin(angle)], axis=1) + rng.normal(0, 0.013, (len(t), 2)))
    return _together(parts)


def snakes(rng: Rng) -> Made:
    """Bars and waves side by side."""
    k, parts = int(rng.integers(2, 5)), []
    waves, phase = rng.uniform(0, 1.2), rng.uniform(0, 6)
    for i in range(k):
        n = int(rng.integers(80, 220))
        t = rng.uniform(0, 8, n)
        parts.append(np.stack([t, i * 1.7 + waves * np.sin(t + phase)], axis=1) + rng.normal(0, 0.13, (n, 2)))
    return _together(parts)


def two_densities(rng: Rng) -> Made:
    """Shapes of very unlike density."""
    parts = []
    for i in range(int(rng.integers(2, 5))):
        n = int(rng.choice([40, 80, 300, 500]))
        square = rng.uniform(-1, 1, (n, 2)) * (1, rng.uniform(0.4, 1))
        parts.append(square + np.array((i % 2, i // 2)) * rng.uniform(2.7, 3.0))
    return _together(parts)


def shapes_in_noise(rng: Rng) -> Made:
    parts = [rng.normal((0, 0), 0.5, (int(rng.integers(80, 200)), 2))]
    t = rng.uniform(0, np.pi, int(rng.integers(120, 220)))
    parts.append(np.stack([4.5 + 2 * np.cos(t), 2 * np.sin(t)], axis=1) + rng.normal(0, 0.15, (len(t), 2)))
    parts.append(np.stack([rng.uniform(-1, 6, 150), np.full(150, -3.0)], axis=1) + rng.normal(0, 0.15, (150, 2)))
    if rng.random() < 0.5:
        parts.append(rng.normal((0, 4.5), 0.3, (int(rng.integers(50, 120)), 2)))
    return _together(parts, _scatter(rng, parts, rng.uniform(0.04, 0.15)))


def blobs_in_noise(rng: Rng) -> Made:
    k, d = int(rng.integers(2, 7)), int(rng.integers(2, 4))
    parts = [rng.normal(c, 1, (n, d)) for c, n in zip(_centres(rng, k, d, rng.uniform(7, 10)), _sizes(rng, k, 60, 140), strict=True)]
    return _together(parts, _scatter(rng, parts, rng.uniform(0.04, 0.15)))


def linked_rings(rng: Rng) -> Made:
    n, m = rng.integers(150, 300, 2)
    s, t = rng.uniform(0, 2 * np.pi, n), rng.uniform(0, 2 * np.pi, m)
    one = np.stack([np.cos(s), np.sin(s), np.zeros(n)], axis=1)
    two = np.stack([1 + np.cos(t), np.zeros(m), np.sin(t)], axis=1)
    return _together([one + rng.normal(0, 0.09, (n, 3)), two + rng.normal(0, 0.09, (m, 3))])


def shell(rng: Rng) -> Made:
    """A dense core in a sparse shell."""
    n, m, d = int(rng.integers(120, 250)), int(rng.integers(250, 450)), int(rng.integers(2, 4))
    out = rng.normal(size=(m, d))
    return _together([rng.normal(0, 0.35, (n, d)), out / np.linalg.norm(out, axis=1, keepdims=True) * rng.uniform(2.6, 3.2, (m, 1))])


def mixed_shapes(rng: Rng) -> Made:
    """Discs, bars, rings and crescents on a grid, one way or another."""
    parts = []
    for i, place in enumerate(np.array([(a, b) for a in range(3) for b in range(2)], float)[: int(rng.integers(3, 7))] * rng.uniform(3.4, 4.0)):
        n, kind = int(rng.integers(60, 180)), int(rng.integers(4))
        t = rng.uniform(0, 2 * np.pi, n)
        if kind == 0:
            part = np.sqrt(rng.uniform(0, 1, n))[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1) * rng.uniform(0.7, 1.4)
        elif kind == 1:
            part = rng.uniform(-1, 1, (n, 2)) * (1.4, 0.3)
        elif kind == 2:
            part = rng.normal(0, 0.4, (n, 2))
        else:
            part = np.stack([np.cos(t / 2), np.sin(t / 2)], axis=1) * 1.2 + rng.normal(0, 0.1, (n, 2))
        parts.append((_turn(rng, part) if i % 2 else part) + place)
    return _together(parts)


def bridged(rng: Rng) -> Made:
    """Discs of unlike size and one density, some joined by a thin bridge."""
    k = int(rng.integers(3, 9))
    radius = rng.uniform(0.7, 2.2, k)
    places, parts, dense = [np.zeros(2)], [], rng.uniform(12, 22)
    for i in range(1, k):
        while True:
            way, near = rng.normal(size=2), int(rng.integers(i))
            place = places[near] + way / np.linalg.norm(way) * (radius[near] + radius[i] + rng.uniform(0.4, 1.5))
            if all(np.linalg.norm(place - p) >= r + radius[i] + 0.35 for p, r in zip(places, radius, strict=False)):
                places.append(place)
                break
    for i in range(k):
        n = max(20, int(dense * radius[i] ** 2 * 2))
        t = rng.uniform(0, 2 * np.pi, n)
        part = places[i] + radius[i] * np.sqrt(rng.uniform(0, 1, n))[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1)
        near = min(range(i), key=lambda j: np.linalg.norm(places[j] - places[i]) - radius[j]) if i else 0
        if i and rng.random() < 0.5:
            far = np.linalg.norm(places[near] - places[i])
            steps = rng.uniform(radius[i] / far, 1 - radius[near] / far, (int(rng.integers(2, 6)), 1))
            part = np.concatenate([part, places[near] * steps + places[i] * (1 - steps) + rng.normal(0, 0.06, (len(steps), 2))])
        parts.append(part)
    return _together(parts)


def touching(rng: Rng) -> Made:
    """Even squares or triangles with a thin gap between them."""
    k, gap, parts = int(rng.integers(2, 5)), rng.uniform(0.25, 0.45), []
    corner = rng.random() < 0.5
    for i in range(k):
        square = rng.uniform(-1, 1, (int(rng.integers(100, 220)), 2))
        if corner:
            square = square[np.abs(square).sum(axis=1) < 1]
            parts.append(square + np.array((i * (2 + gap / 2), 0.0)))
        else:
            parts.append(square + np.array((i % 2, i // 2)) * (2 + gap))
    return _together(parts)


def skewed(rng: Rng) -> Made:
    k, d = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    parts = []
    for c, n in zip(_centres(rng, k, d, rng.uniform(5.5, 7.5)), _sizes(rng, k, 70, 180), strict=True):
        parts.append(c + (rng.gamma(1.8, 0.8, (n, d)) - 1.4) * rng.choice([-1, 1], d))
    return _together(parts)


def heavy_tails(rng: Rng) -> Made:
    k, d = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    return _together([c + rng.standard_t(3.0, (n, d)) * 0.8 for c, n in zip(_centres(rng, k, d, rng.uniform(7, 9)), _sizes(rng, k, 60, 160), strict=True)])


def _piece(rng: Rng, dense: float) -> list[NDArray[np.float64]]:
    """Return one to three groups that fill about a disc of radius 1."""

    def count(area: float) -> int:
        return max(25, int(dense * area * rng.uniform(0.6, 1.6)))

    kind = int(rng.integers(7))
    n, m = count(1.5), count(1.0)
    t, u = rng.uniform(0, 2 * np.pi, n), rng.uniform(0, 2 * np.pi, m)
    circle = np.stack([np.cos(t), np.sin(t)], axis=1)
    if kind == 0:
        return [np.sqrt(rng.uniform(0, 1, n))[:, None] * circle * rng.uniform(0.4, 1.0)]
    if kind == 1:
        return [rng.normal(0, 0.33, (n, 2)) * (1, rng.uniform(0.2, 1))]
    if kind == 2:
        return [circle * rng.uniform(0.85, 1.0, (n, 1)), rng.normal(0, rng.uniform(0.12, 0.2), (m, 2))]
    if kind == 3:
        arc = np.stack([np.cos(t / 2) - 0.4, np.sin(t / 2) - 0.3], axis=1) * 0.75
        turned = np.stack([0.4 - np.cos(u / 2), 0.3 - np.sin(u / 2) + rng.uniform(0, 0.15)], axis=1) * 0.75
        return [arc + rng.normal(0, 0.05, (n, 2)), turned + rng.normal(0, 0.05, (m, 2))]
    if kind == 4:
        lines = int(rng.integers(1, 4))
        return [np.stack([rng.uniform(-0.9, 0.9, m), np.full(m, (i - (lines - 1) / 2) * 0.65)], axis=1) + rng.normal(0, 0.05, (m, 2)) for i in range(lines)]
    if kind == 5:
        return [circle * rng.uniform(0.5, 0.9, (n, 1))]
    return [rng.normal((-0.55, 0), 0.18, (n, 2)), rng.normal((0.55, rng.uniform(-0.3, 0.3)), rng.uniform(0.1, 0.22), (m, 2))]


def worlds(rng: Rng, uneven: bool = False, noisy: bool = False) -> Made:
    """Pieces of any kind beside one another, on a rough grid."""
    many, parts, apart = int(rng.integers(1, 5)), [], rng.uniform(2.3, 3.0)
    base = rng.uniform(50, 110) / many**0.5
    for i, spot in enumerate(rng.permutation(4)[:many]):
        dense = base * (np.exp(rng.uniform(-1.4, 1.4)) if uneven else 1.0)
        size = rng.uniform(0.6, 1.1)
        turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
        for part in _piece(rng, dense):
            spare = rng.random(len(part)) < (np.exp(rng.uniform(-1.2, 0)) if uneven else 1.0)
            part = part[spare] if spare.sum() > 20 else part
            parts.append(part @ turn * size + np.array((spot % 2, spot // 2)) * apart + i * 0.05)
    if len(parts) < 2:
        return worlds(rng, uneven, noisy)
    return _together(parts, _scatter(rng, parts, rng.uniform(0.03, 0.12)) if noisy else None)


def uneven_worlds(rng: Rng) -> Made:
    return worlds(rng, uneven=True)


def noisy_worlds(rng: Rng) -> Made:
    return worlds(rng, noisy=True)


KINDS: dict[str, Callable[[Rng], Made]] = {
    maker.__name__: maker
    for maker in (
        blobs, moons, ellipses, wide_tables, rings, unlike_sizes, two_densities, measures, shapes_in_noise, parallel, unlike_spreads, snakes, idle_columns,
        mixed_shapes, slanted, spirals, many, blobs_in_noise, bridged, yes_no, close_blobs, linked_rings, crossing, dense_in_sparse, shell, touching, skewed,
        heavy_tails, worlds, uneven_worlds, noisy_worlds, crescents,
    )
}  # fmt: skip
GROUPS = {
    "compact": ("blobs", "close_blobs", "unlike_sizes", "unlike_spreads", "many", "skewed", "heavy_tails"),
    "elliptical": ("slanted", "parallel", "ellipses", "crossing", "dense_in_sparse"),
    "wide": ("wide_tables", "idle_columns", "measures", "yes_no"),
    "shapes": ("moons", "rings", "spirals", "snakes", "linked_rings", "shell", "mixed_shapes", "worlds", "uneven_worlds", "crescents"),
    "densities": ("two_densities", "bridged", "touching"),
    "noisy": ("shapes_in_noise", "blobs_in_noise", "noisy_worlds"),
}


def table(kind: str, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return standardised rows (n, m) in a random order and their groups (n,)."""
    rng = np.random.default_rng([seed, *kind.encode()])
    x, y = KINDS[kind](rng)
    order = rng.permutation(len(x))
    x, y = x[order], y[order]
    return ((x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)).astype(np.float32), y


def uniform(n: int, d: int, seed: int) -> NDArray[np.float32]:
    """Return evenly spread rows, standardised: no groups."""
    x = np.random.default_rng(seed).uniform(size=(n, d))
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
