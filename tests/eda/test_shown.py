import json

import numpy as np

from automl.data.split import make_split
from automl.eda.shown import LONGEST_CELL, MASK, MOST_COLUMNS, personal_columns, sample_rows, without_personal
from tests.builders import dataset_of, spec_of


def _dataset(**columns):
    return dataset_of(np.arange(40) % 2, **columns)


def _rows(dataset, personal=(), n=3):
    return sample_rows(dataset, make_split(dataset, spec_of()), set(personal), n)


def _finding(*columns, **evidence):
    return {"check": "personal_data", "columns": list(columns), "evidence": evidence}


def test_the_first_training_rows_with_their_number_and_the_target_first():
    dataset = _dataset(x=np.arange(40) / 4, c=(np.zeros(40), ["a"]))
    split = make_split(dataset, spec_of())
    sample = sample_rows(dataset, split, set(), 3)
    assert sample["columns"] == ["y", "x", "c"] and [r["row"] for r in sample["rows"]] == (split.train[:3] + 1).tolist()
    assert [r["cells"] for r in sample["rows"]] == [[f"class{i % 2}", i / 4, "a"] for i in split.train[:3].tolist()]


def test_a_missing_cell_is_none_and_a_long_one_is_cut():
    sample = _rows(_dataset(x=np.full(40, np.nan), c=(np.full(40, -1), ["a"]), long=(np.zeros(40), ["z" * 500])))
    assert sample["rows"][0]["cells"][1:3] == [None, None] and sample["rows"][0]["cells"][3] == "z" * (LONGEST_CELL - 1) + "…"


def test_a_sample_is_json_whatever_the_numbers():
    sample = _rows(_dataset(x=np.array([np.inf, -np.inf, np.nan, 1e308] * 10)))
    json.dumps(sample, allow_nan=False)


def test_personal_columns_are_masked_and_so_is_a_personal_target():
    sample = _rows(_dataset(mail=(np.zeros(40), ["a@b.example"])), ["mail", "y"])
    assert sample["rows"][0]["cells"] == [MASK, MASK] and sample["masked"] == ["y", "mail"] and "example" not in json.dumps(sample)


def test_no_rows_and_many_columns():
    assert _rows(_dataset(x=np.arange(40)), n=0)["rows"] == []
    wide = _rows(_dataset(**{f"x{i}": np.arange(40) for i in range(MOST_COLUMNS + 7)}))
    assert len(wide["columns"]) == MOST_COLUMNS + 1 == len(wide["rows"][0]["cells"]) and wide["left_out"] == 7


def test_columns_are_masked_whole_unless_the_finding_says_that_texts_hold_some():
    found = [_finding("a"), _finding("b", "c", whole=False), {"check": "drift", "columns": ["d"], "evidence": {}}]
    assert personal_columns(found) == {"a": True, "b": False, "c": False}


def _profile():
    text = {
        "ngrams": {"1": [["call", 9, 9], ["0800123456", 7, 7]], "2": [["at x@y", 5, 5], ["call me", 6, 6]]}, "cloud": [{"word": "call"}, {"word": "0800123456"}],
        "by_class": [{"class": "a", "words": [["0800123456", 3.0, 1, 1], ["me", 2.0, 1, 1]]}], "boilerplate": [{"line": "call 0800123456"}],
    }  # fmt: skip
    return {
        "columns": [{"name": "mail", "top": [["a@b.example", 9]]}, {"name": "note", "words": [["0800123456", 7]], "pairs": []}, {"name": "other", "top": [["x", 1]]}],
        "text": {"columns": [{"column": "note", **text}, {"column": "other", **text}]},
        "drift": {"columns": [{"column": "mail", "unseen": {"levels": 1, "rows": 5, "named": [["c@d.example", 5]]}}, {"column": "n"}]},
    }  # fmt: skip


def test_no_level_of_a_personal_column_is_left():
    out = without_personal(_profile(), {"mail": True})
    assert out["columns"][0] == {"name": "mail", "masked": True, "top": [[MASK, 9]]} and "example" not in json.dumps(out)
    assert out["drift"]["columns"][0]["unseen"] == {"levels": 1, "rows": 5, "named": []}


def test_texts_that_hold_some_keep_their_common_words():
    out = without_personal(_profile(), {"note": False})
    first, second = out["text"]["columns"]
    assert first["ngrams"] == {"1": [["call", 9, 9]], "2": [["call me", 6, 6]]} and first["cloud"] == [{"word": "call"}] and first["boilerplate"] == []
    assert first["by_class"] == [{"class": "a", "words": [["me", 2.0, 1, 1]]}] and first["masked"] and "0800123456" not in json.dumps(out["columns"])
    assert second == _profile()["text"]["columns"][1]


def test_texts_that_are_personal_throughout_show_no_word():
    out = without_personal(_profile(), {"note": True})
    assert set(out["text"]["columns"][0]) == {"column", "skipped"}


def test_a_profile_without_personal_data_is_as_it_was():
    assert without_personal(_profile(), {}) == _profile()
    assert without_personal({"columns": [{"name": "a"}]}, {"a": True}) == {"columns": [{"name": "a", "masked": True}]}
