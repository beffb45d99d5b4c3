"""What to make next where a model did not keep what was asked: the best one predicted to keep it, from what the trials measured."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from automl.metrics import Metric
from automl.plan.limits import Limits

MOST_TRIED = 8
LAST_TRIES = 2  # of models predicted to miss the constraints too, only less
NEARER = 0.9  # of the least that was missed so far, that such a model must be predicted to miss
MOST_JUDGED = 50  # models whose groups are looked at; the best ones


@dataclass(frozen=True)
class Option:
    """A model that could ship, best first in a list: `trials` it is made of, its `score` out of fold, and what it should cost.

    `size_bytes` of the numbers at float32 and `latency_ms` of the model alone for one row, as the trials measured them, None
    where they did not; `narrow` is the least share of these bytes that it can be stored in. `readable`: a person can follow such a
    model. `preferred`: it ships only if that holds when it is packed.
    """

    trials: tuple[int, ...]
    family: str
    score: float | None = None
    size_bytes: float | None = None
    latency_ms: float | None = None
    narrow: float = 1.0
    readable: bool = False
    preferred: bool = False


@dataclass
class Learned:
    """What packing models tells of the next: bytes and ms of the features, and by family what became of the model's own."""

    beside_bytes: float = 0.0
    beside_ms: float = 0.0
    share: dict[str, float] = field(default_factory=dict)
    slower: dict[str, float] = field(default_factory=dict)

    def learn(self, option: Option, size_bytes: int, model_bytes: int, views: int, latency_ms: float | None = None, features_ms: float = 0.0) -> None:
        """Take in the artifact's bytes and those of its model, of the smallest rung that may ship, and the ms of a call and of its features.

        An ensemble has several `views` of a row; a single trial has one, and so takes less beside its model.
        """
        self.beside_bytes = (size_bytes - model_bytes) / views
        if option.size_bytes:
            self.share[option.family] = model_bytes / option.size_bytes
        if latency_ms is not None:
            self.beside_ms = features_ms / views
            if option.latency_ms:
                self.slower[option.family] = max(0.0, latency_ms - features_ms) / option.latency_ms

    def size(self, option: Option) -> float:
        """Return the bytes of an artifact, rather too few than too many."""
        return self.beside_bytes + self.share.get(option.family, option.narrow) * (option.size_bytes or 0.0)

    def latency(self, option: Option) -> float:
        """Return the ms of a call, rather too few than too many."""
        return self.beside_ms + self.slower.get(option.family, 1.0) * (option.latency_ms or 0.0)


def predicted(option: Option, limits: Limits, learned: Learned, metric: Metric, gap_of: Callable[[Option], float | None]) -> float:
    """Return by how much an option should miss the hard constraints, together; 0 where it should keep them. As evaluate.constraints counts."""
    missed = [0.0]
    if "model_size" in limits.hard and limits.size_bytes:
        missed.append(learned.size(option) / limits.size_bytes - 1)
    if "latency" in limits.hard and limits.latency_ms:
        missed.append(learned.latency(option) / limits.latency_ms - 1)
    if "quality" in limits.hard and limits.quality is not None and option.score is not None:
        missed.append(metric.loss_of(limits.quality, option.score))
    if "interpretable" in limits.hard and not option.readable:
        missed.append(1.0)
    if "fairness" in limits.hard and limits.fair is not None and (gap := gap_of(option)) is not None:
        missed.append(gap - limits.fair.max_gap)
    return sum(max(0.0, m) for m in missed)


def following(
    options: Sequence[Option], done: Mapping[tuple[int, ...], float], limits: Limits, learned: Learned, metric: Metric,
    gap_of: Callable[[Option], float | None], fits: Callable[[Option], bool],
) -> Option | None:  # fmt: skip
    """Return what to make next: the best option that should keep the hard constraints, or one that should miss them by less than all so far.

    `done` has for each option that was made by how much it missed them, 0 where it kept them. None where none is left, none
    `fits` into the time, or enough were tried. Where nothing was made yet, the best single trial is, whatever
    it costs: something must ship.
    """
    left = [o for o in options if o.trials not in done]
    if not left or len(done) >= MOST_TRIED:
        return None
    usable = [o for o in left if fits(o)] or ([o for o in left if len(o.trials) == 1][:1] if not done else [])
    scores: dict[tuple[int, ...], float] = {}
    cached: dict[tuple[int, ...], float | None] = {}

    def gap(option: Option) -> float | None:
        if option.trials not in cached:
            cached[option.trials] = gap_of(option) if len(cached) < MOST_JUDGED else None
        return cached[option.trials]

    for option in usable:
        scores[option.trials] = predicted(option, limits, learned, metric, gap)
        if scores[option.trials] <= 0:
            return option
    if not usable:
        return None
    nearest = min(usable, key=lambda o: scores[o.trials])
    if not done:
        return nearest
    hopeless = sum(missed > 0 for missed in done.values())
    worth = scores[nearest.trials] < NEARER * min(done.values())
    return nearest if worth and hopeless <= LAST_TRIES else None
