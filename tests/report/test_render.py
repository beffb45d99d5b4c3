import json
import shutil
from html.parser import HTMLParser

import pytest

from automl.errors import UsageError
from automl.report.render import render_report
from automl.report.view import build_view
from automl.rundir import RunDir, read_json, write_json

VOID = {"meta", "br", "hr", "img", "input", "link", "col"}


class Tags(HTMLParser):
    """Keeps what is open and what was found."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.seen = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.seen.add(tag)
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
    assert not {"script", "link", "iframe", "object"} & _parsed(page).seen
    assert "url(http" not in page and 'src="http' not in page and "@import" not in page


def test_the_json_beside_it_is_the_view(run_copy):
    assert render_report(run_copy) == run_copy.report_html
    assert read_json(run_copy.report_json) == json.loads(json.dumps(build_view(run_copy)))


def test_whatever_stands_in_the_files_is_escaped(run_copy):
    study = read_json(run_copy.study)
    study |= {"name": "<b>bold</b>", "description": "</p><script>alert(1)</script>{{ 7*7 }}", "by_user": "<i>"}
    study["trials"][0] |= {"state": "error", "cause": "<script>x</script>"}
    write_json(run_copy.study, study)
    page = render_report(run_copy).read_text()
    assert "<script" not in page and "<b>bold" not in page and "<i>" not in page and "{{ 7*7 }}" in page and "&lt;b&gt;bold" in page
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


@pytest.mark.parametrize("damage", ["missing", "cut", "without a key", "no rung chosen"])
def test_what_is_no_finished_run_is_refused_and_its_report_left_alone(run_copy, damage):
    before = run_copy.report_html.read_bytes()
    evaluation = read_json(run_copy.evaluation)
    if damage == "missing":
        run_copy.evaluation.unlink()
    elif damage == "cut":
        run_copy.evaluation.write_text('{"metric": ')
    elif damage == "without a key":
        write_json(run_copy.evaluation, {k: v for k, v in evaluation.items() if k != "interval"})
    else:
        write_json(run_copy.evaluation, evaluation | {"precision_ladder": [r | {"chosen": False} for r in evaluation["precision_ladder"]]})
    with pytest.raises(UsageError, match="not a finished run"):
        render_report(run_copy)
    assert run_copy.report_html.read_bytes() == before
