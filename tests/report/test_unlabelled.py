"""The pages of tasks without a label, in all formats and while they run; tests/test_unlabelled.py has the runs themselves."""

import re
import shutil

import jsonschema
import pytest

import automl
from automl.report.render import is_written, render_report
from automl.rundir import RunDir, read_json, write_json
from automl.search.unlabelled import FINDERS

from ..test_unlabelled import blobs
from .looks import HOSTILE, hostile_profile
from .test_render import _checked
from .test_schema import valid

SPECS = {
    "clustering": "task: {type: clustering, compare_with: known}\n",
    "reduction": "task: {type: dimensionality_reduction, purpose: compress, n_components: 2, color_by: known}\nmodels: {include: [pca]}\n",
}


def hostile_run(files):
    """Make everything of a run that its data or its spec name hostile, and return the page and the Markdown written again."""
    plan, study, evaluation, explanation = (read_json(p) for p in (files.plan, files.study, files.evaluation, files.explanation))
    columns = [plan["columns"][0] | {"name": name} for name in (*HOSTILE[:9], "y" * 200)]
    decisions = [d | {"because": HOSTILE[0]} for d in plan["decisions"]]
    write_json(files.profile, read_json(files.profile) | {"source": HOSTILE[2], "findings": hostile_profile()["findings"]})
    write_json(
        files.plan,
        plan | {"columns": columns, "decisions": decisions, "page": plan["page"] | {"title": "".join(HOSTILE[:4]) + HOSTILE[6], "description": HOSTILE[0]}},
    )
    for trial in study["trials"][:2]:
        trial |= {"cause": HOSTILE[0], "params": {HOSTILE[2]: HOSTILE[0]}, "state": "error"}
    write_json(files.study, study | {"name": HOSTILE[0], "description": HOSTILE[2] + HOSTILE[3], "stopped": HOSTILE[0]})
    write_json(files.evaluation, evaluation | {"model_made_by": HOSTILE[0]})
    for told in explanation.get("clusters") or []:
        told |= {"words": [{"text": f"`{name}` is higher"} for name in HOSTILE[:9]], "rule": {"text": HOSTILE[2], "precision": 0.9, "recall": 0.9}}
    if explanation.get("known"):
        explanation["known"] |= {"column": HOSTILE[0], "groups": [HOSTILE[i] for i in range(len(explanation["known"]["groups"]))]}
    for one in explanation.get("maps") or []:
        one["colour"] |= {"column": HOSTILE[0], "levels": [HOSTILE[i] for i in range(len(one["colour"]["levels"]))]}
    for found in explanation.get("loadings") or []:
        found["columns"] = [{"column": name, "correlation": 0.5} for name in HOSTILE[:9]]
    if "lost" in explanation:
        explanation["lost"]["columns"] = [{"column": name, "lost": 0.5} for name in HOSTILE[:9]]
    write_json(files.explanation, explanation | ({"colour": HOSTILE[0]} if "maps" in explanation else {}))
    render_report(files)
    return files.report_html.read_text(), files.report_md.read_text()


@pytest.fixture(scope="module", params=list(SPECS))
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    blobs(folder)
    (folder / "s.yaml").write_text(f"data: t.csv\nname: groups\n{SPECS[request.param]}constraints: {{time: 40s}}\n")
    before, FINDERS["clustering"] = FINDERS["clustering"], "tests.finders"
    try:
        automl.run(folder / "s.yaml", out=folder / "run")
    finally:
        FINDERS["clustering"] = before
    return folder / "run"


def test_page_markdown_and_json_are_written_and_the_title_is_kept(made, tmp_path):
    shutil.copytree(made, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    plan = read_json(files.plan)
    write_json(files.plan, plan | {"page": plan["page"] | {"title": "<b>T</b>", "theme": "dark"}})
    assert render_report(files) == files.report_html and is_written(files)
    page, text = files.report_html.read_text(), files.report_md.read_text()
    _checked(page, {"script"})
    assert 'data-theme="dark"' in page and "&lt;b&gt;T&lt;/b&gt;" in page and text.startswith("# &lt;b&gt;T&lt;/b&gt;: ") and "<b>" not in text
    view = read_json(files.report_json)
    assert view["schema_version"] == 2 and view["verdict"]["headline"] in text and "## What was tried" in text and 'class="plot' in page
    assert all(line.count("|") >= 3 for line in text.splitlines() if line.startswith("|"))


def test_it_has_a_page_before_it_has_ended(made, tmp_path):
    shutil.copytree(made, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    for path in (files.evaluation, files.study):
        path.unlink()
    page = render_report(files).read_text()
    _checked(page, {"script"})
    assert 'content="unfinished"' in page and "best so far" in page and "holdout" not in read_json(files.report_json)["now"]["sentence"]


def test_report_json_keeps_to_its_schema(made, tmp_path):
    shutil.copytree(made, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    render_report(files)
    view = read_json(files.report_json)
    valid(view)
    for change in ({"surprise": 1}, {"own": {}}, {"state": "done"}, {"timeline": {"id": "x"}}):
        with pytest.raises(jsonschema.ValidationError):
            valid(view | change)
    for path in (files.evaluation, files.study):
        path.unlink()
    render_report(files)
    valid(read_json(files.report_json))


def test_every_picture_has_its_numbers_beneath(made):
    page = RunDir(made).report_html.read_text()
    figures = re.findall(r'<figure class="chart".*?</figure>', page, re.DOTALL)
    assert len(figures) >= 2 and all(figure.count("<tbody>") == 1 and '<th scope="row">' in figure for figure in figures)
    assert '<th scope="col" class="r">' in figures[0] and "&#34;r&#34;" not in page


def test_hostile_names_levels_and_causes_are_only_text(made, tmp_path):
    shutil.copytree(made, tmp_path / "run")
    page, text = hostile_run(RunDir(tmp_path / "run"))
    _checked(page, {"script"})
    assert "‹202E›" in page
    for raw in ("<script>alert", "<img", "</script><b>", "\u202e", "\u200b"):
        assert raw not in page[page.index("<body") :].replace("<script>(()", ""), raw
        assert raw not in text, raw
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "{{7*7}}" in page and "49" not in re.findall(r"<h1>.*?</h1>", page, re.DOTALL)[0]
