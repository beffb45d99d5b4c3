"""An artifact says all it is made of, and holds it whole."""

import hashlib
import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from automl.artifact.load import FEATURES, MODEL, load
from automl.artifact.pack import FORMAT, engine_version, pack
from automl.families import FAMILIES
from automl.families.base import Context, FitData, Progress
from automl.features.fit import fit_transform
from automl.finalize.candidate import Candidate
from automl.inference.decision import Decision
from automl.inference.features import Features
from automl.inference.forms import Form, Model
from automl.inference.table import Column, Field, Table
from automl.quantize.ladder import rungs
from automl.testing.contract import FIELDS, fitted, sample
from tests.features.test_fit import FIELDS as EVERY
from tests.features.test_fit import RECIPE, everything

FACTS = {"task": "classification", "target": "y", "classes": ["no", "yes"], "positive_class": "yes", "metric": "roc_auc"}


def packed(folder, family="logistic_regression", precision="float32", fields=FIELDS):
    """Return the candidate whose artifact was written to `folder`."""
    record = FAMILIES.get("classification", family)
    _, form, features, _, _ = fitted(record)
    given = Candidate(family, "float32", "as trained", features.form, form, (), 0)
    chosen = next(c for c in rungs(given, {given.family: record.scheme}, [precision]) if c.precision == precision)
    pack(folder, chosen, fields, FACTS)
    return chosen


def test_the_manifest_says_what_is_in_the_folder(tmp_path):
    given = packed(tmp_path / "a", precision="int8")
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert {p.name for p in (tmp_path / "a").iterdir()} == {"manifest.json", FEATURES, MODEL}
    assert manifest["format"] == FORMAT and manifest["precision"] == "int8" and manifest["scheme"] == given.scheme
    assert {k: manifest[k] for k in FACTS} == FACTS
    assert manifest["columns"] == json.loads(json.dumps([asdict(f) for f in FIELDS]))
    assert manifest["made_with"]["automl"] == engine_version()
    for name, facts in manifest["parts"].items():
        content = (tmp_path / "a" / name).read_bytes()
        assert facts == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_the_same_candidate_packs_to_the_same_bytes(tmp_path):
    given = packed(tmp_path / "a")
    pack(tmp_path / "b", given, FIELDS, FACTS)
    for name in (FEATURES, MODEL, "manifest.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_what_was_packed_predicts_the_same(tmp_path):
    table, _ = sample(50, seed=3)
    for precision in ("float32", "int8"):
        given = packed(tmp_path / precision, precision=precision)
        predictor = load(tmp_path / precision)
        x = predictor.matrix(table)
        assert np.array_equal(predictor.proba(table), Model(given.model).predict(x))


def test_columns_that_no_step_reads_are_not_asked_for(tmp_path):
    packed(tmp_path / "a", fields=(*FIELDS, Field("unused", "number")))
    assert [f.name for f in load(tmp_path / "a").fields] == [f.name for f in FIELDS]


def test_a_constant_needs_no_column(tmp_path):
    form = Form("constant", {}, {"output": np.array([0.25, 0.75], np.float32)})
    pack(tmp_path / "a", Candidate("baseline", "float32", "", Form("features", {"steps": [], "sparse": False}), form, (), None), FIELDS, FACTS)
    predictor = load(tmp_path / "a")
    assert predictor.fields == ()
    assert predictor.proba(Table({"x": Column("number", np.zeros(2))}, 2)).tolist() == [[0.25, 0.75]] * 2


def test_packing_again_replaces_the_artifact(tmp_path):
    packed(tmp_path / "a")
    packed(tmp_path / "a", precision="float16")
    assert load(tmp_path / "a").precision == "float16" and len(list((tmp_path / "a").iterdir())) == 3


def test_what_was_decided_on_cleaning_goes_along(tmp_path):
    cleaned = (Field("number", "number", absent=("-9",), lenient=True), Field("word", "category", aliases={"rot": "red"}, absent=("?",)), *FIELDS[2:])
    given = packed(tmp_path / "a", fields=cleaned)
    predictor = load(tmp_path / "a")
    assert predictor.fields == cleaned and given.family
    row = {"text": "a note", "day": "2024-01-31"}
    clean, dirty = {**row, "number": None, "word": "red"}, {**row, "number": "-9", "word": "rot"}
    assert predictor.predict_row(dirty) == predictor.predict_row(clean) == predictor.predict_row({**clean, "number": "a word"})
    assert predictor.predict_row({**clean, "word": "?"}) == predictor.predict_row({**clean, "word": None})


def test_every_kind_of_step_survives_the_folder(tmp_path):
    table, y, time = everything()
    family = FAMILIES.get("classification", "logistic_regression")
    form, x = fit_transform(table, EVERY, y, family.needs, RECIPE, time)
    context = Context("classification", len(y), len(EVERY), 2, text=True)
    estimator = family.fit(family.build(family.space(context).default(), context), FitData(x, y), Progress())
    candidate = Candidate(family.name, "float32", "as trained", form, family.export(estimator, context), (), None)
    pack(tmp_path / "a", candidate, EVERY, FACTS)
    predictor = load(tmp_path / "a")
    new, _, _ = everything(50, seed=3)
    expected = Model(candidate.model).predict(Features(form).transform(new))
    assert np.array_equal(predictor.proba(new), expected)
    assert [f.name for f in predictor.fields] == [f.name for f in EVERY]


@pytest.mark.parametrize(("family", "holds"), [("knn", True), ("svm", True), ("logistic_regression", False), ("xgboost", False)])
def test_an_artifact_that_holds_training_rows_says_so(tmp_path, family, holds):
    packed(tmp_path / "a", family)
    assert json.loads((tmp_path / "a" / "manifest.json").read_text())["holds_training_rows"] is holds


DECISIONS = [Decision(temperature=1.6), Decision(threshold=0.01, positive=0), Decision(curves=(((0.2, 0.8), (0.1, 0.6)),), threshold=0.605)]


@pytest.mark.parametrize("decision", DECISIONS)
def test_the_decision_goes_along_and_gives_the_same_labels(tmp_path, decision):
    given = replace(packed(tmp_path / "plain"), decision=decision)
    pack(tmp_path / "a", given, FIELDS, FACTS)
    plain, predictor = load(tmp_path / "plain"), load(tmp_path / "a")
    table, _ = sample(200, seed=3)
    expected = decision.calibrate(plain.proba(table))
    assert predictor.decision == decision and np.array_equal(predictor.proba(table), expected)
    labels = predictor.labels(predictor.proba(table))
    assert labels.tolist() == [FACTS["classes"][c] for c in decision.codes(expected)]
    if not decision.plain:
        assert labels.tolist() != plain.labels(plain.proba(table)).tolist()
    row = {"number": 0.1, "word": "red", "text": "a note", "day": "2024-01-31"}
    one = predictor.predict_row(row)
    p = np.array([list(one["proba"].values())], np.float32)
    assert one["prediction"] == FACTS["classes"][decision.codes(p)[0]]
    assert p[0] == pytest.approx(decision.calibrate(np.array([list(plain.predict_row(row)["proba"].values())], np.float32))[0], abs=1e-6)
