"""Modes and refusals: what was asked holds, a fix that loses on the folds is not done, and what was not measured says so."""

from pathlib import Path

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.clock import Clock
from automl.eda.finding import Change, Effect
from automl.eda.findings import CHECKS, find, shows_loss
from automl.eda.look import Draft, Look
from automl.eda.profile import profile_dataset
from automl.spec.load import load_text
from automl.spec.sections.checks import Checks, mode_of
from automl.vocabulary import Mode

from ..builders import dataset_of, spec_of

GAIN, LOSS, NOISE = (Effect(0.8, 0.8 + c, c, c - h, c + h, "m") for c, h in ((0.03, 0.005), (-0.01, 0.005), (-0.001, 0.005)))


@pytest.fixture
def look():
    rng = np.random.default_rng(0)
    dataset = dataset_of(rng.integers(0, 2, 300), a=rng.normal(size=300), b=rng.normal(size=300))
    split = make_split(dataset, spec_of())
    columns = profile_dataset(dataset, split, Checks(default="off"), {}).columns
    return Look(dataset, split, {"columns": columns}, Clock())


def found(look, monkeypatch, checks=None, **draft):
    made = Draft(("a",), "odd", "mended", "left", change=Change(drop=("a",)), **draft)
    for name in CHECKS:
        monkeypatch.setitem(CHECKS, name, lambda look: iter(()))
    monkeypatch.setitem(CHECKS, "constant", lambda look: iter((made,)))
    return find(look, Checks.model_validate(checks or {}))


def test_a_loss_on_the_folds_refuses_the_fix(look, monkeypatch):
    (finding,) = found(look, monkeypatch, measure=lambda look: LOSS)
    assert (finding.mode, finding.change) == (Mode.WARN, None)
    assert finding.action.startswith("not done: on the folds it loses 0.0100") and finding.effect is LOSS
    assert finding.override == "checks: {constant: fix}"


@pytest.mark.parametrize("effect", [GAIN, NOISE, None])
def test_a_gain_noise_or_no_measure_lets_it_be_done(look, monkeypatch, effect):
    (finding,) = found(look, monkeypatch, measure=lambda look: effect)
    assert (finding.mode, finding.action) == (Mode.FIX, "mended") and finding.change.drop == ("a",)
    assert finding.override == "checks: {constant: warn}"


LUCK, SMALL = Effect(0.8, 0.83, 0.03, -0.003, 0.063, "m"), Effect(0.8, 0.81, 0.01, 0.005, 0.015, "m")


@pytest.mark.parametrize("effect", [NOISE, LUCK, SMALL, None])
def test_what_has_no_reason_but_the_score_needs_a_clear_gain(look, monkeypatch, effect):
    (finding,) = found(look, monkeypatch, measure=lambda look: effect, needs_gain=True)
    assert finding.mode == Mode.WARN and finding.action.startswith("not done")
    (finding,) = found(look, monkeypatch, measure=lambda look: GAIN, needs_gain=True)
    assert finding.mode == Mode.FIX


def test_what_a_new_row_cannot_bring_goes_although_the_score_falls(look, monkeypatch):
    (finding,) = found(look, monkeypatch, measure=lambda look: LOSS, keeps_promise=True)
    assert finding.mode == Mode.FIX and finding.effect is LOSS


def test_asked_for_it_is_done_whatever_the_folds_say(look, monkeypatch):
    for checks in ({"constant": "fix"}, {"default": "fix"}):
        (finding,) = found(look, monkeypatch, checks, measure=lambda look: LOSS)
        assert finding.mode == Mode.FIX and finding.effect is LOSS


def test_what_was_asked_by_name_wins_over_the_default_and_the_checks_own_mode(look, monkeypatch):
    (finding,) = found(look, monkeypatch, {"default": "off", "constant": "fail"}, own=Mode.WARN)
    assert (finding.mode, finding.action, finding.change) == (Mode.FAIL, "left", None)
    (finding,) = found(look, monkeypatch, {"default": "auto"}, own=Mode.WARN)
    assert finding.mode == Mode.WARN
    assert found(look, monkeypatch, {"default": "off"}) == ()


def test_an_exception_brings_one_column_back(look, monkeypatch):
    exception = {"check": "constant", "column": "a", "mode": "fix", "reason": "spelling counts"}
    (finding,) = found(look, monkeypatch, {"constant": "off", "except": [exception]})
    assert (finding.mode, finding.reason) == (Mode.FIX, "spelling counts")


def test_out_of_time_it_is_not_measured_and_says_so(look, monkeypatch):
    look.clock = Clock(0.0)
    finding = next(f for f in found(look, monkeypatch, measure=lambda look: GAIN) if f.check == "constant")
    assert finding.effect is None and "not measured" in finding.action


def test_out_of_time_a_costly_check_says_that_it_did_not_look(look, monkeypatch):
    for name in CHECKS:
        monkeypatch.setitem(CHECKS, name, lambda look: iter(()))
    look.clock = Clock(0.0)
    made = find(look, Checks(group_leak="off"))
    assert {f.check for f in made} == {"label_noise", "drift", "split_overlap", "conflicting_labels", "duplicate_columns", "time_leak"}
    assert all(f.mode == Mode.WARN and "not looked at" in f.message for f in made)


def test_a_loss_is_an_interval_below_zero_or_a_mean_beyond_noise():
    assert shows_loss(LOSS) and not shows_loss(GAIN) and not shows_loss(NOISE)
    assert shows_loss(Effect(0.8, 0.795, -0.005, -0.05, 0.04, "m")) and shows_loss(Effect(0.8, 0.7995, -0.0005, -0.0008, -0.0002, "m"))


def test_as_dict_has_what_machines_read(look, monkeypatch):
    (finding,) = found(look, monkeypatch, measure=lambda look: GAIN)
    made = finding.as_dict()
    assert {"check", "column", "mode", "action", "effect"} <= set(made) and made["effect"]["change"] == GAIN.change and made["mode"] == "fix"


def several(look, monkeypatch, drafts, checks=None):
    for name in CHECKS:
        monkeypatch.setitem(CHECKS, name, lambda look, name=name: iter(drafts.get(name, ())))
    return find(look, Checks.model_validate(checks or {}))


def test_all_of_a_long_list_is_done_and_the_rest_of_it_is_one_line(look, monkeypatch):
    drafts = [Draft((f"c{i}",), "one value", "left out", change=Change(drop=(f"c{i}",))) for i in range(250)]
    made = several(look, monkeypatch, {"constant": drafts})
    assert len(made) == 201 and made[-1].message == "50 more of this check, as above"
    assert {name for f in made for name in f.change.drop} == {f"c{i}" for i in range(250)}


def test_findings_that_another_makes_void_are_left_out(look, monkeypatch):
    drop = Draft(("x",), "copy", "left out", change=Change(drop=("x",)))
    number = Draft(("n",), "words", "read", change=Change(lenient=("n",)))
    levels = [Draft((c,), "levels", "shares", change=Change(recipe={c: {"encode": "target"}})) for c in "xnk"]
    kept = Draft(("x", "z"), "together", "x alone", change=Change(recipe={"z": {"linear": False}}), evidence={"kept": "x"}, effect=GAIN)
    made = several(look, monkeypatch, {"duplicate_columns": [drop], "mixed_types": [number], "high_cardinality": levels, "correlated_groups": [kept]})
    assert {(f.check, f.column) for f in made} == {("duplicate_columns", "x"), ("mixed_types", "n"), ("high_cardinality", "k")}


def test_an_exception_takes_its_column_out_of_a_finding_of_several(look, monkeypatch):
    draft = Draft(("a", "b"), "moved", "left out", change=Change(drop=("a", "b")))
    exception = {"check": "drift", "column": "b", "mode": "off", "reason": "known"}
    (made,) = several(look, monkeypatch, {"drift": [draft]}, {"drift": "fix", "except": [exception]})
    assert made.columns == ("a",) and made.change.drop == ("a",)
    assert several(look, monkeypatch, {"drift": [draft]}, {"drift": "fix", "except": [exception, {**exception, "column": "a"}]}) == ()


def test_the_override_of_an_exception_is_the_exception(look, monkeypatch):
    exception = {"check": "constant", "column": "a", "mode": "warn", "reason": "known: all of it"}
    (made,) = found(look, monkeypatch, {"except": [exception]})
    loaded = load_text(f"data: t.csv\ntask: {{type: classification, target: y}}\n{made.override}\n".encode(), Path("s.yaml"), {}, with_data=False)
    assert loaded.spec is not None and mode_of(loaded.spec.checks, "constant", "a") == "fix"
