"""Which configurations may train as one model, and on which machine it pays; the plan says why."""

from dataclasses import replace

import pytest

from automl.families.base import Context
from automl.families.classifiers import mlp
from automl.families.space import Fixed, Space
from automl.plan.batching import MOST_TRIALS, MOST_WORK, gain, resolve_batching
from automl.plan.candidates import CandidateFamily
from tests.search.workers.test_batch import MLP as SMALL

LINEAR = CandidateFamily("logistic_regression", "automl.families.classifiers.logistic_regression:FAMILY", Space(), "cpu")


def resolved(rows=1000, columns=20, folds=5, memory_mb=8000, device="cpu", **options):
    context = Context("classification", rows, columns, 2)
    space = Space({**mlp.space(context), **options})
    said = {}
    found = resolve_batching(
        "classification", [LINEAR, CandidateFamily("mlp", SMALL.locator, space, device)], context, folds, memory_mb,
        lambda key, value, because: said.update({key: (value, because)}),
    )  # fmt: skip
    return found, said


def test_small_networks_batch_on_a_cpu_and_the_plan_says_what_must_be_alike():
    (found,), said = resolved()
    assert (found.family, found.trials, found.slots, found.most_work) == ("mlp", 8, 40, MOST_WORK)
    value, because = said["search.batches.mlp"]
    assert value == "up to 8 trials, 40 fits at once" and "layers, width, batch, bins" in because and "2 of up to 128" in because and "times as fast" in because
    assert list(said) == ["search.batches.mlp"]  # nothing is said of a family that cannot


def test_large_networks_train_alone_on_a_cpu_and_side_by_side_on_an_accelerator():
    large = {"width": Fixed(2048), "layers": Fixed(4), "batch": Fixed(256)}
    (on_cpu,), said = resolved(10_000, **large)
    assert on_cpu.trials == 1 and said["search.batches.mlp"][0] == "one at a time" and "the smallest has" in on_cpu.why
    (on_device,), _ = resolved(10_000, device="cuda", memory_mb=1_000_000, **large)
    assert on_device.trials == MOST_TRIALS and on_device.most_work is None and "cuda idle" in on_device.why
    (some,), _ = resolved(10_000, width=replace(mlp.space(Context("classification", 10_000, 20, 2))["width"], default=512))
    assert some.trials == 8 and "train alone" in some.why  # the defaults are too large, smaller ones are not


def test_memory_and_folds_limit_how_many():
    assert resolved(memory_mb=120)[0][0].trials < 8
    (found,), _ = resolved(2_000_000, memory_mb=4000)
    assert found.trials == 1 and "half of the 4000 MB" in found.why
    (found,), _ = resolved(2_000_000, memory_mb=4000, device="cuda")
    assert found.trials == 1 and "half of the 4000 MB" in found.why, "rows and weights of all epochs lie in the host's memory"
    assert 2 <= resolved(4000, memory_mb=300, device="cuda")[0][0].trials < resolved(4000, device="cuda")[0][0].trials == MOST_TRIALS
    (found,), _ = resolved(folds=60)
    assert found.trials == 1 and "60 folds" in found.why


@pytest.mark.parametrize(
    ("work", "slots", "device", "expected"), [(2.5e6, 40, "cpu", 1.72), (1.0, 8, "cpu", 8.0), (1e9, 40, "cpu", 1.0), (1e9, 160, "cuda", 40.0)]
)
def test_the_gain_falls_with_the_work_of_a_step_on_a_cpu(work, slots, device, expected):
    assert gain(work, slots, device) == pytest.approx(expected, rel=0.01)
