"""The checks on real tables: no false stop, and the planted or known faults are caught."""

import json

import pytest

from automl.data.dataset import load_dataset
from automl.data.split import make_split
from automl.eda.profile import profile_dataset
from automl.spec.model import Spec

from ..conftest import shared

TABLES = [
    "adult", "german_credit", "glass", "horse_colic", "mammography", "pima_diabetes", "sms_spam", "sonar", "soybean", "titanic", "vehicle",
]  # fmt: skip


def findings(name, keep=()):
    path = shared(name)
    meta = json.loads(path.with_name("meta.json").read_text())
    drop = [c for c in [*meta.get("drop", []), *meta.get("id_columns", [])] if c not in keep]
    spec = Spec.model_validate({"data": {"train": str(path), "columns": {"drop": drop}}, "task": {"type": "classification", "target": meta["target"]}})
    dataset = load_dataset(spec, path.parent)
    split = make_split(dataset, spec)
    return profile_dataset(dataset, split, spec.checks, {}).findings


@pytest.mark.parametrize("name", TABLES)
def test_nothing_stops_a_sound_table(name):
    assert [(f.check, f.column, f.message) for f in findings(name) if f.mode == "fail"] == []


def test_the_known_leak_of_titanic_is_caught():
    stops = [f for f in findings("titanic", keep=("alive",)) if f.mode == "fail"]
    assert [(f.check, f.column) for f in stops] == [("target_leakage", "alive")]
    assert stops[0].effect is not None and stops[0].effect.change < -0.05


def test_a_leak_is_caught_beside_its_copy():
    """Leaving one of two copies out changes nothing; they are judged together."""
    found = findings("titanic", keep=("alive", "class", "who", "adult_male", "embark_town", "alone"))
    assert [(f.check, f.column) for f in found if f.mode == "fail"] == [("target_leakage", "alive")]
    same = {f.column: f.evidence["same_as"] for f in found if f.check == "duplicate_columns"}
    assert same.keys() & {"class", "pclass"} and same.keys() & {"embark_town", "embarked"}
