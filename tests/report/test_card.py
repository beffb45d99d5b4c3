"""The card of a run: short, plain, and nothing of the data is markup in it."""

import re
from pathlib import Path

import pytest

from automl.report.card import MOST_CHARS, STYLE, card_html, card_markdown, card_text

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "| a | b |",
    "[x](javascript:alert(1))",
    "a\u202eb\u200b",
    "x" * 100_000,
    "`rm`",
]


def view(text="good"):
    return {
        "title": text, "verdict": {"headline": f"roc auc 0.91 {text}", "sentence": f"A model of {text}.", "size": "It takes 12 kB.", "stopped": ""},
        "trust": {"light": "amber", "reasons": [f"only 40 rows were scored {text}"] * 9},
        "constraints": [{"name": f"time {text}", "asked": "1 min", "got": "2 min", "met": False}] * 40,
    }  # fmt: skip


RENDERINGS = (card_html, card_markdown, card_text)


@pytest.mark.parametrize("render", RENDERINGS)
def test_it_says_what_won_how_far_to_trust_it_and_where_the_rest_is(render):
    said = render(view(), Path("runs/churn"))
    for words in ("roc auc 0.91", "A model of good.", "only 40 rows were scored", "with care", "runs/churn/report.html", "automl.load("):
        assert words.lower() in said.lower(), words


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_the_data_is_markup(text):
    page = card_html(view(text), Path("run"))
    body = page.removeprefix(STYLE)
    assert "<script" not in page and "<img" not in page and len(page.encode()) <= 20_000
    assert body.count("<") == card_html(view("a"), Path("run")).removeprefix(STYLE).count("<")
    lines = card_markdown(view(text), Path("run")).splitlines()
    assert all(len(line.replace("\\|", "").split("|")) == 6 for line in lines if line.startswith("|")), lines
    assert not any("<script" in line or re.search(r"(?<!\\)\]\(", line) for line in lines)


def test_no_script_no_request_and_styles_for_itself_alone():
    page = card_html(view(), Path("run"))
    assert "http" not in page and "javascript" not in page and "@import" not in page
    rules = STYLE.removeprefix("<style>").removesuffix("</style>").split("}")[:-1]
    assert all(selector.strip().startswith(".automl-card") for rule in rules for selector in rule.split("{")[0].split(","))


def test_a_text_without_measure_is_cut_and_control_characters_go():
    said = card_text(view("y\x00\x1b[31m" + "x" * 5000), Path("run"))
    assert "\x1b" not in said and max(map(len, said.splitlines())) < 5 * MOST_CHARS


@pytest.mark.parametrize("render", RENDERINGS)
def test_without_a_report_the_evaluation_speaks(render):
    found = {"metric": "silhouette", "score": 0.4321, "constraints": [{"name": "time", "asked": "1 min", "got": "2 s", "met": True}]}
    said = render({"evaluation": found}, Path("run"))
    assert "silhouette" in said and "0.4321" in said and "2 s" in said
    assert "undefined" in render({"evaluation": {"metric": "f1", "score": None}}, Path("run"))
