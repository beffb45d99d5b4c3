"""What a run of hostile data leaves: text and never a script, strict JSON, pages that stay small; whole runs, from a table to the page."""

import json
import re
import shutil
import time

import pandas as pd
import pytest

import automl
from automl.evaluate.compare import compare
from automl.report.live import Live
from automl.report.render import render_comparison, render_report
from automl.rundir import RunDir, read_json, write_json

from ..conftest import mixed_frame
from .browser import browser, chromium
from .looks import wide_profile
from .test_render import _checked, _parsed

COLUMN, LEVEL, TOKEN = "<img src=x onerror=alert(1)>", "{{7*7}}", "<b>bold</b>"
CLASSES = {"yes": "</script><script>", "no": "=1+1"}
RAW = ("<img", "</script><script>alert", "<b>bold", "<script>alert")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return the folder of a run whose title, column, classes, level, words and description are hostile."""
    folder = tmp_path_factory.mktemp("bad")
    frame = mixed_frame(200).rename(columns={"colour": COLUMN, "comment": "=cmd()"})
    frame[COLUMN] = frame[COLUMN].replace("red", LEVEL)
    frame["=cmd()"] = frame["=cmd()"].str.replace("good", TOKEN)
    frame["kept"] = frame["kept"].map(CLASSES)
    frame.to_csv(folder / "t.csv", index=False)
    spec = {
        "data": "t.csv", "description": "</p><script>alert(1)</script> [click](javascript:alert(1)) | # *b*", "report": {"title": COLUMN},
        "task": {"type": "classification", "target": "kept"}, "models": {"include": ["logistic_regression"]}, "constraints": {"time": "none", "trials": 1},
    }  # fmt: skip
    (folder / "s.yaml").write_text(json.dumps(spec))
    automl.run(folder / "s.yaml", out=folder / "run")
    return folder / "run"


def test_b115_hostile_columns_classes_and_levels_are_only_text_in_every_output(run):
    page, text = (run / "report.html").read_text(), (run / "report.md").read_text()
    _checked(page, {"script"})
    body = page[page.index("<body") : page.rindex("<script>")]
    assert not any(raw in body or raw in text for raw in RAW) and "&lt;img src=x onerror=alert(1)&gt;" in body and LEVEL in body
    assert "&lt;/script&gt;&lt;script&gt;" in body and "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/", "")
    assert all(re.fullmatch(r"[\w.-]+", path.name) for path in run.rglob("*"))
    predictor = automl.load(run)
    assert sorted(predictor.classes_) == sorted(CLASSES.values()) and set(predictor.predict(pd.read_csv(run.parent / "t.csv"))) <= set(CLASSES.values())


@pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: the page is not looked at in a browser")
def test_b115_nothing_of_a_run_of_hostile_data_runs_in_a_browser(run):
    with browser() as page:
        page.open(run / "report.html")
        assert page.dialogs == [] and page.console == [] and len(page.requests) == 1
        assert page.run("document.querySelectorAll('img, iframe, object, embed').length") == 0
        assert COLUMN in page.run("document.body.textContent")


def test_b115_nor_on_the_page_while_it_runs_nor_beside_another_run(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    Live(files, ["html"]).write()
    compared = tmp_path / "compared.html"
    render_comparison(compare([run, tmp_path / "run"]).facts, [run, tmp_path / "run"], compared)
    for path in (files.evaluation, files.study):
        path.unlink()
    going, ended = files.report_html.read_text(), render_report(files).read_text()
    for page in (going, ended, compared.read_text()):
        body = page[page.index("<body") : page.rindex("<script>")]
        assert not any(raw in body for raw in RAW) and not [a for a in _parsed(page).attributes if a.startswith("on")]
    assert 'content="running"' in going and 'content="unfinished"' in ended and "&lt;img src=x onerror=alert(1)&gt;" in going
    assert not any(raw in files.report_md.read_text() for raw in RAW)


def test_b116_words_in_lists_and_the_model_card_are_escaped_in_the_page_and_in_markdown(run):
    page, text = (run / "report.html").read_text(), (run / "report.md").read_text()
    card = text[text.index("## Model card") :]
    assert "\\[click\\]" in card and "[click](" not in text and "&lt;script&gt;" in card and "<" not in card
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [click](javascript:alert(1))" in page
    assert not [line for line in text.splitlines() if line.startswith(("=", "<"))]
    words = {w[0] for t in read_json(run / "profile.json")["text"]["columns"] for c in t["by_class"] for w in c["words"]}
    assert "bold" in words and "<bdi>bold</bdi>" in page


def strict(token):
    raise AssertionError(f"{token} is no JSON")


def test_b120_json_is_strict_and_what_is_not_defined_is_said_to_be(run, tmp_path):
    paths = list(run.rglob("*.json"))
    assert len(paths) > 8 and all(json.loads(path.read_text(), parse_constant=strict) is not None for path in paths)
    for line in (run / "events.ndjson").read_text().splitlines():
        json.loads(line, parse_constant=strict)
    with pytest.raises(ValueError):
        write_json(tmp_path / "x.json", {"score": float("nan")})


@pytest.mark.parametrize("n_columns", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_b121_the_report_of_many_columns_is_small_says_how_many_there_are_and_opens_at_once(finished_run, tmp_path, n_columns):
    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    write_json(files.profile, read_json(files.profile) | wide_profile(n_columns))
    plan = read_json(files.plan)
    write_json(files.plan, plan | {"columns": [plan["columns"][0] | {"name": f"column number {i} {'n' * 180}"} for i in range(n_columns)]})
    began = time.process_time()
    page = render_report(files)
    assert time.process_time() - began < 3 and page.stat().st_size < 3_000_000 and files.report_json.stat().st_size < 5_000_000
    text = page.read_text()
    assert f"{n_columns:,} columns" in text and re.search(r"[\d,]+ more", text)
    if chromium() is not None:
        with browser() as opened:
            assert opened.open(page) < 10 and opened.console == []  # under a second on an idle machine; a busy one is given time
