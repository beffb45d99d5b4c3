import pytest

from automl.spec.model import Spec
from automl.spec.sections.data import Data
from automl.spec.suggest import suggest_key


@pytest.mark.parametrize(
    ("word", "parent", "section", "near"),
    [("target", "", Spec, "task.target"), ("Seed", "", Spec, "seed"), ("timeout", "", Spec, "constraints.time"), ("delimiter", "data", Data, "data.csv.separator"),
     ("trian", "data", Data, "data.train"), ("qqqq", "", Spec, "")],
)  # fmt: skip
def test_keys(word, parent, section, near):
    assert suggest_key(word, parent, section) == near


def test_a_key_that_is_not_there_yet_is_never_suggested():
    assert suggest_key("refti", "validation", Spec.model_fields["validation"].annotation) != "validation.refit"
