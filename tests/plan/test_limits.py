"""What the winner must keep, resolved against metric, classes and groups."""

import numpy as np
import pytest

from automl.errors import DataError, SpecError
from automl.metrics import LOG_LOSS, ROC_AUC
from automl.plan.limits import resolve_limits

from ..builders import loaded, spec_of


def resolved(folder, metric=ROC_AUC, classes=2, rows=240, rare=0, fairness=None, **constraints):
    if fairness is not None:
        constraints["fairness"] = {"column": "band", **fairness}
    spec = spec_of({"train": "t.csv", "columns": {"drop": ["band"]}}, constraints=constraints)
    bands = ["rare" if i < rare else "old" if i % 3 else "new" for i in range(rows)]
    dataset = loaded(folder, "a,band,y\n" + "".join(f"{i * 0.37},{bands[i]},c{i % classes}\n" for i in range(rows)), spec)

    class Split:
        train = np.arange(rows)

    said = {}
    return resolve_limits(spec, dataset, Split(), metric, lambda key, value, because: said.update({key: (value, because)})), said


def test_nothing_asked_is_nothing_kept(tmp_path):
    limits, said = resolved(tmp_path)
    assert limits.asked == limits.hard == () and not said


def test_every_bound_is_in_plain_units_and_said(tmp_path):
    limits, said = resolved(
        tmp_path, model_size="1.5kB", latency={"max": "2ms", "rows": 10, "percentile": 90}, quality=0.8, interpretable="require", fairness={}
    )
    assert (limits.size_bytes, limits.latency_ms, limits.rows, limits.percentile, limits.quality) == (1500, 2.0, 10, 90.0, 0.8)
    assert limits.asked == limits.hard == ("model_size", "latency", "quality", "interpretable", "fairness")
    assert {"constraints.model_size", "constraints.latency", "constraints.quality", "constraints.fairness"} <= set(said)
    assert "old, new" in said["constraints.fairness"][1]


def test_soft_ones_and_a_preference_are_asked_for_and_not_hard(tmp_path):
    limits, _ = resolved(tmp_path, model_size={"max": "1kB", "hard": False}, interpretable="prefer", quality={"min": 0.5, "hard": True})
    assert limits.asked == ("model_size", "quality", "interpretable") and limits.hard == ("quality",)


def test_a_number_alone_is_read_in_the_direction_of_the_metric(tmp_path):
    _, said = resolved(tmp_path, metric=LOG_LOSS, quality=0.4)
    assert "at most 0.4" in said["constraints.quality"][0]
    with pytest.raises(SpecError, match="takes `max`"):
        resolved(tmp_path, metric=LOG_LOSS, quality={"min": 0.4})


@pytest.mark.parametrize("metric", ["equal_opportunity", "demographic_parity", "equalized_odds"])
def test_groups_are_compared_for_two_classes_alone(metric, tmp_path):
    with pytest.raises(SpecError, match="3 classes"):
        resolved(tmp_path, classes=3, fairness={"metric": metric})


def test_groups_too_small_are_named_before_a_run_and_some_are_only_left_out(tmp_path):
    with pytest.raises(DataError, match="no two groups"):
        resolved(tmp_path, rows=60, fairness={})
    _, said = resolved(tmp_path, rare=10, fairness={})
    assert "1 too small to be judged" in said["constraints.fairness"][1]
