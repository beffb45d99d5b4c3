"""Candidates made best first until one keeps what was asked: which ships, what is told of the others."""

from dataclasses import replace
from pathlib import Path

import pytest

from automl.evaluate.choice import settle
from automl.evaluate.constraints import Measured
from automl.evaluate.readable import Readable
from automl.finalize.alternatives import Option
from automl.finalize.candidate import Candidate
from automl.inference.forms import Form
from automl.plan.limits import Limits

from ..toys import toy_plan

NARROW = {"float32": 1.0, "float16": 0.5, "int8": 0.25}


class Bench:
    """Options whose artifacts have 100 bytes beside their model, at three precisions; what `real` says is measured, not what was predicted."""

    def __init__(self, folder: Path, limits: Limits, real=None, failing=(), drops=None):
        self.folder, self.plan, self.real, self.failing, self.drops = folder, toy_plan(limits=limits, max_drop=0.001), real or {}, failing, drops or {}
        self.made = []

    def make(self, option):
        self.made.append(option.trials)
        if option.trials in self.failing:
            return []
        forms = Form("features", {"steps": [], "sparse": False}), Form("linear", {"n_outputs": 2})
        first = Candidate(option.family, "float32", "", *forms, (), option.trials[0], {}, 0.0, 0.0)
        return [replace(first, precision=p, drop_upper=self.drops.get(p, 0.0)) for p in NARROW]

    def measure(self, rungs):
        number = rungs[0].trial
        folders, found = [], []
        for rung in rungs:
            folder = self.folder / f"{number}-{rung.precision}"
            folder.mkdir(exist_ok=True)
            real = self.real.get((number,), {})
            size = int(real.get("size", 1000 * number) * NARROW[rung.precision])
            (folder / "model.safetensors").write_bytes(b"0" * size)
            readable = Readable(real.get("readable", False), "")
            found.append(Measured(f"trial {number}", rung.precision, size + 100, real.get("ms"), real.get("score", 0.9), real.get("gap"), readable))
            folders.append(folder)
        return folders, found

    def settle(self, options, fits=lambda option: True):
        return settle(self.plan, options, self.make, self.measure, lambda option: None, fits)


OPTIONS = [Option((n,), f"family{n}", 0.9 + n / 100, 1000.0 * n, 0.1 * n, 0.25) for n in (8, 4, 2, 1)]


@pytest.mark.parametrize(
    ("limits", "trial", "rungs", "made"),
    [
        (Limits(size_bytes=9000), 8, ["float32", "float16", "int8"], [8]),
        (Limits(size_bytes=5000), 8, ["float16", "int8"], [8]),
        (Limits(size_bytes=2100), 8, ["int8"], [8]),
        (Limits(size_bytes=1200), 4, ["int8"], [4]),
        (Limits(size_bytes=1050), 2, ["int8"], [4, 2]),
        (Limits(size_bytes=360), 1, ["int8"], [1]),
    ],
)
def test_the_best_that_fits_at_the_widest_rungs_that_fit(tmp_path, limits, trial, rungs, made):
    bench = Bench(tmp_path, limits)
    found = bench.settle(OPTIONS)
    assert found.rungs[0].trial == trial and [found.rungs[i].precision for i in found.among] == rungs
    assert [t for (t,) in bench.made] == made and len(found.tried) == len(made)
    assert found.tried[0].words == f"trial {trial}", "the one that ships stands first"


def test_a_rung_that_loses_too_much_never_ships_to_be_small(tmp_path):
    found = Bench(tmp_path, Limits(size_bytes=2100), drops={"int8": 0.5}).settle(OPTIONS)
    assert found.rungs[0].trial == 4 and [found.rungs[i].precision for i in found.among] == ["float16"]


def test_where_none_keeps_it_the_nearest_ships_and_the_others_are_told(tmp_path):
    bench = Bench(tmp_path, Limits(size_bytes=110), {(1,): {"size": 4000}})
    found = bench.settle(OPTIONS)
    assert bench.made[0] == (1,), "predicted the nearest"
    assert found.rungs[0].trial == 2 and found.best.size_bytes == 600 and {m.words for m in found.tried} >= {"trial 1", "trial 2"}


def test_what_was_measured_counts_not_what_was_predicted(tmp_path):
    bench = Bench(tmp_path, Limits(latency_ms=1.0), {(8,): {"ms": 7.0}, (4,): {"ms": 0.9}})
    assert bench.settle(OPTIONS).rungs[0].trial == 4 and bench.made == [(8,), (4,)]


def test_a_candidate_that_cannot_be_made_gives_way(tmp_path):
    assert Bench(tmp_path, Limits(size_bytes=9000), failing=[(8,)]).settle(OPTIONS).rungs[0].trial == 4
    assert Bench(tmp_path, Limits(size_bytes=9000), failing=[o.trials for o in OPTIONS]).settle(OPTIONS) is None


def test_without_time_for_another_the_first_ships(tmp_path):
    bench = Bench(tmp_path, Limits(latency_ms=1.0), {(8,): {"ms": 7.0}})
    assert bench.settle(OPTIONS, fits=lambda option: not bench.made).rungs[0].trial == 8 and bench.made == [(8,)]


def test_one_that_is_preferred_ships_only_if_it_can_be_followed_when_packed(tmp_path):
    first = replace(OPTIONS[-1], preferred=True, readable=True)
    options = [first, *OPTIONS[:-1]]
    limits = Limits(interpretable="prefer", soft=("interpretable",))
    assert Bench(tmp_path, limits, {(1,): {"readable": True}}).settle(options).rungs[0].trial == 1
    bench = Bench(tmp_path, limits, {(1,): {"readable": False}})
    assert bench.settle(options).rungs[0].trial == 8 and bench.made == [(1,), (8,)]
