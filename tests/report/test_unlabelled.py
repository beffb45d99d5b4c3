"""The pages of tasks without a label, in all formats and while they run; tests/test_unlabelled.py has the runs themselves."""

import shutil

import pytest

import automl
from automl.report.render import is_written, render_report
from automl.rundir import RunDir, read_json, write_json
from automl.search.unlabelled import FINDERS

from ..test_unlabelled import blobs
from .test_render import _checked

SPECS = {
    "clustering": "task: {type: clustering, compare_with: known}\n",
    "reduction": "task: {type: dimensionality_reduction, purpose: compress, n_components: 2, color_by: known}\nmodels: {include: [pca]}\n",
}


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
