import gzip

import pytest

from automl.spec.dialect import sniff
from automl.spec.header import header_of


@pytest.mark.parametrize(
    ("content", "names"),
    [(b"a,b\n1,2\n", ["a", "b"]), (b"a;b\n", ["a", "b"]), (b"\xef\xbb\xbfa,b\n", ["a", "b"]), (b'"a, x",b\n', ["a, x", "b"]), (b"a\tb\r\n", ["a", "b"]),
     (gzip.compress(b"a,b\n"), ["a", "b"]), (b"", None), (b"\xff\xfea", None), (b"PAR1xx", None), (gzip.compress(b"a,b\n" * 9)[:-9], None)],
)  # fmt: skip
def test_names(content, names, tmp_path):
    (tmp_path / "t").write_bytes(content)
    assert header_of(tmp_path / "t") == names


def test_a_folder_has_no_header(tmp_path):
    assert header_of(tmp_path) is None


def test_separators():
    assert [sniff(h) for h in ("a,b", "a;b,c;d", "a\tb", "a|b", "a")] == [",", ";", "\t", "|", ","]
