import pytest

from automl.errors import UsageError
from automl.evaluate.compare import compare
from automl.report.comparison import comparison_view, teller, told
from automl.report.render import render_comparison

from ..evaluate.compare.planted import answers, plant
from .test_render import _checked


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    import numpy as np

    place = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(0)
    y = (rng.random(300) < 0.5).astype(np.int64)
    noise = rng.normal(size=300)
    return [
        plant(place / name, y, answers(y, noise * 1.5, strength), **more)
        for name, strength, more in (("old", 1.5, {}), ("new", 0.3, {"spec": "models: {include: [xgboost]}\n"}), ("other", 1.5, {"sha256": "beef" * 16}))
    ]  # fmt: skip


def test_runs_stand_side_by_side_with_the_verdict_first(runs):
    view = comparison_view(compare(runs[:2]).facts, {"A": "old/report.html"})
    assert view["tests"][0]["tone"] == "red" and "worse" in view["tests"][0]["verdict"] and len(view["strips"]) == 2
    assert all(len(row["cells"]) == 2 for row in view["rows"]) and view["runs"][0]["link"] == "old/report.html" and not view["runs"][1]["link"]
    assert [s["id"] for s in view["sections"]][:2] == ["compared", "beside"] and any("models.include" in d["key"] for d in view["spec"])


def test_what_cannot_be_compared_is_told_and_the_rest_is_shown(runs):
    view = comparison_view(compare([runs[0], runs[2]]).facts, {})
    assert view["refused"][0]["run"] == "B" and view["tests"] == [] and "scored" not in [s["id"] for s in view["sections"]] and view["rows"]


def test_runs_of_several_metrics_have_no_common_line_and_a_missing_fact_is_a_dash(runs):
    facts = compare(runs[:2]).facts
    first, second = facts["runs"]
    other = comparison_view({**facts, "runs": [first, {**second, "metric": "accuracy"}]}, {})
    assert other["strips"] == [] and other["rows"][0]["label"] == "score"
    assert comparison_view({**facts, "runs": [first, {**second, "score": None, "decision": None}]}, {})["rows"][0]["cells"][1] == "–"
    assert teller(dict(told([first]))["decides by"], {"decision": None}) == "–"


def test_the_page_is_whole_and_names_are_only_text(runs, tmp_path):
    facts = compare(runs[:2]).facts
    facts["runs"][0] |= {"name": "<script>alert(1)</script>", "family": '"><img src=x onerror=alert(1)>'}
    render_comparison(facts, runs[:2], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    _checked(page, {"script"})
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page and "<img" not in page


def test_too_few_runs_are_refused(runs):
    with pytest.raises(UsageError):
        compare(runs[:1])
