"""Every code has an example that gives it, an explanation, and a page."""

import re
from pathlib import Path

import pytest

from automl.checked import check_options
from automl.spec.codes import CODES
from automl.spec.explain import code_page, explain_code
from automl.spec.load import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("code", [c for c, v in CODES.items() if v.example])
def test_the_example_gives_the_code(code, tmp_path):
    path = tmp_path / "s.yaml"
    path.write_bytes(CODES[code].example.encode("utf-8", "surrogateescape").replace(b"\xed\xb3\xa4", b"\xe4"))
    (tmp_path / "a.csv").write_text("y,b\n1,2\n")
    loaded = load(path)
    found = [d.code for d in loaded.found]
    if loaded.spec is not None:
        found += [d.code for d in check_options(loaded.spec)]
    assert found == [code]


def test_every_code_that_the_source_gives_is_explained():
    used = set()
    for path in (ROOT / "automl").rglob("*.py"):
        used |= set(re.findall(r'"([YSWDC]\d{3})"', path.read_text()))
    assert used == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_page_is_current(code):
    assert (ROOT / "docs" / "codes" / f"{code}.md").read_text() == code_page(code), "run: make docs"
    assert CODES[code].title in (explain_code(code.lower()) or "")


def test_there_is_no_page_without_a_code():
    assert {p.stem for p in (ROOT / "docs" / "codes").glob("*.md")} == set(CODES)
