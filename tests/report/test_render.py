import base64
import hashlib
import json
import re
import shutil
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

import automl
from automl.errors import UsageError
from automl.report.render import is_written, render_eda, render_report
from automl.report.view import build_view
from automl.rundir import EdaDir, RunDir, read_json, write_json

from .looks import EFFECT, HOSTILE, finding, hostile_profile, mixed_profile, wide_profile

VOID = {"meta", "br", "hr", "img", "input", "link", "col"}


class Tags(HTMLParser):
    """Keeps what is open and what was found."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.seen, self.headings, self.images, self.attributes = [], [], [], set(), [], [], set()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.seen.add(tag)
        self.attributes |= set(values)
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.images += [values.get("aria-label")] if values.get("role") == "img" else []
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> while {self.open[-3:]} are open"
        self.open.pop()


@pytest.fixture
def run_copy(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    return RunDir(tmp_path / "run")


def _parsed(page):
    tags = Tags()
    tags.feed(page)
    return tags


def test_the_page_is_whole_and_its_links_lead_somewhere(run_copy):
    tags = _parsed(render_report(run_copy).read_text())
    assert tags.open == [] and len(tags.ids) == len(set(tags.ids))
    assert tags.links and all(link.startswith("#") and link[1:] in tags.ids for link in tags.links)


def test_the_page_stands_alone(run_copy):
    page = render_report(run_copy).read_text()
    assert not {"link", "iframe", "object"} & _parsed(page).seen
    assert "url(http" not in page and 'src="http' not in page and "@import" not in page


def test_the_json_beside_it_is_the_view(run_copy):
    assert render_report(run_copy) == run_copy.report_html
    assert read_json(run_copy.report_json) == json.loads(json.dumps(build_view(run_copy)))


def test_the_section_on_new_rows_shows_what_there_is(run_copy):
    points = [{"share": s, "rows": int(640 * s), "score": 0.7 + s / 10, "train": 0.9, "train_rows": 640, "n_scored": 160} for s in (0.25, 0.5, 1.0)]
    gain = {"gain": 0.05, "interval": [0.01, 0.09]}
    curve = {"points": points, "fold": 0, "whole": [0.7, 0.9], "half": gain, "quarter": gain, "reading": "rows", "because": "half"}
    evaluation = read_json(run_copy.evaluation)
    evaluation["generalisation"] |= {"curve": curve, "permuted": {"why_not": "the rows are <few>"}}
    write_json(run_copy.evaluation, evaluation)
    page = render_report(run_copy).read_text()
    tags = _parsed(page)
    assert tags.open == [] and "new-rows" in tags.ids and any(i and i.startswith("Learning curve: More rows will probably help") for i in tags.images)
    assert "the rows are &lt;few&gt;" in page and "Can I trust it?" in page and '<span class="tag off">reference</span>' in page
    write_json(run_copy.evaluation, {k: v for k, v in evaluation.items() if k not in ("generalisation", "also_intervals")})
    assert "new-rows" not in _parsed(render_report(run_copy).read_text()).ids  # a run of an earlier version is still shown


def test_whatever_stands_in_the_files_is_escaped(run_copy):
    study = read_json(run_copy.study)
    study |= {"name": "<b>bold</b>", "description": "</p><script>alert(1)</script>{{ 7*7 }}", "by_user": "<i>"}
    study["trials"][0] |= {"state": "error", "cause": "<script>x</script>"}
    write_json(run_copy.study, study)
    page = render_report(run_copy).read_text()
    assert (
        "<script>alert" not in page
        and "<script>x" not in page
        and "<b>bold" not in page
        and "<i>" not in page
        and "{{ 7*7 }}" in page
        and "&lt;b&gt;bold" in page
    )
    assert _parsed(page).open == []


def test_a_run_with_no_trial_at_all_has_a_page(run_copy):
    study, evaluation = read_json(run_copy.study), read_json(run_copy.evaluation)
    study |= {"trials": [], "counts": {"complete": 0, "pruned": 0, "failed": 0}}
    write_json(run_copy.study, study)
    write_json(run_copy.evaluation, evaluation | {"family": "baseline", "trial": None, "library_bytes": None, "parity": None})
    assert "No trial finished" in render_report(run_copy).read_text()


def test_a_run_with_many_classes_has_a_page(run_copy):
    evaluation = read_json(run_copy.evaluation)
    evaluation.pop("roc")
    classes = [{"label": f"c{i}", "rows": 0, "precision": None, "recall": None, "roc_auc": None} for i in range(40)]
    write_json(run_copy.evaluation, evaluation | {"positive_class": None, "per_class": classes, "confusion": [[0] * 40] * 40})
    assert _parsed(render_report(run_copy).read_text()).open == []


@pytest.mark.parametrize("damage", ["cut", "without a key", "no rung chosen"])
def test_what_is_no_finished_run_is_refused_and_its_report_left_alone(run_copy, damage):
    before = run_copy.report_html.read_bytes()
    evaluation = read_json(run_copy.evaluation)
    if damage == "cut":
        run_copy.evaluation.write_text('{"metric": ')
    elif damage == "without a key":
        write_json(run_copy.evaluation, {k: v for k, v in evaluation.items() if k != "interval"})
    else:
        write_json(run_copy.evaluation, evaluation | {"precision_ladder": [r | {"chosen": False} for r in evaluation["precision_ladder"]]})
    with pytest.raises(UsageError, match="not a finished run"):
        render_report(run_copy)
    assert run_copy.report_html.read_bytes() == before


def test_a_run_that_has_not_ended_has_a_page_of_what_it_knows(run_copy):
    for path in (run_copy.evaluation, run_copy.study, run_copy.explanation):
        path.unlink()
    page = render_report(run_copy).read_text()
    tags = _checked(page, {"script"})
    assert {"now", "leaders", "search", "data"} <= set(tags.ids) and "verdict" not in tags.ids and 'content="unfinished"' in page and not is_written(run_copy)
    assert read_json(run_copy.report_json)["state"] == "unfinished" and "best so far" in page and "## Leaderboard" in run_copy.report_md.read_text()


def test_only_the_formats_that_were_asked_for_are_written(run_copy):
    for path in (run_copy.report_html, run_copy.report_md, run_copy.report_json):
        path.unlink(missing_ok=True)
    assert not is_written(run_copy)
    plan = read_json(run_copy.plan)
    write_json(run_copy.plan, plan | {"page": plan["page"] | {"formats": ["md"]}})
    assert render_report(run_copy) == run_copy.report_md and not run_copy.report_html.exists() and not run_copy.report_json.exists() and is_written(run_copy)
    write_json(run_copy.plan, plan | {"page": plan["page"] | {"formats": ["md", "json"]}})
    assert not is_written(run_copy)  # as a kill between two files leaves it


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_theme_and_the_title_of_the_spec_are_kept(run_copy, theme):
    plan = read_json(run_copy.plan)
    write_json(run_copy.plan, plan | {"page": plan["page"] | {"theme": theme, "title": "Who <b>leaves</b>?"}})
    page = render_report(run_copy).read_text()
    assert ('<html lang="en">' in page) == (theme == "auto") and (f'data-theme="{theme}">' in page) == (theme != "auto")
    assert "Who &lt;b&gt;leaves&lt;/b&gt;?" in page and "<b>leaves" not in page


def test_the_policy_allows_our_script_and_no_other(run_copy):
    page = render_report(run_copy).read_text()
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    allowed = re.search(r"script-src '(sha256-[^']+)'", page).group(1)
    assert len(scripts) == 1 and allowed == "sha256-" + base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert "unsafe-eval" not in page and "eval(" not in scripts[0] and "new Function" not in scripts[0] and "innerHTML" not in scripts[0]


def test_b120_an_undefined_score_is_called_so(run_copy):
    evaluation = read_json(run_copy.evaluation)
    none = {"score": None, "interval": [None, None], "baseline_score": None, "also": dict.fromkeys(evaluation["also"])}
    write_json(run_copy.evaluation, evaluation | none)
    page = render_report(run_copy).read_text()
    assert '<p class="big">undefined</p>' in page and "a class is missing among them" in page and "NaN" not in run_copy.report_json.read_text()


# ---- the look at the data


def _page(profile, folder):
    """Return the text of eda.html of a profile, and how long it took to write."""
    began = time.perf_counter()
    page = render_eda(profile, EdaDir(folder)).read_text()
    return page, time.perf_counter() - began


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    found = [finding("target_leakage", ("size",), "fail", effect=EFFECT), finding(columns=("size",)), finding("drift", ("day",), "warn", reason="known")]
    return mixed_profile(tmp_path_factory.mktemp("mixed")) | {"findings": found}


def _checked(page, scripts=()):
    """Return the parsed page after what holds for every page was asserted; `scripts` are tags that it may have."""
    tags = _parsed(page)
    assert tags.open == [] and len(tags.ids) == len(set(tags.ids)) and all(link[1:] in tags.ids for link in tags.links)
    assert not ({"script", "link", "iframe", "object", "img"} - set(scripts)) & tags.seen and not {a for a in tags.attributes if a.startswith("on")}
    assert "default-src 'none'" in page and all(link.startswith("#") for link in tags.links) and not {"src", "action", "background"} & tags.attributes
    assert "url(" not in page and "@import" not in page
    assert all(tags.images) and tags.headings[0] == 1
    assert all(b <= a + 1 for a, b in zip(tags.headings, tags.headings[1:], strict=False)), tags.headings
    return tags


def test_the_page_of_a_look_is_whole_and_stands_alone(mixed, tmp_path):
    page, _ = _page(mixed, tmp_path)
    tags = _checked(page)
    assert {"findings", "target", "columns", "missing", "text", "dates", "outliers", "drift", "structure", "sample", "method", "main"} <= set(tags.ids)
    assert (
        "class=&#34;" not in page
        and "checks: {target_leakage: warn}" in page
        and "known" in page
        and "prefers-color-scheme: dark" in page
        and "@media print" in page
    )


def test_the_page_of_a_table_without_a_target(tmp_path):
    page, _ = _page(mixed_profile(tmp_path, None), tmp_path)
    assert {"target", "drift"}.isdisjoint(_checked(page).ids) and "Target" not in page and "the target" not in page


def test_the_json_beside_a_look_is_the_profile(mixed, tmp_path):
    _page(mixed, tmp_path)
    assert read_json(tmp_path / "eda.json") == json.loads(json.dumps({"schema_version": 1, **mixed}))


def test_hostile_names_classes_levels_words_and_findings_are_only_text(tmp_path):
    page, _ = _page(hostile_profile(), tmp_path)
    _checked(page)
    assert "alert(1)" in page and "{{7*7}}" in page and "{% raw %}" in page
    body = page[page.index("</head>") :]
    assert not re.search(r"<(?!/?(?:a|article|b|bdi|body|code|dd|details|div|dl|dt|figcaption|figure|h[1-6]|header|i|li|main|nav|ol|p|path|polyline|rect|section|small|span"
                         r"|strong|summary|svg|table|tbody|td|text|tfoot|th|thead|tr|ul|head|html)\b)", body)  # fmt: skip
    for raw in ("<script", "<img", "</script", "<b>$", "\u202e", "\u200b", "\x00", "x" * 1000):
        assert raw not in body
    assert body.count("&lt;script&gt;") > 3 and len(HOSTILE[9]) == 10_000


@pytest.mark.parametrize(("n_columns", "most"), [(30, 400_000), (1000, 3_000_000), (10_000, 3_000_000)])
def test_the_page_is_small_and_written_at_once(n_columns, most, tmp_path):
    page, seconds = _page(wide_profile(n_columns), tmp_path)
    _checked(page)
    assert len(page.encode()) <= most
    assert seconds < 5  # a page takes a tenth of that; a machine may be busy


@pytest.mark.parametrize(
    "part", ["relations", "missing", "text", "dates", "outliers", "drift", "structure", "sample", "sampling", "seconds", "roles", "split", "notes", "classes"]
)
def test_a_look_without_a_part_has_a_page(mixed, part, tmp_path):
    _checked(_page({k: v for k, v in mixed.items() if k != part}, tmp_path)[0])
    if part not in ("sample", "sampling", "seconds", "roles", "split", "notes", "classes"):
        assert "the time was over" in _page(mixed | {part: {"skipped": "the time was over"}}, tmp_path)[0]


def test_a_report_has_the_look_in_short(run_copy):
    page = render_report(run_copy).read_text()
    tags = _checked(page, {"script"})
    assert "Your data" in page and page.count('class="col"') == 4 and "<summary>Counts</summary>" not in page.split("Your data")[1].split("Words that mark")[0]
    assert {"data", "use"} <= set(tags.ids)


def test_a_report_of_thirty_columns_grows_by_little(run_copy):
    before = len(render_report(run_copy).read_bytes())
    write_json(run_copy.profile, read_json(run_copy.profile) | wide_profile(30))
    assert len(render_report(run_copy).read_bytes()) - before < 150_000


def test_templates_never_pass_text_through_unescaped():
    templates = Path(automl.__file__).parent / "report" / "templates"
    found = [p.name for p in templates.rglob("*.j2") if re.search(r"\|\s*safe\b|autoescape false|Markup", p.read_text())]
    assert not found and len(list(templates.rglob("*.j2"))) > 10


def _contrast(first, second):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(w * (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4) for w, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


def _colours(text):
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", text))


def test_text_can_be_read_in_both_themes():
    """The contrast of WCAG 2.1, criterion 1.4.3: 4.5 for text, also on the darkest cell of the heat map."""
    templates = Path(automl.__file__).parent / "report" / "templates"
    themes = re.findall(r":root \{([^}]*--bg[^}]*)\}", (templates / "style.html.j2").read_text())
    share = int(re.search(r"var\(--s\) \* (\d+)%", (templates / "eda" / "style.html.j2").read_text()).group(1)) / 100
    forced = re.findall(r"macro (?:light|dark)\(\) %\}([^{]*)\{%", (templates / "page_style.html.j2").read_text())
    assert len(themes) == 2 == len(forced) and {_colours(t)["ink"] for t in themes} == {_colours(t)["ink"] for t in forced}
    assert all(any(_colours(t).items() <= _colours(f).items() for f in forced) for t in themes)  # a theme that is switched to is that of the system
    for theme in themes:
        colours = _colours(theme)
        for name in ("ink", "soft", "accent", "good", "warn", "bad"):
            assert min(_contrast(colours[name], colours[ground]) for ground in ("card", "bg", "fill")) >= 4.5, name
        assert _contrast(colours["soft"], colours["code"]) >= 4.5
        for hue in ("accent", "c1"):
            mixed = "#" + "".join(
                f"{round(share * int(colours[hue][i : i + 2], 16) + (1 - share) * int(colours['card'][i : i + 2], 16)):02x}" for i in (1, 3, 5)
            )
            assert _contrast(colours["ink"], mixed) >= 4.5, hue
