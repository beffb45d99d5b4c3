"""Record by record: what is yielded, and the physical line of everything that is not."""

import io

import pytest

from automl.data.sources.exact import LONGEST_LINE, Exact
from automl.errors import DataError
from automl.spec.dialect import Dialect


def exact(text, width=2, header=1):
    return Exact(io.StringIO(text, newline=""), Dialect(",", tuple("abcdefgh"[:width]), header, (), ()), "t.csv")


def test_rows_come_with_the_width_of_the_header():
    found = exact('a,b\n1\n\n"x\ny",2\n')
    assert list(found.rows()) == [["1", ""], ["x\ny", "2"]] and (found.short, found.first_short) == (1, 2)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3", "this row has 3"),
        ("a,b\n1,2,3\n1,2,3\n", "line 2", "every row has 3"),
        ("a,b\n1,2,3\n1,2\n", "line 2", "this row has 3"),
        ('a,b\n"x\ny" z,2\n', "line 2", "on line 3"),
        ('a,b\nx,"y\r\n\r\n1,2\r\n3,"4"\r\n', "line 2", "on line 5"),
        ('a,b\nx,"y""\n', "line 2", "not closed"),
    ],
)
def test_faults(text, where, words):
    with pytest.raises(DataError) as caught:
        list(exact(text).rows())
    assert caught.value.where == f"t.csv, {where}" and words in caught.value.problem


def test_the_rows_come_back_as_plain_csv_after_those_that_are_known():
    found = exact('a,b\n1,"x, ""y"""\n2\n')
    assert b"".join(found.batches()) == b'1,"x, ""y"""\r\n2,\r\n'
    assert b"".join(exact('a,b\n"x\ry",2\n').batches()) == b'"x\ry",2\r\n'
    assert b"".join(exact("a,b\n1,2\n3,4\n").batches(skip=1)) == b"3,4\r\n"


def test_a_line_without_end_is_refused(monkeypatch):
    monkeypatch.setattr("automl.data.sources.exact.LONGEST_LINE", 100)
    with pytest.raises(DataError, match="longer than"):
        list(exact("a,b\n" + "x" * 200).rows())
    assert LONGEST_LINE > 1 << 20
