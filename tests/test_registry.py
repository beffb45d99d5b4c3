import pytest

from automl.errors import UsageError
from automl.registry import Registry


def test_entries_are_imported_on_first_use_only():
    registry: Registry[object] = Registry("thing")
    registry.add("t", "broken", "no_such_module:x")
    registry.add("t", "fine", "json:dumps")
    assert registry.names("t") == ["broken", "fine"] and registry.tasks() == ["t"]
    assert registry.get("t", "fine")(1) == "1"
    with pytest.raises(ModuleNotFoundError):
        registry.get("t", "broken")


def test_unknown_name_gets_the_nearest():
    registry: Registry[object] = Registry("thing")
    registry.add("t", "xgboost", "json:dumps")
    with pytest.raises(UsageError, match="did you mean `xgboost`"):
        registry.get("t", "xgbost")


def test_entry_points_of_other_packages_are_found(monkeypatch):
    class Point:
        name, value = "classification.mine", "json:loads"

    monkeypatch.setattr("automl.registry.entry_points", lambda group: [Point] if group == "g" else [])
    assert Registry("thing", "g").names("classification") == ["mine"]
