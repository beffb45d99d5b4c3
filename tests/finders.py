"""Finders that stand in for the real ones: k-means over a few numbers of groups, principal components; each by fits of the pool."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.families.base import Context, Family, FitData, Needs, Progress
from automl.families.space import Int, Space
from automl.inference.forms import Form
from automl.search.fits import Fit, Pool
from automl.vocabulary import State


@dataclass(frozen=True)
class Options:
    """What both are asked."""

    n_clusters: Any = None
    n_components: Any = None
    noise: bool = True
    include: tuple[str, ...] = ()
    y: Any = None


@dataclass(frozen=True)
class Found:
    """What both found."""

    form: Form
    family: str
    params: dict[str, Any]
    score: float
    metric: str
    baseline_score: float | None
    greater_is_better: bool = True
    labels: Any = None
    embedding: Any = None
    strength: Any = None
    trials: list[Any] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)


def _fitted(pool: Pool, fits: list[Fit], deadline: float, on_trial: Callable[[Any], None], should_stop: Callable[[], bool]) -> list[Any]:
    out = []
    for fit in fits:
        pool.submit(fit, deadline)
    while pool.pending() and not should_stop():
        for fitted in pool.results(0.2):
            record = {
                "family": fitted.fit.family,
                "params": dict(fitted.fit.params),
                "state": fitted.state.value,
                "seconds": fitted.seconds,
                "scores": {},
                "cause": fitted.cause,
            }
            on_trial(record)
            out += [fitted] if fitted.state == State.OK else []
    return out


def find(
    pool: Pool, x: Any, options: Options, *, deadline: float, seed: int, n_jobs_hint: int, on_trial: Callable[[Any], None], should_stop: Callable[[], bool]
) -> Found:  # fmt: skip
    """Find groups by k-means, the number by silhouette; structure where that is above a half."""
    from sklearn.metrics import silhouette_score

    pool.put("x", x)
    asked = options.n_clusters
    ks = [asked] if isinstance(asked, int) else range(asked[0], asked[1] + 1) if asked else range(2, 6)
    done = _fitted(pool, [Fit("kmeans", {"clusters": k}, seed, needs_form=True) for k in ks], deadline, on_trial, should_stop)
    scores = [float(silhouette_score(x, f.output)) if len(np.unique(f.output)) > 1 else -1.0 for f in done]
    best = int(np.argmax(scores))
    evidence = {"structure": scores[best] > 0.5, "why": ["The silhouette is largest here."], "stability": 0.9,
                "curves": {"silhouette": [[f.fit.params["clusters"], s] for f, s in zip(done, scores, strict=True)]}}  # fmt: skip
    won = done[best]
    return Found(won.form, "kmeans", dict(won.fit.params), scores[best], "silhouette", scores[best], labels=won.output,
                 strength=np.ones(len(x), np.float32), evidence=evidence)  # fmt: skip


class Axes:
    """Principal axes after a fit."""

    def __init__(self, params: dict[str, Any], context: Context) -> None:
        self.params, self.context = params, context
        self.mean: Any = None
        self.axes: Any = None
        self.out: Any = None


def _fit(axes: Axes, data: FitData, progress: Progress) -> Axes:
    axes.mean = data.x.mean(axis=0)
    axes.axes = np.linalg.svd(data.x - axes.mean, full_matrices=False)[2][: axes.params["components"]].T
    axes.out = ((data.x - axes.mean) @ axes.axes).astype(np.float32)
    return axes


PCA = Family(
    name="axes", summary="Principal axes.", tasks=frozenset({"dimensionality_reduction"}), space=lambda context: Space({"components": Int(1, 10, 2)}),
    build=Axes, fit=_fit, predict=lambda axes, x: (x - axes.mean) @ axes.axes, fitted=lambda axes: axes.out, needs=Needs(),
    export=lambda axes, context: Form("tests_axes", {}, {"mean": axes.mean, "axes": axes.axes}),
)  # fmt: skip


def _misbehave(wish: dict[str, Any], data: FitData, progress: Progress) -> dict[str, Any]:
    import os
    import signal
    import time

    how = wish["how"]
    if how == "error":
        raise ValueError("it does not like these rows")
    if how == "hang":
        time.sleep(600)
    if how == "leave":
        os._exit(3)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "memory":
        wish["kept"] = np.ones(wish["bytes"], dtype=np.uint8)
    return {**wish, "labels": (data.x[:, 0] > 0).astype(np.int64), "pid": os.getpid()}


WILD = Family(
    name="wild", summary="Does what its options say.", tasks=frozenset({"clustering"}), space=lambda context: Space({}),
    build=lambda params, context: {"bytes": 0, **params}, fit=_misbehave, predict=lambda wish, x: np.zeros((len(x), 2), np.float32),
    fitted=lambda wish: wish["labels"], export=lambda wish, context: Form("centroids", {"pid": wish["pid"]}, {"some": np.zeros(2, np.float32)}),
)  # fmt: skip
