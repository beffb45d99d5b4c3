"""What a column is for, read off its distinct values."""

import numpy as np
import pytest

from automl.data.roles import declared_role, infer_role
from automl.inference.table import Column, column_of
from automl.vocabulary import Role


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["1", "2.5", "-3e4"], Role.NUMBER),
        (["1", "2", "x"], Role.CATEGORY),
        (["1_000", "2_000"], Role.CATEGORY),
        (["2024-01-31", "2024-02-01 10:30", "2024/2/3T04:05:06Z"], Role.DATE),
        (["31.12.2023", "1.1.2024"], Role.DATE),
        (["2024-01-31", "soon"], Role.CATEGORY),
        (["red", "green", "red"], Role.CATEGORY),
        ([f"this is the comment number {i}" for i in range(9)], Role.TEXT),
        (["one of a few long levels", "the other of the long levels"] * 20, Role.CATEGORY),
        ([f"item {i}" for i in range(9)], Role.CATEGORY),
        ([None, None, "x"], Role.CATEGORY),
    ],
)
def test_role_of_texts(values, role):
    column = column_of(values)
    assert column.kind == "coded"
    found = infer_role("a", column)
    assert found.value == role and found.key == "a" and found.because


def test_kinds_of_the_file_decide_first():
    assert infer_role("a", Column("number", np.array([1.0]))).value == Role.NUMBER
    assert infer_role("a", Column("date", np.array([1.0]))).value == Role.DATE


def test_a_column_without_a_value_is_a_category():
    assert infer_role("a", Column("coded", np.full(3, -1, np.int32))).value == Role.CATEGORY


def test_the_decimal_mark_decides_what_a_number_is():
    column = column_of(["1,5", "2,25"])
    assert infer_role("a", column).value == Role.CATEGORY
    assert infer_role("a", column, ",").value == Role.NUMBER


@pytest.mark.parametrize(
    ("word", "role"), [("numeric", Role.NUMBER), ("number", Role.NUMBER), ("categorical", Role.CATEGORY), ("datetime", Role.DATE), ("text", Role.TEXT)]
)
def test_words_of_the_spec(word, role):
    assert declared_role(word) is role
