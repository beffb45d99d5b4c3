"""What may be shown of the cells: few rows, masked where personal, and statistics that do not name such values."""

import numpy as np

from automl.data.split import make_split
from automl.eda.finding import Finding
from automl.eda.shown import HIDDEN, private_columns, sample_rows, without_private
from automl.vocabulary import Mode

from ..builders import dataset_of, spec_of


def test_sample_rows_are_training_rows_with_private_columns_masked():
    dataset = dataset_of([0, 1] * 30, a=np.arange(60) / 4, mail=(np.arange(60) % 3, ("a@b.example", "x" * 100, "tel 0171 2345678")))
    split = make_split(dataset, spec_of())
    shown = sample_rows(dataset, split, 4, {})
    assert shown["columns"] == ["a", "mail", "y"] and len(shown["rows"]) == 4
    assert [row[0] for row in shown["rows"]] == [f"{i / 4:g}" for i in split.train[:4]]
    cells = {row[1] for row in sample_rows(dataset, split, 20, {})["rows"]}
    assert cells == {"[e-mail]", "x" * 59 + "…", "tel [phone]"}
    assert {row[1] for row in sample_rows(dataset, split, 20, {"mail": True})["rows"]} == {HIDDEN}
    assert sample_rows(dataset, split, 0, {}) == {"columns": [], "rows": []}


def test_a_private_column_names_no_value_and_a_text_no_long_number():
    part = {"name": "m", "distinct": 3, "top": [["a@b.c", 9]], "words": [["call", 9], ["08712345678", 7]], "log_odds": {"spam": [["0871 2345678", 4.0, 8]]}}
    assert without_private(part, {}) is part
    assert without_private(part, {"m": True}) == {"name": "m", "distinct": 3, "masked": True}
    left = without_private(part, {"m": False})
    assert left["words"] == [["call", 9]] and left["log_odds"] == {"spam": []} and left["top"] == [["a@b.c", 9]]


def test_private_columns_come_from_the_check():
    def finding(check, name, whole):
        return Finding(check, (name,), Mode.FIX, "", "", "", {"whole": whole})

    found = [finding("personal_data", "mail", True), finding("personal_data", "note", False), finding("constant", "x", True)]
    assert private_columns(found) == {"mail": True, "note": False}
