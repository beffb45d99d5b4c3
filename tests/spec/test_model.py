"""What the format names and this version lacks is refused by name, at its place, and never ignored."""

import pytest

from automl.spec.explain import field_of
from automl.spec.keys import extra_of
from automl.spec.load import load
from automl.spec.suggest import all_keys

LATER = [k.path for k in all_keys() if extra_of(field_of(k))["later"] is True]


@pytest.mark.parametrize("path", LATER)
def test_each_key_that_is_not_there_yet_is_refused(path, tmp_path):
    parts = path.split(".")
    text = "data:\n  train: a.csv\ntask:\n  type: classification\n  target: y\n"
    if parts[0] == "task":
        pytest.skip("keys of tasks are held apart by their branch") if parts[1] not in ("costs", "balance") else None
        text += f"  {parts[1]}: 1\n"
    elif parts[0] == "data" and len(parts) == 2:
        text = text.replace("  train: a.csv\n", f"  train: a.csv\n  {parts[1]}: 1\n")
    elif parts[0] == "data":
        text = text.replace("  train: a.csv\n", f"  train: a.csv\n  {parts[1]}: {{{parts[2]}: z}}\n")
    else:
        text += f"{parts[0]}: {{{parts[1]}: 1}}\n"
    (tmp_path / "s.yaml").write_text(text)
    loaded = load(tmp_path / "s.yaml", with_data=False)
    assert loaded.spec is None and [d.code for d in loaded.found] == ["S104"], [d.message for d in loaded.found]
    assert f"`{path}`" in loaded.found[0].message


def test_a_spec_cannot_be_changed_once_read(tmp_path):
    (tmp_path / "s.yaml").write_text("data: a.csv\ntask: {type: classification, target: y}\n")
    spec = load(tmp_path / "s.yaml", with_data=False).or_raise()
    with pytest.raises(Exception, match="frozen"):
        spec.seed = 3  # type: ignore[misc]
    assert spec.goal.target == "y" and spec.constraints.time == 600.0
