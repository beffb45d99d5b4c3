"""Models without labels in fewer bits: rows stay where they were, and a way that moves too many is followed by a finer one."""

from importlib.util import find_spec

import numpy as np
import pytest

import automl.quantize.escalate as escalate
from automl.families import FAMILIES
from automl.finalize.candidate import Candidate
from automl.inference.forms import Form, Model
from automl.inference.storage import from_bytes, to_bytes
from automl.quantize.agreement import LOSSES, agreed_rungs, cluster_losses, coordinate_losses
from automl.quantize.ladder import words_of
from automl.quantize.schemes import precisions_of, steps_of, store
from automl.search.fits import Fit, run_fit

CLUSTERS, REDUCTION = "clustering", "dimensionality_reduction"
EXTRA = {"dbscan": {"dense": 0.95}, "hdbscan": {"least": 0.1}, "mean_shift": {"window": 0.3}}


def rows(n=300, seed=0, d=8):
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % 3
    return (6 * np.eye(d)[truth] + rng.normal(0, 0.5, (n, d))).astype(np.float32), truth


def form_of(task, name):
    from automl.families.base import Context

    family = FAMILIES.get(task, name)
    if any(find_spec(package) is None for package in family.requires):
        pytest.skip("a package is absent")
    x, y = rows()
    params = {**family.space(Context(task, len(x), x.shape[1], 3)).default(), **EXTRA.get(name, {})}
    found = run_fit(task, Fit(name, params, needs_form=True), x, y)
    return found.form, x


@pytest.mark.parametrize(("task", "name"), [(t, n) for t in (CLUSTERS, REDUCTION) for n in FAMILIES.names(t)])
def test_every_family_keeps_its_answers_in_fewer_bits(task, name):
    form, x = form_of(task, name)
    family = FAMILIES.get(task, name)
    can = precisions_of(form)
    assert (family.scheme is None) == (can == ("float32",)), (name, form.kind)
    reference = Model(form).predict(x)
    size = form.n_bytes
    for precision in can[1:]:
        stored, words = store(form, precision)
        assert words and (stored.n_bytes < size or (precision == "int8" and stored.n_bytes == size)), (name, precision)
        size = stored.n_bytes
        lost = LOSSES[task](reference, Model(from_bytes(to_bytes(stored), "m")).predict(x)).mean()
        assert lost <= (0.001 if precision == "float16" else 0.02), (name, precision, lost)


def candidate(form):
    return Candidate("pca", "float32", "as fitted", Form("features", {"steps": [], "sparse": False}), form, (), 0)


def test_rungs_are_judged_and_a_rung_that_passes_is_stored_the_plain_way():
    form, x = form_of(CLUSTERS, "kmeans")
    found = agreed_rungs(candidate(form), "tables", ("float32", "float16", "int8"), x, cluster_losses, 0, 0.001)
    assert [r.precision for r in found] == ["float32", "float16", "int8"] and [r.drop for r in found] == [0.0, 0.0, 0.0]
    assert agreed_rungs(candidate(form), None, ("float32", "int8"), x, cluster_losses, 0, 0.001)[0].precision == "float32"


def test_a_finer_way_is_tried_where_the_plain_one_moves_too_much():
    form, x = form_of(REDUCTION, "random_fourier")
    assert steps_of(form) == 2
    plain = agreed_rungs(candidate(form), "tables", ("int8",), x, coordinate_losses, 0, 1.0)[-1]
    finer = agreed_rungs(candidate(form), "tables", ("int8",), x, coordinate_losses, 0, plain.drop_upper * 0.9)[-1]
    assert not plain.tried and "tried before: 8-bit waves" in words_of(finer) and finer.drop < plain.drop
    assert escalate.passes(plain, 1.0)
