from dataclasses import replace

import pytest

from automl.families.base import Context
from automl.families.classifiers import logistic_regression, xgboost
from automl.hardware import Hardware
from automl.plan.resources import CUDA_MB, LEAST_ROWS, Competitor, resources
from tests.builders import spec_of

MACHINE = Hardware(4, 16_000, (), "a processor", "Linux")


def per_row(name, mb, seconds):
    """Return a family whose fit takes so many MB and seconds per thousand rows."""
    return replace(xgboost.FAMILY, name=name, memory=lambda c: mb * c.n_rows / 1000, cost=lambda c, params: seconds * c.n_rows / 1000)


def shared(rows, *families, hardware=MACHINE, **constraints):
    said = {}
    context = Context("classification", rows, 10, 2)
    competitors = [Competitor(f, replace(context, device="cuda" if "cuda" in f.name else "cpu"), {}) for f in families]
    spec = spec_of(constraints={"time": "none", "trials": 5, **constraints.pop("constraints", {})}, **constraints)

    def decide(key, value, because):
        said.setdefault(key, []).append((value, because))
        return value

    return resources(spec, hardware, rows, competitors, decide), said


def test_with_room_for_all_every_core_has_a_worker_and_every_fit_all_rows():
    found, said = shared(50_000, per_row("xgboost", 1, 0.1), per_row("other", 1, 0.1))
    assert (found.workers, found.threads, found.fit_rows, found.affordable) == (4, 1, None, ("xgboost", "other"))
    assert 3 * 800 < found.memory_mb < 16_000 * 0.8 / 4 and "constraints.memory" in said


def test_workers_are_given_up_before_rows():
    found, said = shared(100_000, per_row("xgboost", 40, 0.1))
    assert found.workers == 2 and found.threads == 2 and found.fit_rows is None and "MB" in said["runtime.workers"][0][1]


def test_a_process_that_uses_a_device_needs_memory_of_the_host_for_it_whichever_family_it_is(monkeypatch):
    monkeypatch.setattr("automl.plan.resources.own_memory_mb", lambda pid: 300.0)  # that of the tests depends on what ran before
    machine = replace(MACHINE, memory_mb=8000)
    sizes = [[per_row("xgboost", 1, 0.1)], [per_row("xgboost", 1, 0.1), per_row("cuda net", 1, 0.1)], [per_row("cuda net", 1, 0.1)]]
    assert [shared(20_000, *families, hardware=machine)[0].workers for families in sizes] == [4, 3, 3]
    on_cpu, on_device = (Competitor(sizes[0][0], Context("classification", 9, 9, 2, device=device), {}).memory_mb(20_000) for device in ("cpu", "cuda"))
    assert on_device - on_cpu == CUDA_MB


def test_rows_are_given_up_before_the_main_family():
    found, _ = shared(1_000_000, per_row("xgboost", 40, 0.1))
    assert found.workers == 1 and found.fit_rows is not None and found.fit_rows < 500_000 and "xgboost" in found.affordable
    assert Competitor(per_row("xgboost", 40, 0.1), Context("classification", 1, 10, 2), {}).memory_mb(found.fit_rows) <= found.memory_mb


def test_families_that_do_not_fit_are_given_up_and_told():
    found, said = shared(50_000, per_row("xgboost", 1, 0.1), per_row("hungry", 1000, 0.1))
    assert found.affordable == ("xgboost",) and "given up" in said["models.hungry"][0][0] and "MB" in said["models.hungry"][0][1]


def test_the_least_hungry_is_tried_all_the_same():
    found, said = shared(2000, per_row("a", 90_000, 0.1), per_row("b", 80_000, 0.1))
    assert found.affordable == ("b",) and said["models.b"][0][0] == "tried all the same"


def test_a_limit_on_memory_is_for_all_processes_together():
    found, _ = shared(1000, logistic_regression.FAMILY, constraints={"memory": "2GB"})
    assert found.memory_mb * found.workers < 2000 and shared(1000, logistic_regression.FAMILY, constraints={"memory": "900GB"})[0].memory_mb < 16_000


def test_a_fit_sees_fewer_rows_where_the_time_is_short_and_never_too_few():
    found, said = shared(100_000, per_row("xgboost", 0.01, 1.0), constraints={"time": "100s"})
    assert found.fit_rows == 12_500 and "15 s" not in said["search.fit_rows"][0][1]
    assert shared(100_000, per_row("xgboost", 0.01, 1000.0), constraints={"time": "10s"})[0].fit_rows >= LEAST_ROWS / 2


@pytest.mark.parametrize(("asked", "workers", "threads"), [(1, 1, 4), (3, 3, 1), (8, 8, 1)])
def test_workers_that_were_asked_for(asked, workers, threads):
    found, said = shared(1000, logistic_regression.FAMILY, runtime={"workers": asked})
    assert (found.workers, found.threads) == (workers, threads) and said["runtime.workers"] == [(asked, "asked for")]
