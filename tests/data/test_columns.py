"""Names against the table, roles, groups and times."""

import numpy as np
import pytest

from automl.data.columns import check_names, check_test, field_of, groups_of, roles_of, times_of, weights_of
from automl.data.sources import Raw
from automl.errors import DataError
from automl.inference.table import Column, Table
from automl.spec.model import Spec
from automl.vocabulary import Decision, Role

from ..builders import spec_of


def number(*values):
    return Column("number", np.array(values, dtype=float))


def coded(*values):
    levels = tuple(dict.fromkeys(v for v in values if v is not None))
    return Column("coded", np.array([-1 if v is None else levels.index(v) for v in values], dtype=np.int32), levels)


def raw_of(repeated=(), **columns):
    return Raw(Table(columns, 3), "t.csv", "", repeated=repeated)


def spec_with(**columns):
    return spec_of({"train": "t.csv", "columns": columns})


RAW = raw_of(a=number(1, 2, 3), b=coded("x", "y", "x"), y=coded("p", "q", "p"))


@pytest.mark.parametrize(("columns", "raw", "words"), [
    ({"group": "g"}, RAW, "column `g` is not in t.csv"), ({"time": "A"}, RAW, "did you mean `a`"), ({"id": "z"}, RAW, "column `z`"), ({}, raw_of(a=number(1)), "column `y`"),
    ({"id": "a"}, raw_of(("a",), a=number(1), y=coded("p")), "`a` occurs twice"), ({}, raw_of(("y",), a=number(1), y=coded("p")), "`y` occurs twice"),
])  # fmt: skip
def test_names_that_do_not_fit(columns, raw, words):
    with pytest.raises(DataError) as caught:
        check_names(spec_with(**columns), raw)
    assert words in f"{caught.value.problem} {caught.value.fix}"


def test_names_that_fit_and_repeated_ones_that_nobody_names():
    check_names(spec_with(group="a", time="b"), RAW)
    check_names(spec_with(), raw_of(("a",), a=number(1), y=coded("p")))


def test_roles_of_group_and_time():
    found = {d.key: d.value for d in roles_of(spec_with(group="b", time="a"), RAW, "y")}
    assert found == {"a": Role.TIME, "b": Role.GROUP, "y": Role.TARGET}
    found = {d.key: d.value for d in roles_of(spec_with(group="b", time="a", types={"a": "number", "b": "category"}), RAW, "y")}
    assert found == {"a": Role.NUMBER, "b": Role.GROUP, "y": Role.TARGET}
    looked_at_later = roles_of(Spec.model_validate({"data": "t.csv", "task": {"type": "clustering", "compare_with": "y"}}), RAW, "")
    assert {d.key: d.value for d in looked_at_later}["y"] == Role.DROPPED and "only afterwards" in looked_at_later[-1].because
    assert {d.key: d.value for d in roles_of(Spec.model_validate({"data": "t.csv", "task": "clustering"}), RAW, "")}["y"] == Role.CATEGORY


def test_the_test_table_needs_what_is_used():
    spec = spec_with(id=["a"], group="b")
    roles = roles_of(spec, RAW, "y")
    check_test(spec, RAW, raw_of(b=coded("x"), y=coded("p"), more=number(1)), roles)
    with pytest.raises(DataError, match="lacks `b`, `y`"):
        check_test(spec, RAW, raw_of(a=number(1)), roles)
    with pytest.raises(DataError, match="did you mean `Y`"):
        check_test(spec, RAW, raw_of(b=coded("x"), Y=coded("p")), roles)


def test_groups_are_codes_over_all_parts_and_missing_ones_stand_alone():
    assert groups_of([coded("x", None, "y"), coded("y", None)], ".").tolist() == [0, 2, 1, 1, 3]
    assert groups_of([number(5, np.nan, 5)], ".").tolist() == [0, 1, 0]
    assert groups_of([coded("1", "1.0"), number(1, 2)], ".").tolist() == [0, 0, 0, 1]
    assert groups_of([coded(None, None)], ".").tolist() == [0, 1]
    assert groups_of([coded("x")], ".").dtype == np.int64


@pytest.mark.parametrize(("parts", "expected"), [
    ([number(3, 1, 2)], [3, 1, 2]), ([coded("10", "9", "8")], [10, 9, 8]), ([coded("1970-01-02", "1970-01-01 00:00:01", "1969-12-31")], [86400, 1, -86400]),
    ([Column("date", np.array([5.0, 6.0, 7.0]))], [5, 6, 7]), ([coded("13/01/1970", "02/01/1970", "03/01/1970")], [12 * 86400, 86400, 2 * 86400]),
    ([coded("2020", "2021"), coded("2019")], [2020, 2021, 2019]),
])  # fmt: skip
def test_times_are_numbers_or_seconds(parts, expected):
    notes = []
    assert times_of(spec_with(time="a"), parts, np.arange(1, 4), notes).tolist() == expected and notes == []


def test_rows_without_a_time_come_first_with_a_note():
    notes = []
    times = times_of(spec_with(time="a"), [number(3, np.nan, 2, np.inf, 9)], np.arange(1, 6), notes)
    assert times[[0, 2, 4]].tolist() == [3, 2, 9] and (times[[1, 3]] < 2).all() and np.isfinite(times).all()
    assert notes[0].startswith("2 rows without a readable `a`") and "W309" in notes[0]
    stamps = [coded("2024-01-01", "soon", "2024-01-03")]
    assert np.argmin(times_of(spec_with(time="a"), stamps, np.arange(1, 4), [])) == 1


@pytest.mark.parametrize("parts", [[coded("x", "y", "2024-01-01")], [coded(None, None, "5")], [number(np.nan, np.nan, 1)]])
def test_times_of_which_most_cannot_be_read_are_refused_with_the_row(parts):
    with pytest.raises(DataError) as caught:
        times_of(spec_with(time="a"), parts, np.array([7, 8, 9]), [])
    assert "`a` orders the rows, and 2 of 3 values" in caught.value.problem and "data row 7" in caught.value.fix


def test_the_declared_type_of_a_time_holds():
    parts = [coded("20240101", "20240102", "20240103")]
    assert times_of(spec_with(time="a"), parts, np.arange(3), [])[0] == 20240101
    assert times_of(spec_with(time="a", types={"a": "date"}), parts, np.arange(3), [])[0] == 1704067200


def test_fields_know_numbers_written_as_levels_and_days_that_come_first():
    assert field_of(Decision("a", Role.CATEGORY, ""), coded("1", "2.0"), ".").numeric_levels
    assert not field_of(Decision("a", Role.CATEGORY, ""), coded("1", "x"), ".").numeric_levels
    assert (
        field_of(Decision("a", Role.DATE, ""), coded("31/01/2024"), ".").day_first
        and not field_of(Decision("a", Role.DATE, ""), coded("01/31/2024"), ".").day_first
    )


def test_weights_are_read_as_written_and_never_learned_from():
    rows = np.array([1, 2, 3])
    assert weights_of(spec_with(weight="w"), [number(0, 2.5), number(1)], rows).tolist() == [0, 2.5, 1]
    assert weights_of(spec_with(weight="w"), [coded("1", "0.5", "1")], rows).tolist() == [1, 0.5, 1]
    assert {d.key: d.value for d in roles_of(spec_with(weight="a"), RAW, "y")}["a"] == Role.WEIGHT


@pytest.mark.parametrize(("column", "words"), [
    (number(1, -2, 3), "data row 12 has '-2'"), (number(1, 2, np.nan), "data row 13 has 'nothing'"), (number(np.inf, 2, -3), "data row 11 has 'inf', and 1 more rows"),
    (coded("1", "heavy", None), "data row 12 has 'heavy', and 1 more rows"), (coded(None, "1", "2"), "data row 11 has 'nothing'"),
])  # fmt: skip
def test_a_weight_that_is_none_is_refused_with_its_place(column, words):
    with pytest.raises(DataError) as caught:
        weights_of(spec_with(weight="w"), [column], np.array([11, 12, 13]))
    assert words in caught.value.problem and "`w`" in caught.value.problem and caught.value.fix == "a weight is a number, 0 or more"


def test_dates_are_no_weights():
    with pytest.raises(DataError, match="dates"):
        weights_of(spec_with(weight="w"), [Column("date", np.zeros(2))], np.array([1, 2]))
