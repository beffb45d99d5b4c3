import shutil

import pytest

from automl.report.markdown import code, escaped
from automl.report.render import render_report
from automl.rundir import RunDir, read_json, write_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"), ("a|b", r"a\|b"), ("**b** _i_", r"\*\*b\*\* \_i\_"), ("[x](http://y)", r"\[x\](http://y)"),
        ("a\nb", "a b"), ("- a", r"\- a"), ("1. a", r"\1. a"), ("`x`", r"\`x\`"), (None, "–"), (3, 3), ("# h", r"\# h"), ("&lt;", "&amp;lt;"), (" a ", " a "),
    ],
)  # fmt: skip
def test_no_value_has_a_meaning_of_its_own(value, expected):
    assert escaped(value) == expected


def test_a_line_to_paste_stands_as_it_is_and_stays_in_its_block():
    assert escaped(code("ensemble: {method: none}")) == "ensemble: {method: none}"
    assert escaped(code("a: 1\n</code>\u2028# x")) == "a: 1\n        </code>\n        # x"


def test_the_report_says_the_same_as_the_page(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    plan, study = read_json(files.plan), read_json(files.study)
    write_json(files.plan, plan | {"page": plan["page"] | {"title": "<b>T</b> | *x*"}})
    write_json(files.study, study | {"description": "</p><script>alert(1)</script> {{7*7}}"})
    render_report(files)
    text, view = files.report_md.read_text(), read_json(files.report_json)
    assert text.startswith(r"# &lt;b&gt;T&lt;/b&gt; \| \*x\*: ") and "<script" not in text and "7\\*7" in text
    for part in (
        "## Verdict",
        "## Can I trust it?",
        "## How good, in detail",
        "## Alternatives",
        "## Leaderboard",
        "## Your data",
        "## Use it",
        "## Model card",
    ):
        assert part in text
    assert view["verdict"]["won"] in text and f"**Trust: {view['trust']['light']}**" in text and "\n\n\n" not in text
    assert all(line.count("|") >= 3 for line in text.splitlines() if line.startswith("|"))
