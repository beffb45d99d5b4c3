"""Which trials could keep what is asked of the winner: a lower bound of what they cost, so that none is given up that could."""

import pytest

from automl.plan.limits import Limits
from automl.search.limits import narrowest, possible

from ..toys import toy_plan, toy_trial


@pytest.mark.parametrize(
    ("limits", "changes", "able"),
    [
        (Limits(), {"size_bytes": 10**9}, True), (Limits(size_bytes=1000), {"size_bytes": 4000}, True), (Limits(size_bytes=1000), {"size_bytes": 4001}, False),
        (Limits(size_bytes=1000), {}, True), (Limits(size_bytes=10, soft=("model_size",)), {"size_bytes": 4001}, True),
        (Limits(latency_ms=1.0), {"latency_ms": 1.1}, False), (Limits(latency_ms=1.0), {"latency_ms": 0.9}, True),
        (Limits(interpretable="require"), {}, True), (Limits(quality=0.99), {}, True),
    ],
)  # fmt: skip
def test_what_a_trial_could_keep(limits, changes, able):
    assert possible(toy_plan(limits=limits), toy_trial(1, 0.8, **changes)) is able


@pytest.mark.parametrize(("precisions", "share"), [(("float32", "float16", "int8"), 0.25), (("float32",), 1.0), (("float16",), 0.5)])
def test_the_narrowest_is_of_the_precisions_that_were_asked_for(precisions, share):
    assert narrowest(toy_plan(precisions=precisions), "linear") == share
