"""Variables are filled in once and verbatim; what may be a password is never shown."""

import pytest

from automl.spec.environment import has_variable, literal_password, masked, substituted, why_not


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("a/${V}/b", "x", "a/x/b"), ("${V}${V}", "x", "xx"), ("${V}", "${HOME} $HOME ${V}", "${HOME} $HOME ${V}"), ("${V}", "a\n: b # c", "a\n: b # c"),
        ("${V:-d}", "x", "x"), ("${V:-d}", "", "d"), ("${V}", "", ""), ("${V:-d}", None, "d"), ("${V:-}", None, ""), ("${V:-a/b:c}", None, "a/b:c"), ("$V {V}", "x", "$V {V}"),
    ],
)  # fmt: skip
def test_substituted(text, value, expected, monkeypatch):
    monkeypatch.delenv("V", raising=False)
    if value is not None:
        monkeypatch.setenv("V", value)
    assert substituted(text) == expected and why_not(text) == ""


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("V", raising=False)
    assert "`V` is not set" in why_not("a${V}") and has_variable("${V}") and not has_variable("$V")
    with pytest.raises(KeyError, match="V"):
        substituted("${V}")


@pytest.mark.parametrize("text", ["${}", "${A-B}", "${1A}", "${A", "${A:b}"])
def test_what_is_no_variable_is_told(text):
    assert "is no variable" in why_not(text)


@pytest.mark.parametrize(("text", "literal"), [
    ("postgresql://me:pw@h/d", True), ("postgresql://me:${P}@h/d", False), ("postgresql://me:x${P}@h/d", True), ("postgresql://me:${P:-pw}@h/d", True),
    ("postgresql://me:${P:-}@h/d", False), ("postgresql://me@h/d", False), ("sqlite:///a.db", False), ("${URL}", False), ("postgresql://h/d?password=pw", True),
    ("postgresql://h/d?password=${P}&x=1", False), ("mssql+pyodbc:///?odbc_connect=UID%3Dme%3BPWD%3Dpw", True), ("postgresql://:pw@h/d", True),
    ("postgresql://me:@h/d", False), ("postgresql://me:p@ss@h/d", True),
])  # fmt: skip
def test_literal_passwords(text, literal):
    assert literal_password(text) is literal


@pytest.mark.parametrize(("text", "shown"), [
    ("c: postgresql://me:pw@h/d  # x", "c: postgresql://me:**@h/d  # x"), ("x://a:${P}@h", "x://a:${P}@h"), ("x://a:p${P}w@h", "x://a:*${P}*@h"),
    ("x://a:${P:-pw}@h", "x://a:${P:-**}@h"), ("x://h?password=pw&b=1", "x://h?password=**&b=1"), ("x://h?PWD=p'w", "x://h?PWD=*'w"),
    ("x://a:p@w@h", "x://a:***@h"), ("no address: a@b", "no address: a@b"), ("https://h/p", "https://h/p"),
])  # fmt: skip
def test_masked(text, shown):
    assert masked(text) == shown and len(masked(text)) == len(text)
