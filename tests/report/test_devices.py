"""The ledger in words, and a picture in which trials of one job stand in one lane."""

import pytest

from automl.report import devices as under_test
from automl.report.searched import timeline

LEDGER = {
    "devices": [{"device": "cpu", "trials": 9, "seconds": 61.0, "use": 0.5, "peak_mb": 0, "batched": 8}, {"device": "cuda", "trials": 1, "seconds": 1.0, "use": None, "peak_mb": 2048, "batched": 0}],
    "batches": [{"job": 2, "family": "mlp", "device": "cpu", "trials": [2, 3, 4, 6, 8, 9], "asked": 6, "slots": 30, "at_once": 15, "seconds": 40.0, "peak_mb": 0, "notes": ["fewer"]}],
    "planned": [{"family": "mlp", "trials": 8, "slots": 40, "why": "it pays"}, {"family": "tabm", "trials": 1, "slots": 5, "why": "it does not"}],
    "on_cpu": ["everything: none is seen"],
}  # fmt: skip


def test_devices_jobs_and_reasons_are_told():
    found = under_test.devices_view({"devices": LEDGER})
    assert found["rows"][0] == {"device": "CPU", "trials": 9, "seconds": "1 min 1 s", "use": "50%", "peak": "not measured", "batched": 8}
    assert found["rows"][1]["peak"] == "2,048 MB" and found["rows"][1]["use"] is None
    assert found["jobs"][0]["trials"] == "2 to 4, 6, 8, 9" and found["jobs"][0]["notes"] == "fewer" and found["n_jobs"] == 1
    assert [p["size"] for p in found["planned"]] == ["up to 8 trials, 40 fits at once", "one at a time"] and found["on_cpu"] == ["everything: none is seen"]


@pytest.mark.parametrize("study", [{}, {"devices": None}, {"devices": {**LEDGER, "devices": []}}])
def test_a_run_without_a_ledger_has_no_section(study):
    assert under_test.devices_view(study) is None


def _trial(number, started, seconds, share=None):
    batch = {"job": 2, "seconds": share} if share is not None else {}
    return {"number": number, "family": "mlp", "state": "ok", "score": 0.5, "started": started, "seconds": seconds, "cause": "", "params": {}, "batch": batch}


def test_trials_of_one_job_follow_each_other_by_their_shares():
    trials = [_trial(1, 0.0, 1.0), _trial(2, 1.0, 4.0, 1.0), _trial(3, 1.0, 2.0, 3.0), _trial(4, 5.0, 1.0)]
    found = under_test.laid_out(trials)
    assert [(t["number"], t["started"], t["seconds"]) for t in found] == [(1, 0.0, 1.0), (2, 1.0, 1.0), (3, 2.0, 3.0), (4, 5.0, 1.0)]
    assert len({m["y"] for m in timeline(trials, 6.0)["marks"]}) == 1
