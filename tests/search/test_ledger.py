"""The ledger adds up shares, not walls, and says what ran on the CPU and why."""

from automl.search.ledger import device_ledger
from automl.vocabulary import Decision

from ..toys import toy_plan, toy_trial

BATCH = {"job": 2, "trials": 3, "slots": 6, "at_once": 6, "device": "cuda", "seconds": 1.0, "peak_mb": 300, "notes": []}


def test_each_device_has_its_trials_its_seconds_and_its_use():
    trials = [toy_trial(1, started=0.0, seconds=4.0), *[toy_trial(n, started=4.0, seconds=6.0, device="cuda", batch=BATCH) for n in (2, 3)]]
    found = device_ledger([toy_trial(0, seconds=0.0), *trials], toy_plan())
    cpu, cuda = found["devices"]
    assert (cpu["device"], cpu["trials"], cpu["seconds"], cpu["use"], cpu["batched"], cpu["peak_mb"]) == ("cpu", 1, 4.0, 0.4, 0, 0)
    assert (cuda["device"], cuda["trials"], cuda["seconds"], cuda["use"], cuda["batched"], cuda["peak_mb"]) == ("cuda", 2, 2.0, 0.2, 2, 300)
    (job,) = found["batches"]
    assert (job["trials"], job["asked"], job["slots"], job["seconds"], job["wall_seconds"]) == ([2, 3], 3, 6, 2.0, 6.0)


def test_use_of_the_cpu_is_that_of_all_workers():
    trials = [toy_trial(n, started=0.0, seconds=4.0) for n in (1, 2)]
    assert device_ledger(trials, toy_plan(workers=2))["devices"][0]["use"] == 1.0


def test_reasons_for_the_cpu_are_those_of_the_plan_and_of_the_trials():
    plan = toy_plan(decisions=(Decision("constraints.gpu", "cpu", "no CUDA device is seen"),))
    assert device_ledger([toy_trial(1, seconds=1.0)], plan)["on_cpu"] == ["everything: no CUDA device is seen"]
    fell = {**BATCH, "device": "cpu", "notes": ["memory ran out on cuda with one at a time: the rest was trained on the CPU"]}
    trials = [toy_trial(1, seconds=1.0, note="alone, without the accelerator: it broke"), toy_trial(2, seconds=1.0, device="cuda", batch=fell)]
    found = device_ledger(trials, toy_plan())
    assert found["devices"][0]["device"] == "cpu" and found["devices"][0]["trials"] == 2
    assert found["on_cpu"][0] == "linear: they compute on a CPU alone" and len(found["on_cpu"]) == 3 and "trial 2: memory ran out" in found["on_cpu"][2]


def test_a_fit_that_spilled_to_the_cpu_is_told_once_however_many_folds_did():
    said = {"score": 0.5, "seconds": 1.0, "predict_seconds": 0.1, "rounds": None, "notes": ["memory ran out on cuda: trained on the CPU"]}
    trial = toy_trial(3, seconds=2.0, device="cuda", note="portfolio, place 1").after_fold(said).after_fold(said)
    assert trial.note == "portfolio, place 1; memory ran out on cuda: trained on the CPU"
    assert device_ledger([trial], toy_plan())["on_cpu"][-1] == f"trial 3: {trial.note}"
    assert toy_trial(4, note="a; b").after_fold({**said, "notes": []}).note == "a; b"


def test_nothing_ran():
    assert device_ledger([], toy_plan()) == {"devices": [], "batches": [], "planned": [], "on_cpu": ["linear: they compute on a CPU alone"]}
