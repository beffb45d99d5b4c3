"""What the report says of constraints on the winner."""

import json
import shutil

import pytest

from automl.report.gate import fairness_view, gate_view
from automl.report.render import render_report
from automl.rundir import RunDir, write_json

TRIED = {
    "model": "linear", "precision": "int8", "size_bytes": 2698, "latency_ms": 0.18, "score": 0.95, "gap": None, "readable": "8 terms", "broken": ["model_size"],
}  # fmt: skip
FAILED = {
    "met": False, "failed": ["model_size"], "missed": ["latency"], "sentences": ["model_size: asked <b>at most 2.0 kB, got 2.7 kB"],
    "relaxations": [{"name": "model_size", "words": "the smallest model takes 2.7 kB", "paste": "constraints: {model_size: 2.7kB}"}],
    "tried": [TRIED, {**TRIED, "model": "forest", "broken": []}],
}  # fmt: skip
ROWS = [
    {"name": "model_size", "asked": "at most 2.0 kB", "got": "2.7 kB", "met": False, "hard": True},
    {"name": "latency", "asked": "at most 1 ms", "got": "2 ms", "met": False, "hard": False},
]
FAIR = {
    "metric": "equal_opportunity", "column": "<i>band", "gap": 0.2, "interval": [0.1, 0.3], "rows": "scored",
    "groups": [{"name": "<u>old", "rows": 90, "rates": {"positive rows found": 0.9}, "counted": {"positive rows found": 40}, "judged": True},
               {"name": "new", "rows": 9, "rates": {"positive rows found": None}, "counted": {"positive rows found": 0}, "judged": False}],
}  # fmt: skip


def test_what_was_not_kept_is_the_headline():
    found = gate_view({"gate": FAILED, "constraints": ROWS})
    assert "Not kept: model_size" in found["headline"] and "exit code 1" in found["headline"] and found["wishes"] == ["latency: asked at most 1 ms, got 2 ms"]
    assert [t["broken"] for t in found["tried"]] == ["model_size", "none"] and found["tried"][0]["size"] == "2.7 kB"


def test_what_was_kept_is_no_news():
    found = gate_view({"gate": {**FAILED, "met": True, "failed": [], "missed": [], "tried": [TRIED]}, "constraints": ROWS})
    assert found["headline"] == "" and found["wishes"] == [] and found["tried"] == []
    assert gate_view({"gate": None}) is None and gate_view({}) is None and fairness_view({}) is None


def test_groups_stand_with_their_rates():
    found = fairness_view({"fairness": FAIR})
    assert "0.200 (95 % interval 0.100 to 0.300)" in found["sentence"] and found["rates"] == ["positive rows found"] and found["few"]
    assert "too few rows" in fairness_view({"fairness": {**FAIR, "rows": "out_of_fold", "interval": None}})["sentence"]


@pytest.fixture
def failed_page(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    evaluation = json.loads(files.evaluation.read_text())
    write_json(files.evaluation, {**evaluation, "gate": FAILED, "fairness": FAIR, "constraints": [*ROWS, *evaluation["constraints"]]})
    render_report(files)
    return files


def test_the_page_says_it_above_all_else_and_escapes_it(failed_page):
    page = failed_page.report_html.read_text()
    assert page.index("Not kept: model_size") < page.index("<h2") and 'role="alert"' in page
    assert "constraints: {model_size: 2.7kB}" in page and "no, a wish" in page and "Wished for and not kept: latency" in page
    assert "&lt;b&gt;at most" in page and "&lt;u&gt;old" in page and "<u>old" not in page and "<i>band" not in page
    found = json.loads(failed_page.report_json.read_text())
    assert found["gate"]["headline"] and found["fairness"]["groups"] and found["next_steps"][0]["paste"] == "constraints: {model_size: 2.7kB}"
