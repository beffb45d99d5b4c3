import pytest

from automl.errors import MissingPackageError, UsageError
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


def _points(monkeypatch, **values):
    """Make entry points of a package `toys 1.2` out of names and locators."""
    from types import SimpleNamespace

    dist = SimpleNamespace(name="toys", version="1.2")
    points = [SimpleNamespace(name=f"t.{name}", value=value, dist=dist) for name, value in values.items()]
    monkeypatch.setattr("automl.registry.entry_points", lambda group: points)


def test_an_entry_says_which_package_it_is_of_and_none_of_ours_can_be_replaced(monkeypatch):
    _points(monkeypatch, mine="json:loads", ours="json:dump")
    registry: Registry[object] = Registry("thing", "g")
    registry.add("t", "ours", "json:dumps")
    assert registry.get("t", "ours")(1) == "1" and registry.origin("t", "ours") == "" and registry.origin("t", "mine") == "toys 1.2"


def test_an_entry_that_cannot_be_imported_is_no_harm_until_it_is_asked_for(monkeypatch):
    _points(monkeypatch, broken="no_such_module:x", empty="json:nothing_there", fine="json:loads")
    registry: Registry[object] = Registry("thing", "g")
    registry.add("t", "ours", "no_such_module:x")
    assert registry.names("t") == ["ours", "broken", "empty", "fine"] and registry.usable("t") == ["ours", "fine"]
    assert registry.fault("t", "fine") == registry.fault("t", "ours") == "" and "no_such_module" in registry.fault("t", "broken")
    with pytest.raises(MissingPackageError, match=r"thing `broken` of the package toys 1.2 cannot be imported: ModuleNotFoundError"):
        registry.get("t", "broken")
