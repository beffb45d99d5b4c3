"""Fits inside a worker: what is written and said of each, and that a fault of one is not the end."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.inference.storage import read_form
from automl.search.workers.fits import LABELS, MATRIX, run_fits

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)


@pytest.fixture
def worker(tmp_path):
    (tmp_path / "x").mkdir()
    np.save(tmp_path / "x" / MATRIX, X)

    def run(*asked):
        said, queue = [], [{"go": True, "number": i, "deadline": None, "fit": {"family": "wild", "data": "x", **one}} for i, one in enumerate(asked, 1)]
        job = {
            "folder": str(tmp_path), "memory_mb": 900, "families": {"wild": "tests.finders:WILD", "kmeans": "automl.families.clusterers.kmeans:FAMILY"},
            "context": {"task": "clustering", "threads": 1, "device": "cpu"},
        }  # fmt: skip
        run_fits(job, said.append, lambda: queue.pop(0) if queue else {})
        return said

    yield tmp_path, run
    FAMILIES.remove("clustering", "wild")


def test_what_a_fit_says_is_on_disk_before_it_is_told(worker):
    folder, run = worker
    (said,) = run({"params": {"how": "ok"}})
    assert said["kind"] == "fitted" and said["number"] == 1 and not said["form"] and said["peak_memory_mb"] > 0
    assert (np.load(folder / "1.npy") == (X[:, 0] > 0)).all()


def test_a_form_is_written_where_it_is_asked_for(worker):
    folder, run = worker
    (said,) = run({"family": "kmeans", "params": {"clusters": 2}, "needs_form": True})
    assert said["form"] and read_form(folder / "1.safetensors").kind == "centroids"


def test_a_fault_is_told_and_the_next_fit_runs(worker):
    _, run = worker
    first, second = run({"params": {"how": "error"}}, {"params": {"how": "ok"}})
    assert first["kind"] == "failed" and first["state"] == "error" and "does not like" in first["cause"] and second["kind"] == "fitted"


def test_a_family_that_nobody_knows_is_a_fault_of_its_fit(worker):
    _, run = worker
    (said,) = run({"family": "nobody", "params": {}})
    assert said["kind"] == "failed" and "nobody" in said["cause"]


def test_labels_reach_the_fit(worker):
    folder, run = worker
    np.save(folder / "x" / LABELS, np.arange(40) % 3)
    assert run({"params": {"how": "ok"}})[0]["kind"] == "fitted"
