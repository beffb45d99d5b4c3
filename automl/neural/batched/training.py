"""Slots trained side by side: each tick gives every slot a step on its own batch; those that end make room while the others go on."""

import math
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from automl.neural.batched.gradient import Workspace, clip, gradient, margins, mean_losses
from automl.neural.batched.layout import Layout
from automl.neural.batched.pruning import alive, prune
from automl.neural.batched.rows import Place, Stack
from automl.neural.batched.slots import Event, Outcome, Slot
from automl.neural.optimizers import chosen, schedule_of
from automl.neural.pruning import END, kept_dropout, removed
from automl.neural.schedules import share
from automl.neural.training import CLIP, shuffled
from automl.neural.updates import RULES, Hyper, averaged, early

BLOCK = {"cpu": 512}  # rows that all slots are scored on at once; elsewhere MOST_BLOCK
MOST_BLOCK = 8192
AVERAGED = "schedule_free_adamw"  # whose averaged weights predict


@dataclass
class _Running:
    """A slot in training; `epoch` counts those that are done."""

    ticket: int
    slot: Slot
    place: Place
    rule: str
    epoch: int = 0
    best_loss: float = math.inf
    best_epoch: int = 0
    losses: list[float] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    every: list[torch.Tensor] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)  # of the hidden layers, where units are taken out
    left: list[int] = field(default_factory=list)  # of them now; counted here, as to ask a GPU holds it up
    counted: int = 0  # epochs before those that may be the best
    gone: float = 0.0  # share of units taken out so far

    def over(self) -> bool:
        """Return whether it has all its epochs, or patience ran out."""
        patient = self.slot.fixed or not self.place.n_stop or self.epoch - max(self.best_epoch, self.counted) < self.slot.patience
        return self.epoch >= self.slot.epochs or not patient


class Batch:
    """Slots of one shape: `layout`, rows per step, device. Slots may be admitted and evicted between ticks.

    Their rows of numbers stand in order of the optimizer, so that each rule runs over neighbours; an end closes the gap at once.
    Rates fall by epochs, or by the time until `deadline` (time.monotonic()) where that is nearer.
    """

    def __init__(self, layout: Layout, batch: int, device: str = "cpu", deadline: float = math.inf, *, half: bool = False, clip_to: float = CLIP) -> None:
        self.layout, self.batch, self.device, self.deadline, self.half, self.clip_to = layout, batch, device, deadline, half, clip_to
        self.began = time.monotonic()
        self.stack = Stack(layout.sizes[0][0], device)
        self.running: list[_Running] = []
        self.generator = torch.Generator(device).manual_seed(0)
        self.work = Workspace(not half)
        self._precision: AbstractContextManager[object] = torch.autocast(device.partition(":")[0], dtype=torch.bfloat16) if half else nullcontext()
        self._within = torch.arange(batch, device=device)
        self._tickets = 0
        empty = torch.empty(0, layout.length, device=device)
        self.p, self.a, self.b, self.best = (empty.clone() for _ in range(4))
        self.total = torch.empty(0, 1, device=device)
        self.order = torch.empty(0, 0, dtype=torch.int64, device=device)
        self.seen = torch.empty(0, device=device)  # of each slot, the loss so far in this epoch
        self._step, self._t = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)  # within the epoch, and in all
        self._sort([])

    def admit(self, slots: Sequence[Slot]) -> list[int]:
        """Begin to train slots; return their tickets."""
        if not slots:
            return []
        if not self.running:
            self.generator.manual_seed(slots[0].seed)
        tickets = list(range(self._tickets, self._tickets + len(slots)))
        self._tickets += len(slots)
        fresh = [_Running(t, s, self.stack.place(s.rows), chosen(s.options)[0]) for t, s in zip(tickets, slots, strict=True)]
        for r in fresh:
            r.widths = r.left = [int(a.sum()) for a in alive(self.layout, r.slot.begin)] if r.slot.sparsity else []
        begin = torch.stack([s.begin for s in slots]).to(self.device)
        zeros = torch.zeros_like(begin)
        self.p, self.a = torch.cat([self.p, begin]), torch.cat([self.a, zeros])
        self.b, self.best = torch.cat([self.b, zeros]), torch.cat([self.best, begin])
        self.total = torch.cat([self.total, torch.zeros(len(slots), 1, device=self.device)])
        self.seen = torch.cat([self.seen, torch.zeros(len(slots), device=self.device)])
        longest = max(self.order.shape[1], *(r.place.n for r in fresh))
        order = torch.zeros(len(self.running) + len(fresh), longest, dtype=torch.int64, device=self.device)
        order[: len(self.running), : self.order.shape[1]] = self.order
        self.order = order
        self._step, self._t = (np.append(v, np.zeros(len(slots), dtype=np.int64)) for v in (self._step, self._t))
        self.running += fresh
        self._shuffle(range(len(self.running) - len(fresh), len(self.running)))
        self._sort(sorted(range(len(self.running)), key=lambda i: self.running[i].rule))
        return tickets

    def evict(self, tickets: Iterable[int]) -> None:
        """Drop slots at once, without an outcome."""
        gone = set(tickets)
        self._sort([i for i, r in enumerate(self.running) if r.ticket not in gone])

    def end(self, tickets: Iterable[int]) -> list[Event]:
        """End slots with the best they have; return their ends."""
        wanted = set(tickets)
        events = self._ended([i for i, r in enumerate(self.running) if r.ticket in wanted])
        self.evict(wanted)
        return events

    def tick(self) -> list[Event]:
        """Give every slot one step; return what happened: epochs that ended, and slots that did, with their outcomes."""
        if not self.running:
            return []
        x, label, weight = self._rows()
        with self._precision:
            losses = gradient(self.layout, self.p, self.g, x, label, weight, self._smoothing, self._dropout, self.generator, self.work)
        self.seen += losses * self._counts
        clip(self.g, self.clip_to)
        self._update()
        self._step += 1
        done = np.flatnonzero(self._step * self.batch >= self._n).tolist()
        return self._epochs(done) if done else []

    def finish(self) -> list[Event]:
        """End all slots with the best they have; an epoch under way counts as one."""
        if not self.running:
            return []
        begun = np.flatnonzero((self._step > 0) | (self._epoch == 0)).tolist()
        events = self._epochs(begun) if begun else []
        events += self._ended(range(len(self.running)))
        self._sort([])
        return events

    def _rows(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the next batch of each slot: x, codes, and the share of each row in its slot's loss.

        What the host knows goes to the device as one small array, which the host need not wait for.
        """
        at, n = self._step * self.batch, self._n
        counts = np.minimum(self.batch, n - at)
        start, end, count = self._upload(np.stack([at, n, counts])).unsqueeze(-1)
        self._counts = (count / end)[:, 0]
        if (at == at[0]).all() and (counts == counts[0]).all():
            picked = self.order[:, at[0] : at[0] + counts[0]]
            weight = torch.full(picked.shape, 1.0 / counts[0], device=self.device)
        else:
            columns = start + self._within
            inside = columns < end
            picked = self.order.gather(1, columns.clamp_(max=self.order.shape[1] - 1))
            weight = inside / count
        flat = picked.reshape(-1)
        x = torch.index_select(self.stack.x, 0, flat, out=self.work.get("x", self.stack.x, len(flat), self.stack.n_features)).view(*picked.shape, -1)
        if self.stack.weighted:
            weight = weight * self.stack.weight[picked]
        return x, self.stack.y.index_select(0, flat).view(picked.shape), weight

    def _update(self) -> None:
        """Step each rule's slots, at the rates of this moment."""
        where = np.maximum((self._epoch + self._step / np.ceil(self._n / self.batch)) / self._asked, self._by_time())
        told = self._told.copy()
        self._t += 1
        for rule, start, end in self._groups:
            told[[0, 3], start:end] *= share(schedule_of(rule), where[start:end])
        lr, decay, momentum, aux, first, second = self._upload(np.vstack([told, *early(self._t)]).astype(np.float32)).unsqueeze(-1)
        for rule, start, end in self._groups:
            s = slice(start, end)
            more = {"matrices": self.layout.matrices()} if rule == "muon" else {}
            hyper = Hyper(lr[s], decay[s], momentum[s], aux[s], first[s], second[s], self.total[s])
            RULES[rule](self.p[s], self.g[s], self.a[s], self.b[s], hyper, **more)

    def _by_time(self) -> float:
        """Return the share of the time that is over, 0 without a deadline."""
        return 0.0 if self.deadline == math.inf else (time.monotonic() - self.began) / max(self.deadline - self.began, 1e-9)

    def _prune(self, done: Sequence[int]) -> None:
        """Take units out of those slots that should lose some, as far as their training has come."""
        by_time = self._by_time()
        for i in done:
            r = self.running[i]
            if r.slot.sparsity:
                where = max((r.epoch + 1) / self._asked[i], by_time)
                gone, before = removed(r.slot.sparsity, where), r.gone
                if gone != before:
                    r.gone, r.left = gone, prune(self.layout, self.p[i], (self.a[i], self.b[i]), r.widths, r.left, gone)
                r.counted = r.counted if where >= END else r.epoch + 1

    def _epochs(self, done: Sequence[int]) -> list[Event]:
        """Close the epochs of some slots: score them, keep their best weights, and end those that are over."""
        events, ended = [], []
        self._prune(done)
        losses, seen = self._score(done), self.seen.tolist()
        kept = [i for i in done if self.running[i].slot.every]
        rows = dict(zip(kept, self._answers(kept).detach().cpu(), strict=True)) if kept else {}  # all at once: a GPU is waited for each time
        better = []
        for i, loss in zip(done, losses, strict=True):
            r = self.running[i]
            r.epoch += 1
            r.train.append(seen[i])
            if r.slot.every:
                r.every.append(rows[i].clone())
            if r.place.n_stop:
                r.losses.append(loss)
                loss = loss if r.epoch > r.counted else math.nan
                if loss < r.best_loss:
                    r.best_loss, r.best_epoch = loss, r.epoch
                    better.append(i)
            events.append(Event("epoch", r.ticket, r.epoch, loss, last=r.over()))
            if r.over():
                ended.append(i)
        if better:
            self.best[self._index(better)] = self._answers(better)
        self.seen[self._index(done)] = 0.0
        self._step[done] = 0
        events += self._ended(ended)
        self._shuffle([i for i in done if i not in ended])
        gone = set(ended)
        self._sort([i for i in range(len(self.running)) if i not in gone])
        return events

    def _ended(self, which: Sequence[int]) -> list[Event]:
        """Return the ends of some slots, with their best weights, or with those they have where no epoch was the best."""
        if not which:
            return []
        rows = self.best[self._index(which)]
        if without := [k for k, i in enumerate(which) if not self.running[i].best_epoch]:
            rows[self._index(without)] = self._answers([which[k] for k in without])
        events = []
        for i, row in zip(which, rows.detach().cpu(), strict=True):
            r = self.running[i]
            outcome = Outcome(row.clone(), r.best_epoch or r.epoch, tuple(r.losses), tuple(r.train), tuple(r.every))
            events.append(Event("ended", r.ticket, r.epoch, r.best_loss if r.best_epoch else math.nan, outcome=outcome))
        return events

    def _answers(self, which: Sequence[int]) -> torch.Tensor:
        """Return the weights that predict, of some slots."""
        whole = len(which) == len(self.running)
        rows = self._index(which)
        p = self.p if whole else self.p[rows]
        averages = [self._averages[i] for i in which]
        if not any(averages):
            return p
        smooth = averaged(p, self.a if whole else self.a[rows])
        return torch.where(self._upload(np.array(averages))[:, None], smooth, p)

    @torch.no_grad()
    def _score(self, done: Sequence[int]) -> list[float]:
        """Return the loss of some slots on their stopping rows; NaN without any."""
        places = [self.running[i].place for i in done]
        longest = max((p.n_stop for p in places), default=0)
        if not longest:
            return [math.nan] * len(places)
        weights = self._answers(done)
        starts, counts = self._upload(np.array([[p.stop_start for p in places], [p.n_stop for p in places]], dtype=np.int64)).unsqueeze(-1)
        sums = torch.zeros(len(places), device=self.device)
        block = BLOCK.get(self.device, MOST_BLOCK)
        for first in range(0, longest, block):
            columns = torch.arange(first, min(first + block, longest), device=self.device)
            inside = columns < counts
            picked = (starts + torch.where(inside, columns, torch.zeros_like(columns))).clamp_(max=len(self.stack.y_stop) - 1)
            weight = inside * self.stack.weight_stop[picked] / counts.clamp(min=1)
            x = self.stack.x_stop.index_select(0, picked.reshape(-1)).view(*picked.shape, -1)
            sums += mean_losses(margins(self.layout, weights, x), self.stack.y_stop[picked], weight)
        found = sums.tolist()
        return [v if p.n_stop else math.nan for v, p in zip(found, places, strict=True)]

    def _shuffle(self, which: Iterable[int]) -> None:
        """Draw the order of rows of the next epoch; slots with the same seed and rows share it."""
        alike: dict[tuple[int, int, int], list[int]] = {}
        for i in which:
            r = self.running[i]
            alike.setdefault((r.slot.seed, r.epoch, r.place.n), []).append(i)
        for (seed, epoch, n), own in alike.items():
            starts = self._index([self.running[i].place.start for i in own])
            self.order[self._index(own), :n] = shuffled(seed, epoch, n).to(self.device, non_blocking=True) + starts[:, None]

    def _index(self, which: Sequence[int]) -> torch.Tensor:
        return self._upload(np.array(which, dtype=np.int64))

    def _upload(self, numbers: NDArray[Any]) -> torch.Tensor:
        """Return numbers on the device; torch.as_tensor would wait for all that the device has still to do."""
        return torch.from_numpy(numbers).to(self.device, non_blocking=True)

    def _sort(self, kept: Sequence[int]) -> None:
        """Keep these slots, in this order, and work out what holds until the next change."""
        if list(kept) != list(range(len(self.running))):
            rows = self._index(kept)
            self.running = [self.running[i] for i in kept]
            self.p, self.a, self.b, self.best = (x.index_select(0, rows) for x in (self.p, self.a, self.b, self.best))
            self.total, self.order, self.seen = (x.index_select(0, rows) for x in (self.total, self.order, self.seen))
            self._step, self._t = self._step[kept], self._t[kept]
        if len(self.p) != len(getattr(self, "g", ())) or not len(self.p):
            self.g = torch.zeros_like(self.p)
        slots = [r.slot for r in self.running]
        self._n = np.array([r.place.n for r in self.running], dtype=np.int64)
        self._epoch = np.array([r.epoch for r in self.running], dtype=np.int64)
        self._asked = np.array([max(1, s.epochs) for s in slots], dtype=np.float64)
        own = [chosen(s.options)[1] for s in slots]
        names = ("lr", "weight_decay", "momentum", "aux_lr")
        self._told: NDArray[np.float64] = np.array([[o.get(name, 0.0) for o in own] for name in names]).reshape(len(names), len(own))
        rules = [r.rule for r in self.running]
        self._groups = [(rule, rules.index(rule), rules.index(rule) + rules.count(rule)) for rule in dict.fromkeys(rules)]
        self._averages = [rule == AVERAGED for rule in rules]
        self._dropout = self._per_slot([r.slot.dropout * kept_dropout(r.gone) for r in self.running])
        self._smoothing = self._per_slot([s.smoothing for s in slots])

    def _per_slot(self, values: list[float]) -> torch.Tensor | None:
        """Return (n_slots, 1, 1), or None where all are zero."""
        return self._upload(np.array(values, dtype=np.float32)).view(-1, 1, 1) if any(values) else None
