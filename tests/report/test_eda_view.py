import json
import re

import pytest

from automl.report.eda_view import COLOURS, LONGEST, ORDER, ORDER_WITHOUT_TARGET, class_colours, eda_view

from .looks import HOSTILE, finding, hostile_profile, mixed_profile

PARTS = ("relations", "missing", "text", "dates", "outliers", "drift", "structure")


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return mixed_profile(tmp_path_factory.mktemp("view"))


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from _texts(v)
    elif isinstance(value, list):
        for v in value:
            yield from _texts(v)


def test_the_view_is_json_and_the_same_every_time(profile):
    assert json.dumps(eda_view(profile), allow_nan=False) == json.dumps(eda_view(profile), allow_nan=False)


def test_the_profile_is_left_as_it_was(profile):
    before = json.dumps(profile)
    eda_view(profile)
    assert json.dumps(profile) == before


def test_the_parts_stand_in_the_order_of_the_readers_questions(profile, tmp_path):
    assert [s["id"] for s in eda_view(profile)["sections"]] == list(ORDER)
    view = eda_view(mixed_profile(tmp_path, None))
    ids = [s["id"] for s in view["sections"]]
    assert ids == [p for p in ORDER_WITHOUT_TARGET if p in ids] and {"target", "drift"}.isdisjoint(ids) and {"structure", "columns"} <= set(ids)
    assert not view["has_target"] and view["name"] == "" and view["target"]["bars"] == []


def test_the_summary_says_what_was_divided_and_sampled_and_how_long_it_took(profile):
    view = eda_view(profile | {"sampling": [{"part": "a", "rows": 1, "of": 2, "why": "b"}], "seconds": {"a": 1.0, "b": 0.5}})
    assert (
        view["lead"].startswith("400 rows and 4 columns. 320 rows are described; 80 are kept for the score")
        and "For 1 part a sample was enough" in view["lead"]
    )
    assert "1.5 s" in view["lead"] and view["method"]["sampling"] == [{"part": "a", "rows": "1 of 2", "why": "b"}]
    assert {f["label"] for f in view["figures"]} == {"rows", "columns", "classes", "cells missing", "findings"}


def test_a_reader_in_a_hurry_learns_what_tells_most_and_what_is_missing(profile):
    told, missing = eda_view(profile)["short"]
    assert told.startswith("Alone, size (") and "size (10 %)" in missing and "colour (" in missing
    nothing = {
        **profile,
        "relations": {"target": [{"column": "a", "auc": 0.52}]},
        "columns": [{**c, "missing": 0, "missing_share": 0.0} for c in profile["columns"]],
    }
    assert eda_view(nothing)["short"] == ["No column alone tells much of the target; together they may.", "No value is missing."]


def test_without_a_target_a_reader_in_a_hurry_learns_the_shape(tmp_path):
    short = eda_view(mixed_profile(tmp_path, None))["short"]
    assert len(short) == 3 and "peak" in short[1] and "Hopkins" not in short[1] and "dimension" in short[2].lower()


def test_colours_go_to_the_most_frequent_classes():
    classes = [{"label": str(i), "rows": i, "share": 0.1} for i in range(10)]
    colours = class_colours({"classes": classes})
    assert list(colours) == ["9", "8", "7", "6"] and list(colours.values()) == list(range(COLOURS))


def test_many_classes_are_compared_with_each_other_and_counted(profile):
    classes = [{"label": str(i), "rows": 100 - i, "share": (100 - i) / 3000} for i in range(30)]
    target = eda_view(profile | {"classes": classes})["target"]
    assert target["bars"][0]["width"] == 100.0 and target["more"] == 10 and target["others"] and len(target["legend"]) == COLOURS


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("damage", ["absent", "skipped"])
def test_a_part_that_was_not_looked_at_is_one_sentence(profile, part, damage):
    changed = {k: v for k, v in profile.items() if k != part} | ({part: {"skipped": "the time was over"}} if damage == "skipped" else {})
    view = eda_view(changed)
    assert part not in [s["id"] for s in view["sections"]]
    if damage == "skipped":
        assert any("the time was over" in q["words"] for q in view["quiet"])


def test_a_profile_of_columns_alone_has_a_view(profile):
    bare = {k: profile[k] for k in ("rows", "training_rows", "columns")}
    view = eda_view(bare)
    assert [s["id"] for s in view["sections"]] == ["findings", "columns", "method"] and view["columns"]["count"] == 4


def test_sample_rows_have_numbers_texts_and_gaps(profile):
    sample = eda_view(profile)["sample"]
    assert sample["columns"] == ["kept", "size", "colour", "comment", "day"] and len(sample["rows"]) == 5
    cells = sample["rows"][0]["cells"]
    assert [c["number"] for c in cells] == [False, not cells[1]["missing"], False, False, False]
    gone = eda_view(profile | {"sample": {"columns": ["a"], "rows": [{"row": 1, "cells": [None]}], "masked": ["a"], "left_out": 7}})["sample"]
    assert gone["rows"][0]["cells"][0] == {"text": "", "number": False, "missing": True} and gone["masked"] == 1 and gone["more"] == 7


def test_no_sample_rows_is_a_sentence(tmp_path):
    view = eda_view(mixed_profile(tmp_path, report={"sample_rows": 0}))
    assert "sample" not in [s["id"] for s in view["sections"]] and any("sample_rows" in q["words"] for q in view["quiet"])


def test_no_text_of_the_data_reaches_the_page_with_marks_that_hide_or_turn_it():
    unseen = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
    texts = list(_texts(eda_view(hostile_profile())))
    assert not [t for t in texts if unseen.search(t)] and max(map(len, texts)) <= LONGEST
    assert any("‹202E›" in t for t in texts) and any("⏎" in t for t in texts)


def test_columns_with_hostile_names_are_all_there():
    view = eda_view(hostile_profile())
    assert view["columns"]["count"] == len(HOSTILE) == len(view["columns"]["lines"])


def test_moved_columns_are_named_first(profile):
    drift = profile["drift"] | {"columns": [{**profile["drift"]["columns"][0], "column": "size", "psi": 0.9, "psi_by_chance": 0.1}]}
    assert any("differ in size" in s for s in eda_view(profile | {"drift": drift})["short"])


def test_findings_are_counted_by_what_they_do(profile):
    figures = eda_view(profile | {"findings": [finding(), finding(mode="warn"), finding(mode="warn")]})["figures"]
    assert next(f for f in figures if f["label"] == "findings") == {"label": "findings", "value": "3", "note": "1 acted on, 2 to look at"}
