import pytest

from automl.spec.keys import Later, Section, key
from automl.spec.model import Spec
from automl.spec.sections.data import Data
from automl.spec.suggest import is_later, keys_in, suggest_key


@pytest.mark.parametrize(
    ("word", "parent", "section", "near"),
    [("target", "", Spec, "task.target"), ("Seed", "", Spec, "seed"), ("timeout", "", Spec, "constraints.time"), ("delimiter", "data", Data, "data.csv.separator"),
     ("trian", "data", Data, "data.train"), ("qqqq", "", Spec, "")],
)  # fmt: skip
def test_keys(word, parent, section, near):
    assert suggest_key(word, parent, section) == near


class Toy(Section):
    ready: int = key(1, "Works.")
    coming: Later = key(None, "Does not work yet.", later=True)


def test_a_key_that_is_not_there_yet_is_never_suggested():
    assert keys_in(Toy) == ["ready"] and is_later(Toy, "coming") and not is_later(Toy, "ready")
    assert suggest_key("comming", "", Toy) == "" and suggest_key("raedy", "", Toy) == "ready"
