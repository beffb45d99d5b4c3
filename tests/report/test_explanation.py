import numpy as np
import pytest

from automl.report.explanation import HEIGHT, WIDTH, explanation_view, options_view
from automl.report.render import render_report
from automl.report.view import build_view
from automl.rundir import RunDir, read_json, write_json

from .test_render import _parsed


def entry(name, value, low, high, effect, **more):
    return {"column": name, "value": value, "interval": [low, high], "effect": effect, **more}


def importance(columns, groups=(), rest=None):
    return {
        "kind": "permutation", "metric": "roc_auc", "greater_is_better": True, "score": 0.9, "rows": 500, "of_rows": 900, "units": 500, "repeats": 3,
        "columns": columns, "groups": list(groups), "rest": rest, "unused": 1, "of_columns": 9, "not_measured": [], "screened": None, "by_chance": 0.1,
    }  # fmt: skip


def curve(edges, values, **more):
    n = len(edges) - 1
    return {
        "column": "x", "kind": "number", "edges": edges, "rows": [30] * n, "few": [False] * n, "missing": 0, "of_rows": 100, "lowest": 1,
        "classes": [{"class": "yes", "values": values}], **more,
    }  # fmt: skip


def group(**more):
    return {
        "column": "c", "what": "level", "value": "a", "rows": 40, "share": 0.1, "loss": 0.5, "rest": 0.2, "difference": 0.3, "interval": [0.1, 0.5], "p": 0.001,
        "clear": True, "score": 0.7, "score_interval": [0.6, 0.8], **more,
    }  # fmt: skip


def sliced(worst=(), best=(), tested=9):
    return {"worst": list(worst), "best": list(best), "tested": tested, "columns": 2, "loss_words": "a loss", "corrected": "somehow", "clear": 0}


def found(**parts):
    base = {"metric": "roc_auc", "greater_is_better": True, "rows": {"kind": "holdout", "n": 900, "words": "of the holdout"}, "positive_class": "yes"}
    return base | {"importance": None, "effects": [], "slices": None, "examples": None, "notes": []} | parts


def test_bars_stand_on_zero_and_only_for_what_is_clear():
    columns = [
        entry("a", 0.2, 0.1, 0.3, "helps"),
        entry("b", -0.1, -0.15, -0.05, "harms"),
        entry("c", 0.01, -0.1, 0.1, "unclear"),
        entry("d", 0.0, 0.0, 0.0, "unused"),
    ]
    groups = [{"columns": ["a", "c"], "least": 0.9, "value": 0.25, "interval": [0.2, 0.3], "effect": "helps"}]
    view = explanation_view(found(importance=importance(columns, groups)))["importance"]
    assert [b["names"] for b in view["bars"]] == [["a", "c"], ["a"], ["b"]] and [b["group"] for b in view["bars"]] == [True, False, False]
    plus, minus = view["bars"][1], view["bars"][2]
    assert plus["left"] == view["zero"] and minus["left"] + minus["width"] == pytest.approx(view["zero"], abs=0.2) and minus["tone"] == "minus"
    assert plus["left"] + plus["width"] <= plus["band"] + plus["band_width"] <= 100.1
    assert view["unclear"] == "c" and view["unused"] == "d"


def test_what_was_not_measured_alone_is_told_together():
    rest = {"columns": 980, "value": 0.05, "interval": [0.01, 0.09], "effect": "helps"}
    assert "980 columns" in explanation_view(found(importance=importance([], rest=rest)))["importance"]["rest"]
    unclear = explanation_view(found(importance=importance([], rest=rest | {"effect": "unclear"})))["importance"]["rest"]
    assert "no clear effect" in unclear


def test_curves_lie_within_their_chart_on_one_scale():
    effects = [curve([0.0, 1.0, 2.0], [-0.4, 0.0, 0.4]), curve([0.0, 5.0], [-0.1, 0.1])]
    view = explanation_view(found(effects=effects))["effects"]
    first, second = ([tuple(map(float, p.split(","))) for p in c["lines"][0]["points"].split()] for c in view["charts"])
    assert first == [(0.0, HEIGHT), (WIDTH / 2, HEIGHT / 2), (WIDTH, 0.0)] and second == [(0.0, HEIGHT * 0.625), (WIDTH, HEIGHT * 0.375)]
    assert view["top"] == "40.0" and not view["legend"]


def test_intervals_of_few_rows_do_not_stretch_the_scale_and_long_tails_are_drawn_evenly():
    tail = curve([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 9e5], [0.0, *np.linspace(0, 0.2, 9), 0.9], few=[False] * 9 + [True])
    view = explanation_view(found(effects=[tail]))["effects"]
    assert view["charts"][0]["even"] and view["top"] == "20.0"
    assert all(0 <= float(p.split(",")[1]) <= HEIGHT for p in view["charts"][0]["lines"][0]["points"].split())
    assert not explanation_view(found(effects=[curve([0.0, 1.0, 2.0], [0, 0.1, 0.2])]))["effects"]["charts"][0]["even"]


def test_groups_in_words():
    ranges = [group(what="range", above=None, up_to=3.5), group(what="range", above=3.5, up_to=7.0), group(what="range", above=7.0, up_to=None)]
    view = explanation_view(found(slices=sliced([*ranges, group(what="missing", value="missing"), group(), group(clear=False)])))["slices"]
    assert [g["group"] for g in view["worst"]] == ["at most 3.5", "above 3.5, up to 7", "above 7", "no value", "a"]
    assert "None of 9 groups" in explanation_view(found(slices=sliced([group(clear=False)])))["slices"]["none"]
    assert "large enough" in explanation_view(found(slices=sliced(tested=0)))["slices"]["none"]


def test_no_explanation_is_no_section():
    assert explanation_view(None) is None and explanation_view(found(rows=None)) is None
    assert explanation_view(found(rows=None, notes=["There was no time."]))["notes"] == ["There was no time."]


def test_options_in_a_sentence():
    options = [{"option": "lr", "share": 0.6, "beyond_chance": True}, {"option": "depth", "share": 0.4, "beyond_chance": False}]
    study = {"importance": [{"family": "mlp", "trials": 20, "ended_early": 5, "good": 5, "options": options}, {"family": "svm", "skipped": "too few"}]}
    assert options_view(study) == [{"family": "mlp", "trials": 25, "good": 5, "options": "lr (60 %)", "shares": [60.0]}]
    study["importance"][0]["options"] = [{"option": "lr", "share": 0.6, "beyond_chance": None}]
    assert "no time" in options_view(study)[0]["options"] and options_view({}) == []


def test_a_run_has_the_section_and_its_facts(finished_run):
    files = RunDir(finished_run)
    facts = read_json(files.explanation)
    assert build_view(files)["uses"] == explanation_view(facts) and [c["effect"] for c in facts["importance"]["columns"]].count("helps") >= 2
    assert {c["column"] for c in facts["importance"]["columns"]} <= {"size", "colour", "comment", "day"}
    assert facts["seconds"] <= facts["allowed_seconds"] + 0.5 and isinstance(read_json(files.study)["importance"], list)


def test_names_and_cells_of_the_data_are_escaped_and_marks_made_visible(finished_run, tmp_path):
    import shutil

    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    hostile = "<script>\u202ealert()"
    row = {"row": 1, "prediction": hostile, "probability": 0.9, "true": hostile, "probability_of_true": 0.1, "cells": [hostile]}
    levels = {"column": hostile, "kind": "category", "levels": [hostile, None], "rows": [50, 9], "few": [False, True], "left_out": 3, "of_rows": 59, "classes": [{"class": hostile, "values": [0.0, 0.1]}]}  # fmt: skip
    facts = found(
        importance=importance([entry(hostile, 0.2, 0.1, 0.3, "helps"), entry(hostile, 0.2, -0.1, 0.3, "unclear")]), effects=[curve([0.0, 1.0], [0, 0.1], column=hostile), levels],
        slices=sliced([group(column=hostile, value=hostile)], [group(column=hostile, value=hostile, difference=-0.2)]), notes=[hostile], positive_class=hostile,
        examples={"columns": [hostile], "masked": [], "cells": True, "typical": [row], "wrong": [row], "wrong_rows": 1, "rows": 2},
    )  # fmt: skip
    write_json(files.explanation, facts)
    page = render_report(files).read_text()
    section = page[page.index('id="uses"') : page.index('id="ladder"')]
    assert "<script>\u202e" not in page and "<script>‹" not in page and "\u202e" not in section and section.count("&lt;script&gt;") > 10
    tags = _parsed(page)
    assert not tags.open and "#uses" in tags.links and "uses" in tags.ids


def test_an_older_run_without_the_file_has_no_section(finished_run, tmp_path):
    import shutil

    shutil.copytree(finished_run, tmp_path / "run")
    files = RunDir(tmp_path / "run")
    files.explanation.unlink()
    page = render_report(files).read_text()
    assert 'id="uses"' not in page and "#uses" not in page
