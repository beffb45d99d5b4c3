"""What a process of its own found of the artifact is told wherever a reader looks."""

import shutil

import pytest

from automl.report.clusters import clusters_view
from automl.report.ladder import ladder_notes
from automl.report.parity import disagreement, fresh_notes
from automl.report.reduction import reduction_view
from automl.report.render import render_report
from automl.report.verdict import trust, trust_of
from automl.rundir import RunDir, read_json, write_json
from tests.report import test_clusters, test_reduction
from tests.report.test_verdict import _evaluation, _study

AGREES = {"agrees": True, "same_labels": True, "largest_difference": 0.0, "rows": 256, "load_seconds": 0.171, "peak_memory_mb": 61.2}
DIFFERS = {**AGREES, "agrees": False, "largest_difference": 0.3123, "same_labels": False}
FAILED = {"agrees": False, "why": "ArtifactError: model.safetensors was changed."}
SKIPPED = {"skipped": "0.8 s were left"}


@pytest.mark.parametrize(
    ("found", "words"), [(DIFFERS, "256 rows differ by up to 0.31, and some get another label"), (FAILED, "model.safetensors was changed")]
)
def test_a_model_that_answers_otherwise_turns_every_light_red_and_comes_first(found, words):
    there = {"fresh_process": found}
    told = trust(_evaluation(**there), _study())
    assert told["light"] == "red" and words in told["reasons"][0] and told["checks"][0]["tone"] == "red"
    groups = clusters_view(test_clusters.EVALUATION | there, test_clusters.EXPLANATION, {})["verdict"]["trust"]
    columns = reduction_view(test_reduction.EVALUATION | there, test_reduction.EXPLANATION, {})["verdict"]["trust"]
    assert all(t["light"] == "red" and words in t["reasons"][0] for t in (groups, columns))
    rung = {"chosen": True, "remark": "", "model_bytes": 1, "library_ratio": None, "judged_drop": 0.0}
    assert words in ladder_notes({"precision_ladder": [rung], **there}, {})[-1]


@pytest.mark.parametrize("found", [AGREES, SKIPPED, None])
def test_one_that_answers_alike_or_was_not_asked_is_no_doubt(found):
    assert disagreement({"fresh_process": found}) == "" and trust(_evaluation(fresh_process=found), _study())["light"] == "green"


def test_what_was_found_stands_under_the_ladder():
    assert fresh_notes({}) == [] and "0.8 s were left" in fresh_notes({"fresh_process": SKIPPED})[0]
    assert (
        "256 rows as the scored model did; loading took 0.17 s of processor time, and the whole process at most 61 MB."
        in fresh_notes({"fresh_process": AGREES})[0]
    )
    assert "at most" not in fresh_notes({"fresh_process": AGREES | {"peak_memory_mb": None}})[0]


def test_it_stands_on_every_page_of_a_run(finished_run, tmp_path):
    files = RunDir(shutil.copytree(finished_run, tmp_path / "run"))
    found = read_json(files.evaluation)["fresh_process"]
    assert found.get("agrees") is True or "skipped" in found  # on a busy machine there may be no time for it
    write_json(files.evaluation, {**read_json(files.evaluation), "fresh_process": DIFFERS})
    render_report(files)
    for page in ("report.html", "report.md", "report.json"):
        assert "256 rows differ by up to 0.31, and some get another label" in (files.root / page).read_text(), page
    assert trust_of(files)["light"] == "red"


def test_speeds_without_compiled_code_are_said_to_be_so():
    fresh = {"load_seconds": 0.2, "rows": 10, "peak_memory_mb": None, "agrees": True}
    assert [len(fresh_notes({"fresh_process": fresh, "precision_ladder": [{"compiled": there}]})) for there in (True, False)] == [1, 2]
    assert "still compiling" in fresh_notes({"precision_ladder": [{"compiled": False}]})[0] and fresh_notes({}) == []
