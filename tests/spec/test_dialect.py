"""How a text table is written: separator, names, header."""

import pytest

from automl.errors import DataError
from automl.spec.dialect import dialect_of, encoding_of, first_text, sniff, unique_names
from automl.spec.sections.data import Csv


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b", ","), ("a;b,c;d", ";"), ("a\tb", "\t"), ("a|b", "|"), ("a", ","), ("", ","),
        ("a;b\n1,5;2,5\n", ";"), ("price;size, cm\n1,5;2,5\n3,5;1,0\n", ";"), ("a,b;c\n1,2\n3,4\n", ","), ("a\tb\n1,5\t2,5\n", "\t"),
        ("a,b\n1,x;y\n2,z\n", ","), ('a,"b;c;d"\n1,2\n', ","), ("text,y\nno; really; no,1\nyes,0\n", ","), ("a;b;c\n1;2\n3;4;5\n6;7;8\n", ";"),
        ("a|b\nx, y|1\nz, w|2\n", "|"), ("a;b\r1;2\r", ";"), ("words\nhello, world\n", ","), ('a;b\n"x\ny";1\n', ";"),
        ("a b c\n1 2 3\n", ","), ("a,b\n" + "1,2\n" * 30 + "1;2;3\n", ","),
    ],
)  # fmt: skip
def test_separators(text, separator):
    assert sniff(text) == separator


def test_a_last_line_that_was_cut_does_not_count():
    assert sniff("a;b\n1,0;2,0\n3,", complete=False) == ";"


@pytest.mark.parametrize(("start", "asked", "found"), [
    (b"a", None, ("utf-8", 0)), (b"\xef\xbb\xbfa", None, ("utf-8", 3)), (b"\xff\xfea\0", None, ("utf-16-le", 2)), (b"\xfe\xff\0a", None, ("utf-16-be", 2)),
    (b"\xff\xfe\0\0", None, ("utf-32-le", 4)), (b"\xef\xbb\xbfa", "utf-8", ("utf-8", 3)), (b"\xef\xbb\xbfa", "UTF-8-SIG", ("utf-8", 3)),
    (b"\xff\xfea\0", "utf-16", ("utf-16", 0)), (b"\xff\xfea\0", "utf-16-le", ("utf-16-le", 2)), (b"a", "cp1252", ("cp1252", 0)),
])  # fmt: skip
def test_encodings(start, asked, found):
    assert encoding_of(start, asked) == found


def test_a_letter_that_was_cut_is_left_out():
    assert first_text("aé".encode()[:-1], None, complete=False) == "a"
    with pytest.raises(UnicodeDecodeError):
        first_text("aé".encode()[:-1], None, complete=True)


@pytest.mark.parametrize(("names", "expected", "repeated"), [
    (["a", "b"], ("a", "b"), ()), (["a", "a", "a"], ("a", "a.1", "a.2"), ("a",)), (["a", "a.1", "a"], ("a", "a.1", "a.2"), ("a",)),
    (["a", "a", "a.1"], ("a", "a.2", "a.1"), ("a",)), (["", "b", " "], ("column_1", "b", "column_3"), ()), (["", "column_1"], ("column_1_1", "column_1"), ()),
])  # fmt: skip
def test_names_become_distinct(names, expected, repeated):
    assert unique_names(names)[:2] == (expected, repeated)


def test_very_many_equal_names_take_no_time():
    names = unique_names(["a"] * 100_000)[0]
    assert len(set(names)) == 100_000


def test_numbers_in_line_1_are_told():
    assert "data.csv.header: false" in dialect_of("1,2.5,-3e4\n1,2,3\n", Csv(), "t", True).notes[0]
    assert dialect_of("1,b\n1,2\n", Csv(), "t", True).notes == () == dialect_of("2024\n1\n", Csv(), "t", True).notes


def test_a_header_may_take_several_lines():
    found = dialect_of('"a\nb",c\n1,2\n', Csv(), "t", True)
    assert found.names == ("a\nb", "c") and found.header_lines == 2


def test_more_is_asked_for_where_the_header_may_go_on():
    assert dialect_of('a,"b', Csv(), "t", False) is None and dialect_of("a,b", Csv(), "t", False) is None
    assert dialect_of("a,b\n1", Csv(), "t", False).names == ("a", "b")
    with pytest.raises(DataError, match="cannot be read"):
        dialect_of('a,"b', Csv(), "t", True)
