"""Candidates made, packed and measured best first, until one keeps what was asked; the nearest ships where none does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from automl.artifact.load import MODEL
from automl.evaluate.constraints import Measured, broken, distance, kept_rungs
from automl.evaluate.evaluate import allowed_rungs
from automl.finalize.alternatives import Learned, Option, following
from automl.finalize.candidate import Candidate
from automl.inference.blend import views_of
from automl.plan.plan import Plan


@dataclass(frozen=True)
class Made:
    """An option as it was packed: its rungs, their folders, what was measured of each, and those of them that may ship.

    `among` are the positions of those that keep most of what was asked; `tried` has the best rung of every model that was made,
    this one first.
    """

    option: Option | None
    rungs: tuple[Candidate, ...]
    folders: tuple[Path, ...]
    measured: tuple[Measured, ...]
    among: tuple[int, ...]
    tried: tuple[Measured, ...] = ()

    @property
    def best(self) -> Measured:
        """Return what was measured of the first rung that may ship."""
        return self.measured[self.among[0]]


Measure = Callable[[Sequence[Candidate]], tuple[Sequence[Path], Sequence[Measured]]]


def settle(
    plan: Plan, options: Sequence[Option], make: Callable[[Option], Sequence[Candidate]], measure: Measure,
    gap_of: Callable[[Option], float | None], fits: Callable[[Option], bool],
) -> Made | None:  # fmt: skip
    """Return the first option that keeps the hard constraints, or the nearest one; None where nothing could be made of any.

    `make` gives the rungs of an option, judged out of fold (none where it failed), `measure` packs and measures them, `fits` says whether
    there is time for one more. The folders are those of the option that is returned only where it was made last.
    """
    limits, metric, learned = plan.limits, plan.measure(), Learned()
    done: dict[tuple[int, ...], float] = {}
    tried: list[tuple[tuple[int, float, int], Made]] = []
    while (option := following(options, done, limits, learned, metric, gap_of, fits)) is not None:
        rungs = make(option)
        if not rungs:
            done[option.trials] = float("inf")
            continue
        folders, measured = measure(rungs)
        among = kept_rungs(limits, measured, allowed_rungs(rungs, plan), metric)
        found = Made(option, tuple(rungs), tuple(folders), tuple(measured), tuple(among))
        n_missed, total = distance(limits, found.best, metric)
        unread = option.preferred and not (found.best.readable is not None and found.best.readable.met)
        done[option.trials] = total
        tried.append(((n_missed, total, len(tried) + (len(options) if unread else 0)), found))
        if not broken(limits, found.best, metric) and not unread:
            break
        smallest = min(range(len(rungs)), key=lambda i: measured[i].size_bytes if i in allowed_rungs(rungs, plan) else 1 << 62)
        least = measured[smallest]
        model_bytes, n_views = (folders[smallest] / MODEL).stat().st_size, len(views_of(rungs[0].features))
        learned.learn(option, least.size_bytes, model_bytes, n_views, least.latency_ms, least.features_ms)
    if not tried:
        return None
    chosen = min(tried, key=lambda t: t[0])[1]
    others = [made.best for _, made in tried if made is not chosen]
    return Made(chosen.option, chosen.rungs, chosen.folders, chosen.measured, chosen.among, (chosen.best, *others))
