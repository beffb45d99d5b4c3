"""K-means for many numbers of clusters and many starts at once: one product of the rows with all centres in each round (Lloyd 1982)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

ROUNDS, TOLERANCE = 300, 1e-4  # at most; least movement of all centres, squared, over the mean variance: scikit-learn's own
CELLS = 1 << 24  # of a block of distances, 64 MB
START_SECONDS = 3.0  # that a process takes to begin with a GPU
CELL_SECONDS = 4e-8  # per row, column and cluster of scikit-learn's eight starts on one core: 3.0 s for 20,000 x 20 and 2 to 20 clusters (measured)


@dataclass(frozen=True)
class Settled:
    """Where centres (n_clusters, n_features) float32 came to rest: `inertia` is the sum of squared distances of the rows to the nearest one."""

    centres: NDArray[np.float32]
    inertia: float
    rounds: int


def pays(n_rows: int, n_columns: int, counts: Sequence[int], device: str) -> bool:
    """Return whether all fits at once on a device end before one after the other on a core, which is the quicker way without a GPU."""
    return device != "cpu" and CELL_SECONDS * n_rows * n_columns * sum(counts) > START_SECONDS


def best_of_many(x: NDArray[np.float32], counts: Sequence[int], n_starts: int, seed: int, device: str) -> dict[int, Settled]:
    """Return for each number of clusters the best of some starts on rows x (n_rows, n_features).

    A start is one draw of as many seeds as the greatest number asks for (k-means++, Arthur & Vassilvitskii 2007); the first k of
    them are the seeds of k clusters.
    """
    most = min(max(counts), len(x))
    seeds = [seeded(x, most, seed + i, device) for i in range(n_starts)]
    groups = [(k, drawn[: min(k, most)]) for k in counts for drawn in seeds]
    found = settle(x, [centres for _, centres in groups], device)
    out: dict[int, Settled] = {}
    for (k, _), settled in zip(groups, found, strict=True):
        if k not in out or settled.inertia < out[k].inertia:
            out[k] = settled
    return out


def seeded(x: NDArray[np.float32], count: int, seed: int, device: str = "cpu") -> NDArray[np.float32]:
    """Return (count, n_features) rows by k-means++: each drawn by its squared distance to those before, the best of a few draws."""
    import torch

    rng, centred = np.random.default_rng(seed), (x - x.mean(axis=0, dtype=np.float64)).astype(np.float32)
    rows = torch.as_tensor(centred, device=device)
    lengths = (rows * rows).sum(dim=1)
    picked = [int(rng.integers(len(x)))]
    nearest = _squares(rows, lengths, rows[picked])[:, 0]
    tries = 2 + int(np.log(count))
    for _ in range(count - 1):
        ladder = torch.cumsum(nearest.double(), dim=0)
        at = torch.as_tensor(rng.random(tries), device=device) * ladder[-1]
        drawn = torch.searchsorted(ladder, at).clamp_(max=len(x) - 1)
        closer = torch.minimum(_squares(rows, lengths, rows[drawn]), nearest[:, None])
        best = int(closer.sum(dim=0, dtype=torch.float64).argmin())
        nearest = closer[:, best]
        picked.append(int(drawn[best]))
    return np.ascontiguousarray(x[picked], dtype=np.float32)


def settle(x: NDArray[np.float32], starts: Sequence[NDArray[Any]], device: str = "cpu", rounds: int = ROUNDS) -> list[Settled]:
    """Return where Lloyd's rounds lead each start, centres (k, n_features), on rows x (n_rows, n_features); those at rest drop out of the product.

    A cluster that lost its rows goes to the row that is farthest from its centre.
    """
    import torch

    mean = x.mean(axis=0, dtype=np.float64)
    rows = torch.as_tensor((x - mean).astype(np.float32), device=device)
    lengths = (rows * rows).sum(dim=1)
    still = TOLERANCE * float(x.var(axis=0, dtype=np.float64).mean())
    width = max(len(s) for s in starts)
    centres = torch.zeros((len(starts), width, x.shape[1]), device=device)
    held = torch.zeros((len(starts), width), dtype=torch.bool, device=device)
    for g, start in enumerate(starts):
        centres[g, : len(start)] = torch.as_tensor((start - mean).astype(np.float32), device=device)
        held[g, : len(start)] = True
    out: dict[int, Settled] = {}
    alive = list(range(len(starts)))
    for done in range(1, rounds + 1):
        moved = _round(rows, lengths, centres, held)
        shift = ((moved - centres) ** 2).sum(dim=(1, 2)).cpu().numpy()
        centres = moved
        at_rest = shift <= still if done < rounds else np.ones(len(alive), dtype=bool)
        if at_rest.any():
            for g, inertia in zip(np.flatnonzero(at_rest).tolist(), _inertia(rows, lengths, centres, held, at_rest), strict=True):
                own = centres[g][held[g]].double().cpu().numpy() + mean
                out[alive[g]] = Settled(own.astype(np.float32), inertia, done)
            kept = torch.as_tensor(~at_rest, device=device)
            centres, held = centres[kept], held[kept]
            alive = [i for i, rests in zip(alive, at_rest, strict=True) if not rests]
            if not alive:
                break
    return [out[g] for g in range(len(starts))]


def _squares(rows: torch.Tensor, lengths: torch.Tensor, centres: torch.Tensor) -> torch.Tensor:
    """Return (n_rows, n_centres) squared distances."""
    import torch

    return torch.clamp(torch.addmm(lengths[:, None] + (centres * centres).sum(dim=1), rows, centres.T, alpha=-2.0), min=0.0)


def _nearest(rows: torch.Tensor, lengths: torch.Tensor, centres: torch.Tensor, held: torch.Tensor, at: slice) -> tuple[torch.Tensor, torch.Tensor]:
    """Return for some rows the square (rows, groups) of the distance to the nearest centre of each group, and its number."""
    groups, width, _ = centres.shape
    squares = _squares(rows[at], lengths[at], centres.reshape(groups * width, -1)).view(-1, groups, width)
    least = squares.masked_fill_(~held, float("inf")).min(dim=2)
    return least.values, least.indices


def _blocks(n: int, centres: torch.Tensor) -> list[slice]:
    step = max(1, CELLS // max(1, centres.shape[0] * centres.shape[1]))
    return [slice(start, min(start + step, n)) for start in range(0, n, step)]


def _round(rows: torch.Tensor, lengths: torch.Tensor, centres: torch.Tensor, held: torch.Tensor) -> torch.Tensor:
    """Return the means (groups, width, n_features) of the rows nearest to each centre."""
    import torch

    groups, width, columns = centres.shape
    sums = torch.zeros((groups * width, columns), device=rows.device)
    counts = torch.zeros(groups * width, device=rows.device)
    first = torch.arange(groups, device=rows.device) * width
    for at in _blocks(len(rows), centres):
        place = _nearest(rows, lengths, centres, held, at)[1] + first
        one = torch.zeros((len(place), groups * width), device=rows.device).scatter_(1, place, 1.0)
        sums.addmm_(one.T, rows[at])
        counts += one.sum(dim=0)
    moved = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1.0)[:, None], centres.reshape(groups * width, columns)).view_as(centres)
    empty = (counts.view(groups, width) == 0) & held
    for g in torch.nonzero(empty.any(dim=1)).flatten().tolist():
        far = torch.cat([_nearest(rows, lengths, centres[g : g + 1], held[g : g + 1], at)[0][:, 0] for at in _blocks(len(rows), centres[:1])])
        lost = torch.nonzero(empty[g]).flatten()
        moved[g, lost] = rows[far.topk(min(len(lost), len(rows))).indices][: len(lost)]
    return moved


def _inertia(rows: torch.Tensor, lengths: torch.Tensor, centres: torch.Tensor, held: torch.Tensor, chosen: NDArray[np.bool_]) -> list[float]:
    """Return the sum of squared distances to the nearest centre for each chosen group."""
    import torch

    which = torch.as_tensor(chosen, device=rows.device)
    centres, held = centres[which], held[which]
    total = torch.zeros(len(centres), dtype=torch.float64, device=rows.device)
    for at in _blocks(len(rows), centres):
        total += _nearest(rows, lengths, centres, held, at)[0].sum(dim=0, dtype=torch.float64)
    found: list[float] = total.cpu().tolist()
    return found
