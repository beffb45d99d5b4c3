"""The pages in a real browser: no request, no error, every picture drawn, tables that sort and filter, both themes, paper, and hostile names."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pytest

import automl
from automl.report.render import render_eda, render_report
from automl.rundir import EdaDir, RunDir, read_json, write_json

from ..test_unlabelled import blobs
from .browser import browser, chromium
from .looks import HOSTILE, hostile_profile

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine: the page is not looked at in a browser"),
    pytest.mark.skipif(sys.platform == "win32", reason="Chromium's pipe is opened by a POSIX shell"),
]


@pytest.fixture(scope="module")
def page():
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def report(finished_run, tmp_path_factory):
    """Return the page of a finished run."""
    folder = tmp_path_factory.mktemp("page") / "run"
    shutil.copytree(finished_run, folder)
    return render_report(RunDir(folder))


@pytest.fixture(scope="module")
def hostile(finished_run, tmp_path_factory):
    """Return the page of a run whose title, columns, classes, levels, words and causes are hostile."""
    folder = tmp_path_factory.mktemp("hostile") / "run"
    shutil.copytree(finished_run, folder)
    files = RunDir(folder)
    plan, study, evaluation, explanation = (read_json(p) for p in (files.plan, files.study, files.evaluation, files.explanation))
    names = [*HOSTILE[:9], "y" * 200]
    write_json(files.profile, read_json(files.profile) | hostile_profile())
    columns = [plan["columns"][0] | {"name": name} for name in names]
    write_json(files.plan, plan | {"columns": columns, "page": plan["page"] | {"title": "".join(HOSTILE[:4]), "description": HOSTILE[0]}})
    for trial in study["trials"]:
        trial |= {"cause": HOSTILE[0], "note": HOSTILE[2], "params": {HOSTILE[2]: HOSTILE[0]}, "state": "error" if trial["number"] == 2 else trial["state"]}
    write_json(files.study, study | {"name": HOSTILE[0], "description": HOSTILE[2] + HOSTILE[3]})
    evaluation["per_class"] = [row | {"label": label} for row, label in zip(evaluation["per_class"], (HOSTILE[0], HOSTILE[2]), strict=True)]
    write_json(files.evaluation, evaluation | {"positive_class": HOSTILE[2]})
    for entry in (explanation["importance"] or {"columns": []})["columns"]:  # a busy machine leaves no time for it
        entry |= {"column": HOSTILE[0]}
    write_json(files.explanation, explanation | {"notes": [HOSTILE[2]], "positive_class": HOSTILE[0]})
    return render_report(files)


@pytest.fixture(scope="module")
def reduced(tmp_path_factory):
    """Return the page of a finished reduction."""
    folder = tmp_path_factory.mktemp("reduced")
    blobs(folder)
    spec = "data: t.csv\ntask: {type: dimensionality_reduction, purpose: compress, n_components: 2, color_by: known}\n"
    (folder / "s.yaml").write_text(spec + "models: {include: [pca, truncated_svd]}\nconstraints: {time: 40s}\n")
    return automl.run(folder / "s.yaml", out=folder / "run").report


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (360, False), (360, True), (1600, False)])
def test_b119_it_opens_at_once_without_an_error_or_a_request_and_fits_the_screen(page, report, width, dark):
    seconds = page.open(report, width, dark=dark)
    assert page.console == [] and page.dialogs == [] and page.requests == [report.absolute().as_uri()]
    assert page.run("document.documentElement.scrollWidth") <= width
    assert seconds < 5  # a tenth of that on an idle machine
    ground = page.run("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 384) == dark


def test_every_picture_is_drawn_and_its_numbers_stand_beneath(page, report):
    page.open(report)
    found = page.run(
        "[...document.querySelectorAll('figure.chart')].map(f => ({ name: f.dataset.name, box: f.querySelector('svg').getBBox().width, "
        "marks: f.querySelectorAll('polyline, circle, svg > rect:not(.frame)').length, rows: f.querySelectorAll('details.data tbody tr').length, "
        "label: f.querySelector('svg').getAttribute('aria-label'), tools: f.querySelectorAll('.tools button').length }))"
    )
    assert {f["name"] for f in found} >= {"roc", "thresholds", "timeline", "history", "cost-size"}
    assert all(f["box"] > 50 and f["marks"] and f["rows"] and f["label"] and f["tools"] == 2 for f in found), found


def test_the_leaderboard_sorts_and_filters(page, report):
    page.open(report)
    shown = "[...document.querySelectorAll('table.board tbody tr')].filter(r => !r.hidden)"
    scores = f"{shown}.map(r => r.cells[2].textContent)"
    press = "document.querySelectorAll('table.board thead button')[2].click()"
    before = page.run(scores)
    page.run(press)
    rising = [float(s) for s in page.run(scores) if s != "–"]
    page.run(press)
    falling = [float(s) for s in page.run(scores) if s != "–"]
    assert rising == sorted(rising) and falling == sorted(falling, reverse=True) and len(rising) == len([s for s in before if s != "–"])
    assert page.run(scores)[-1] == before[-1] == "–" or "–" not in before
    assert page.run("document.querySelectorAll('table.board th')[2].getAttribute('aria-sort')") == "descending"
    field = "document.querySelector('input[aria-label*=leaderboard]')"
    page.run(f"{field}.value = 'reference'; {field}.dispatchEvent(new Event('input'))")
    texts = page.run(f"{shown}.map(r => r.textContent)")
    assert texts and all("reference" in t for t in texts) and len(texts) < len(before)


def test_a_mark_tells_its_numbers_and_a_picture_is_enlarged_zoomed_and_left_by_key(page, report):
    page.open(report)
    page.run("document.querySelector('[data-name=history]').scrollIntoView({ block: 'center', behavior: 'instant' })")
    x, y = page.run(
        "(() => { const b = document.querySelector('[data-name=history] circle').getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    page.move(x, y)
    assert page.run("document.querySelector('.tip.on').textContent").startswith("trial ")
    page.run("document.querySelector('[data-name=history] .tools button').click()")
    whole = "document.querySelector('dialog[open] svg').getAttribute('viewBox').split(' ').map(Number)[2]"
    width = page.run(whole)
    page.press("+", "+")
    assert page.run(whole) < width
    page.press("0", "0")
    assert page.run(whole) == width
    page.press("Escape")
    page.wait("!document.querySelector('dialog[open]')")


def test_a_picture_is_saved_as_one(page, report):
    page.open(report)
    page.run(
        "window.saved = null; HTMLAnchorElement.prototype.click = function () { window.saved = [this.download, this.href.slice(0, 22), this.href.length]; };"
    )
    page.run("document.querySelectorAll('[data-name=roc] .tools button')[1].click()")
    page.wait("window.saved")
    name, head, length = page.run("window.saved")
    assert name == "roc.png" and head == "data:image/png;base64," and length > 5000 and page.console == [] and len(page.requests) <= 2


def test_the_threshold_can_be_moved_and_costs_name_the_cheapest(page, report):
    page.open(report)
    told = "document.querySelector('#pick-threshold .told').textContent"
    first = page.run(told)
    page.run("document.getElementById('cost-miss').value = 1000; document.querySelector('#pick-threshold button').click()")
    assert first.startswith("Above 0.5") and page.run(told) != first and " 0 misses" in page.run(told)


def test_with_scripts_off_every_fact_is_there(page, report):
    page.open(report, scripts=False)
    text = page.call("Runtime.evaluate", expression="document.body.innerText", returnByValue=True)["result"]["value"]
    view = read_json(report.with_suffix(".json"))
    for fact in (
        view["verdict"]["sentence"],
        view["verdict"]["size"].split(".")[0].removeprefix("It takes "),
        view["trust"]["reasons"][0],
        view["constraints"][0]["got"],
    ):
        assert fact.split(" at ")[0] in text
    rows = page.run("document.querySelectorAll('table.board tbody tr').length")
    assert rows == len(view["leaderboard"]) and page.run("document.querySelectorAll('button').length") == 0
    assert page.run("document.querySelectorAll('figure.chart details.data table').length") == page.run("document.querySelectorAll('figure.chart').length")
    assert page.run("[...document.querySelectorAll('figure.chart svg')].every(s => s.querySelector('title') || !s.querySelector('circle'))")


def test_every_control_is_reached_by_keyboard(page, report):
    page.open(report)
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(40):
        page.press("Tab")
        reached.add(page.run("document.activeElement.tagName + (document.activeElement.className ? '.' + document.activeElement.className : '')"))
    assert {"A", "BUTTON.theme", "BUTTON.copy"} <= reached, reached


def test_the_theme_can_be_switched_and_that_of_the_spec_wins_over_the_system(page, report, tmp_path):
    page.open(report, dark=False)
    light = page.run("getComputedStyle(document.body).backgroundColor")
    page.run("document.querySelector('button.theme').click()")
    assert page.run("getComputedStyle(document.body).backgroundColor") != light
    forced = tmp_path / "dark.html"
    forced.write_text(report.read_text().replace('<html lang="en">', '<html lang="en" data-theme="dark">'))
    page.open(forced, dark=False)
    assert page.run("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.parametrize("size", [(8.27, 11.69), (8.5, 11.0)], ids=["A4", "Letter"])
def test_paper_begins_with_one_page_that_says_it_all(page, report, size):
    page.open(report, dark=True)
    width, height = size
    data = page.pdf(paperWidth=width, paperHeight=height)
    pages = len(re.findall(rb"/Type\s*/Page[^s]", data))
    assert data.startswith(b"%PDF") and pages >= 4
    margin = 2 * 14 / 25.4
    page.open(report, round(96 * (width - margin)), round(96 * (height - margin)), media="print")
    top = page.run("document.querySelector('#verdict').getBoundingClientRect().bottom + scrollY")
    assert top <= 96 * (height - margin), top  # what follows begins on the second page
    assert page.run("getComputedStyle(document.querySelector('.on-paper')).display") == "block"
    assert page.run("getComputedStyle(document.querySelector('nav.toc')).display") == "none"


def test_b115_nothing_hostile_runs_and_all_is_shown(page, hostile):
    for width in (1280, 360):
        page.open(hostile, width)
        assert page.dialogs == [] and page.console == [] and page.requests == [hostile.absolute().as_uri()]
        assert page.run("document.documentElement.scrollWidth") <= width
    assert page.run("document.querySelectorAll('img, iframe, object, embed, link').length") == 0
    assert page.run("[...document.scripts].filter(s => s.type !== 'application/json').length") == 1
    text = page.run("document.body.textContent")
    for name in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "‹202E›", "‹200B›", "שלום עולם"):
        assert name in text, name
    assert "\u202e" not in text and "\u200b" not in text
    title = page.run("document.title")
    assert "<script>alert(1)</script>" in title


def test_the_look_at_hostile_data_runs_nothing_either(page, tmp_path):
    path = render_eda(hostile_profile(), EdaDir(tmp_path))
    page.open(path)
    assert page.dialogs == [] and page.console == [] and len(page.requests) == 1 and page.run("document.scripts.length") == 0


def test_the_page_of_a_run_that_goes_on_looks_for_a_newer_one(page, finished_run, tmp_path):
    from automl.report.live import Live

    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    Live(files, ["html"]).write()
    page.open(files.report_html)
    assert page.console == [] and "best so far" in page.run("document.body.textContent")
    files.report_html.write_text(files.report_html.read_text().replace("best so far", "newer page"))
    page.wait("document.body.textContent.includes('newer page')")


PLAIN = """
for (const e of document.querySelectorAll('body *')) {
  const told = getComputedStyle(e).backgroundColor.match(/^color\\(srgb ([\\d.]+) ([\\d.]+) ([\\d.]+)/);
  if (told) e.style.background = `rgb(${told.slice(1).map(v => Math.round(255 * v)).join(',')})`;
}
"""
"""Mixed colours as numbers, which this version of axe can read."""


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_a_task_without_a_label_is_whole_too(page, reduced, width):
    page.open(reduced, width)
    assert page.console == [] and page.dialogs == [] and len(page.requests) == 1 and page.run("document.documentElement.scrollWidth") <= width
    found = page.run(
        "[...document.querySelectorAll('figure.chart')].map(f => [f.querySelector('svg').getBBox().width, f.querySelectorAll('.tools button').length])"
    )
    assert found and all(size > 50 and tools == 2 for size, tools in found)


AXE = importlib.util.find_spec("axe_core_python")


@pytest.mark.skipif(AXE is None, reason="axe-core-python is not installed: pip install automl[test]")
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (360, False)])
@pytest.mark.parametrize("which", ["report", "hostile", "reduced"])
def test_axe_finds_no_serious_violation(page, request, which, width, dark):
    page.open(request.getfixturevalue(which), width, dark=dark)
    page.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.run(PLAIN)
    source = (Path(AXE.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")
    page.run(source + "; 0")
    found = page.run(
        "axe.run(document).then(r => ({ passed: r.passes.map(v => v.id), violations: r.violations.map(v => [v.id, v.impact, v.nodes.slice(0, 3).map(n => "
        "n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? ''))]) }))"
    )
    assert [v for v in found["violations"] if v[1] in ("serious", "critical")] == []
    assert {"color-contrast", "document-title", "heading-order"} <= set(found["passed"])  # it did look
