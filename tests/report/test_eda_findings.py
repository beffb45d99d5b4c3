import pytest

from automl.report.eda_findings import FOLDED, NAMED, SHOWN, findings_part, flags_of, name_of, pieces
from automl.spec.sections.checks import CHECKS

from .looks import EFFECT, finding


def _part(*findings):
    return findings_part({"findings": list(findings)})


def test_findings_stand_by_what_they_do_to_a_run_in_the_order_given():
    part = _part(finding(mode="fail"), finding("constant"), finding("drift", mode="warn"), finding("id_like"))
    assert [(h["mode"], h["count"], [g["check"] for g in h["groups"]]) for h in part["heads"]] == [
        ("fail", 1, ["Missing values"]), ("fix", 2, ["A single value", "Looks like an id"]), ("warn", 1, ["Drift"]),
    ]  # fmt: skip
    assert part["count"] == 4


def test_what_one_check_found_in_several_columns_is_one_group_where_its_first_stood():
    part = _part(finding(columns=("a",)), finding("constant"), finding(columns=("b",)))
    first, second = part["heads"][0]["groups"]
    assert first["check"] == "Missing values" and first["count"] == 2 and [i["columns"] for i in first["items"]] == [["a"], ["b"]]
    assert second["count"] == 1


def test_an_action_is_said_once_where_it_is_the_same_and_with_each_where_not():
    same = _part(finding(columns=("a",)), finding(columns=("b",)))["heads"][0]["groups"][0]
    assert same["action"][0]["text"] == "Imputed" and not any(i["action"] for i in same["items"])
    apart = _part(finding(columns=("a",)), finding(columns=("b",), action="left out"))["heads"][0]["groups"][0]
    assert apart["action"] == [] and [i["action"][0]["text"] for i in apart["items"]] == ["Imputed", "Left out"]


def test_figures_of_a_fix_that_was_not_done_stand_in_its_bar_alone():
    actions = [f"not done: on the folds it loses 0.0{i}00 (-0.0166 to +0.0090)" for i in (1, 2)]
    group = _part(*(finding(action=a, mode="warn", effect=EFFECT) for a in actions))["heads"][0]["groups"][0]
    assert group["action"][0]["text"] == "Not done: on the folds it loses"


def test_an_exception_shows_its_reason_and_stands_alone():
    groups = _part(finding(reason="codes matter"), finding())["heads"][0]["groups"]
    assert [g["reason"] for g in groups] == ["codes matter", ""]


def test_nothing_done_says_nothing():
    assert _part(finding(action="none", mode="warn"))["heads"][0]["groups"][0]["action"] == []


def test_an_effect_is_a_bar_and_a_sentence():
    part = _part(finding(effect=EFFECT))
    item = part["heads"][0]["groups"][0]["items"][0]
    assert item["effect"]["change"] == "+0.020" and item["effect"]["interval"] == "+0.010 to +0.030" and item["effect"]["tone"] == "better"
    assert item["effect"]["label"] == "change of the score +0.020 (+0.010 to +0.030), better"
    assert part["axis"] == {"low": "−0.05", "high": "+0.05", "measure": "ROC AUC of a probe"}


def test_an_effect_of_nothing_says_so():
    effect = _part(finding(effect=EFFECT | {"change": 0.0, "low": 0.0, "high": 0.0}))["heads"][0]["groups"][0]["items"][0]["effect"]
    assert effect["change"] == "no change" and effect["label"] == "no change of the score"


def test_an_effect_too_small_to_write_is_not_called_nothing():
    effect = _part(finding(effect=EFFECT | {"change": -1e-5, "low": -2e-5, "high": 0.0}))["heads"][0]["groups"][0]["items"][0]["effect"]
    assert effect["change"] == "below 0.001" and effect["label"] == "a change below 0.001 of the score"


@pytest.mark.parametrize(
    ("check", "mode", "action", "words"),
    [
        ("id_like", "fix", "left out", "not measured"), ("constant", "fix", "left out", "cannot change scores"), ("drift", "warn", "none", "nothing was changed"),
        ("id_like", "fix", "left out; its effect was not measured, the time for the look at the data was out", "not measured, the time was out"),
    ],
)  # fmt: skip
def test_without_an_effect_the_reason_is_told(check, mode, action, words):
    part = _part(finding(check, mode=mode, action=action))
    assert part["heads"][0]["groups"][0]["items"][0]["without"] == words and part["axis"] is None


def test_thousands_of_findings_are_counted_not_listed():
    group = _part(*(finding(columns=(f"c{i}",)) for i in range(1000)))["heads"][0]["groups"][0]
    assert (len(group["items"]), len(group["folded"]), group["more"]) == (SHOWN, FOLDED, 1000 - SHOWN - FOLDED)
    item = _part(finding(columns=tuple(f"c{i}" for i in range(50))))["heads"][0]["groups"][0]["items"][0]
    assert len(item["columns"]) == NAMED and item["more"] == 50 - NAMED


def test_a_table_without_findings_has_none():
    assert _part() == {"count": 0, "heads": [], "axis": None} == findings_part({})


def test_names_in_a_message_are_told_apart():
    assert pieces("class `a b` has `3` rows") == [
        {"text": "class ", "code": False}, {"text": "a b", "code": True}, {"text": " has ", "code": False}, {"text": "3", "code": True}, {"text": " rows", "code": False},
    ]  # fmt: skip
    assert pieces("a `b") == [{"text": "a `b", "code": False}] and pieces("") == []
    assert len("".join(p["text"] for p in pieces("`" + "x" * 10_000 + "` is long"))) < 100
    assert len(pieces("`a`" * 500)) < 50


def test_every_check_has_words():
    assert all(name_of(c) and "_" not in name_of(c) and name_of(c)[0].isupper() for c in CHECKS)


def test_columns_know_their_findings_once():
    flags = flags_of({"findings": [finding(columns=("a", "b")), finding(columns=("a",)), finding("drift", ("a",), "warn")]})
    assert [(f["check"], f["mode"]) for f in flags["a"]] == [("missing_values", "fix"), ("drift", "warn")] and len(flags["b"]) == 1
