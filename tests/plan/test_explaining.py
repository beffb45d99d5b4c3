import pytest
from pydantic import ValidationError

from automl.plan.explaining import Explaining, resolve_explain
from automl.vocabulary import Decision
from tests.builders import spec_of


def resolved(**sections):
    decisions: list[Decision] = []
    return resolve_explain(spec_of(**sections), lambda *d: decisions.append(Decision(*d)) or d[1]), {d.key: d for d in decisions}


def test_what_is_explained_by_default_and_why():
    found, decisions = resolved()
    assert found == Explaining(True, 6, 5, True, True) and found.anything
    assert decisions["explain.importance"].value == "permutation" and all(d.because != "asked for" for d in decisions.values())


def test_what_was_asked_for_is_done():
    found, decisions = resolved(explain={"importance": "none", "effects": 0, "examples": 50, "slices": "none"}, report={"sample_rows": 0})
    assert found == Explaining(False, 0, 50, False, False) and "sample_rows" in decisions["explain.examples"].because
    assert {d.because.split(";")[0] for d in decisions.values()} == {"asked for"}
    assert not resolved(explain={"importance": "none", "effects": 0, "examples": 0, "slices": "none"})[0].anything
    assert resolved(explain={"importance": "permutation"})[1]["explain.importance"].because == "asked for"
    assert resolved(explain={"importance": "auto"})[1]["explain.importance"].because != "asked for"


@pytest.mark.parametrize("wrong", [{"importance": "shap"}, {"effects": -1}, {"effects": 51}, {"examples": True}, {"slices": "all"}, {"shap": 1}])
def test_what_is_not_known_is_refused(wrong):
    with pytest.raises(ValidationError):
        spec_of(explain=wrong)
