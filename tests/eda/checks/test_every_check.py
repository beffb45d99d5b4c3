"""Each check: a table that triggers it, one that does not, what its fix changes, and the line that overrides it."""

from pathlib import Path

import pytest

from automl.data.dataset import Dataset, load_dataset
from automl.data.split import Split, make_split
from automl.eda.act import treat
from automl.eda.checks import CHECKS
from automl.eda.finding import Finding
from automl.eda.profile import profile_dataset
from automl.spec.load import load_text
from automl.spec.model import Spec
from automl.spec.sections.checks import CHECKS as DECLARED

from .cases import CASES, Case

ids = [c.check for c in CASES]
OF_ONE_COLUMN = [c for c in CASES if c.column and c.column != "y" and "," not in c.column]


def look_at(case: Case, folder: Path, *, quiet: bool = False, checks: dict | None = None) -> tuple[Spec, Dataset, Split, list[Finding]]:
    """Return the findings of the case's check on one of its tables."""
    (case.quiet if quiet else case.fires)().to_csv(folder / "t.csv", index=False)
    data: dict = {"train": "t.csv", **case.spec}
    test = case.quiet_test if quiet else case.test
    if test is not None:
        test().to_csv(folder / "new.csv", index=False)
        data["test"] = "new.csv"
    spec = Spec.model_validate({"data": data, "task": {"type": "classification", "target": case.target}, "checks": checks or {}})
    dataset = load_dataset(spec, folder)
    split = make_split(dataset, spec)
    profile = profile_dataset(dataset, split, spec.checks, {})
    return spec, dataset, split, [f for f in profile.findings if f.check == case.check]


def test_every_declared_check_is_built_and_has_a_case():
    assert set(CHECKS) == set(DECLARED)
    assert set(DECLARED) - set(ids) == {"clusterability", "intrinsic_dimension"}  # of tables without a target: test_shape.py


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_it_fires_where_it_should_with_its_own_mode(case, tmp_path):
    found = look_at(case, tmp_path)[3]
    assert found, "nothing found"
    assert case.column in [f.column for f in found], [f.column for f in found]
    first = next(f for f in found if f.column == case.column)
    assert first.mode == case.mode, (first.mode, first.message, first.action)
    assert first.message and first.action and case.check in first.override


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_it_is_quiet_where_there_is_nothing(case, tmp_path):
    found = look_at(case, tmp_path, quiet=True)[3]
    assert not found, [(f.column, f.message) for f in found]


@pytest.mark.parametrize("case", [c for c in CASES if c.acted], ids=[c.check for c in CASES if c.acted])
def test_its_fix_changes_the_data_and_only_when_asked(case, tmp_path):
    spec, dataset, split, found = look_at(case, tmp_path, checks={case.check: "fix"})
    assert all(f.mode == "fix" for f in found)
    assert case.acted(treat(dataset, split, found, spec), dataset)
    spec, dataset, split, found = look_at(case, tmp_path, checks={case.check: "warn"})
    assert found and all(f.mode == "warn" and f.change is None for f in found)
    assert not case.acted(treat(dataset, split, found, spec), dataset)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_its_override_line_is_a_valid_spec_and_changes_the_mode(case, tmp_path):
    found = look_at(case, tmp_path)[3]
    first = next(f for f in found if f.column == case.column)
    text = f"data: t.csv\ntask: {{type: classification, target: y}}\n{first.override}\n"
    loaded = load_text(text.encode(), tmp_path / "s.yaml", {}, with_data=False)
    assert loaded.spec is not None, loaded.found
    asked = getattr(loaded.spec.checks, case.check)
    assert asked is not None and asked != first.mode
    again = look_at(case, tmp_path, checks={case.check: asked})[3]
    assert all(f.mode == asked for f in again) and (bool(again) == (asked != "off"))


@pytest.mark.parametrize("case", OF_ONE_COLUMN, ids=[c.check for c in OF_ONE_COLUMN])
def test_an_exception_holds_for_its_column_alone_and_its_reason_is_kept(case, tmp_path):
    exception = {"check": case.check, "column": case.column, "mode": "off", "reason": "known"}
    assert case.column not in [f.column for f in look_at(case, tmp_path, checks={"except": [exception]})[3]]
    exception["mode"] = "warn"
    mine = [f for f in look_at(case, tmp_path, checks={"except": [exception]})[3] if f.column == case.column]
    assert [(f.mode, f.reason) for f in mine] == [("warn", "known")]


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_default_off_finds_nothing_and_default_warn_changes_nothing(case, tmp_path):
    assert not look_at(case, tmp_path, checks={"default": "off"})[3]
    spec, dataset, split, found = look_at(case, tmp_path, checks={"default": "warn"})
    treated = treat(dataset, split, found, spec)
    assert treated.dataset is dataset and treated.split is split and not treated.recipe
