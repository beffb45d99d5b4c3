"""Packed rungs of a task without a label: measured again, the one that ships, and what was asked of it."""

from dataclasses import replace

import numpy as np
import pytest

from automl.artifact.pack import pack
from automl.evaluate.unlabelled import gate_sentences, measure_rungs
from automl.features.recipe import Recipe
from automl.features.view import view_of
from automl.finalize.candidate import Candidate
from automl.inference.forms import Form
from automl.inference.table import Column, Field, Table
from automl.plan.limits import Limits

from ..search.test_unlabelled import toy_plan

FIELDS = (Field("a", "number"), Field("b", "number"))
TABLE = Table({name: Column("number", np.random.default_rng(i).normal(size=300)) for i, name in enumerate("ab")}, 300)


@pytest.fixture
def rungs(tmp_path):
    view = view_of(TABLE, FIELDS, Recipe(), np.arange(300))

    def rung(precision, weights, **facts):
        form = Form("projection", {}, {"weights": weights, "bias": np.zeros(2, np.float32)})
        return Candidate("pca", precision, precision, view.form, form, (), 1, **facts)

    wide = np.eye(2, dtype=np.float32)
    made = [
        rung("float32", wide, drop=0.0, drop_upper=0.0), rung("float16", wide.astype(np.float16), drop=0.0, drop_upper=0.0),
        rung("int8", (wide * 1.2).astype(np.float16), drop=0.04, drop_upper=0.05),
    ]  # fmt: skip
    folders = [tmp_path / c.precision for c in made]
    for folder, candidate in zip(folders, made, strict=True):
        pack(folder, candidate, FIELDS, {"task": "dimensionality_reduction", "target": "", "classes": [], "positive_class": None, "metric": "", "csv": {}})
    return made, folders


def plan(**changes):
    return toy_plan(task="dimensionality_reduction", precisions=("float32", "float16", "int8"), seconds=20.0, **changes)


def test_the_smallest_rung_that_agrees_ships(rungs):
    found = measure_rungs(plan(), *rungs, TABLE)
    assert [r["precision"] for r in found.ladder if r["chosen"]] == ["float16"] and found.chosen == 1
    assert found.ladder[0]["score"] == 1.0 and found.ladder[1]["agreement"] == 1.0 and not found.ladder[2]["passes"]
    assert found.ladder[2]["drop"] == pytest.approx(0.04, rel=0.05) and all(r["rows_per_second"] > 0 and r["batch1_p95_ms"] > 0 for r in found.ladder)
    assert found.ladder[1]["size_bytes"] < found.ladder[0]["size_bytes"]


def test_what_is_preferred_and_asked_for(rungs):
    assert measure_rungs(plan(prefer="most_accurate"), *rungs, TABLE).chosen == 0
    assert measure_rungs(replace(plan(), precisions=("float32",)), *rungs, TABLE).chosen == 0
    assert measure_rungs(replace(plan(), precisions=("int8",)), *rungs, TABLE).chosen == 0  # it loses too much, so float32 ships


def test_limits_on_the_artifact(rungs):
    asked = plan(limits=Limits(10, 1e4))
    found = measure_rungs(asked, *rungs, TABLE)
    assert found.missed == ("model_size",) and [(r["name"], r["met"]) for r in found.constraints] == [("model_size", False), ("latency", True)]
    gate = gate_sentences(asked, found)
    assert gate["failed"] == ["model_size"] and not gate["met"] and gate["sentences"][0].startswith("model_size: asked at most 10 B")
    wished = plan(limits=Limits(10, None, soft=("model_size",)))
    gate = gate_sentences(wished, measure_rungs(wished, *rungs, TABLE))
    assert gate["met"] and gate["missed"] == ["model_size"] and gate_sentences(plan(), found) is None
