"""`automl compare` as it is typed: what it prints, and its exit codes."""

import json

import numpy as np
import pytest

from ..evaluate.compare.planted import answers, plant
from ..test_run import call


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    rng = np.random.default_rng(0)
    y = (rng.random(300) < 0.5).astype(np.int64)
    noise = rng.normal(size=300)
    made = {
        name: plant(place / name, y, answers(y, noise * 1.5, strength), **more)
        for name, strength, more in (
            ("old", 1.5, {}),
            ("new", 0.3, {"spec": "models: {include: [xgboost]}\n"}),
            ("other", 1.5, {"sha256": "beef" * 16}),
            ("sold", 1.5, {"target": "sold"}),
        )
    }
    (place / "begun").mkdir()
    (place / "begun" / "plan.json").write_text("{}")
    return place, made


def test_the_verdict_is_the_last_line(runs):
    done = call("compare", runs[1]["old"], runs[1]["new"])
    assert done.returncode == 0, done.stderr
    assert "run B is worse than A by" in done.stdout.strip().splitlines()[-1]
    assert "models.include" in done.stdout and "xgboost (given.yaml:3)" in done.stdout and "logistic_regression" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100 or str(runs[0]) in max(done.stdout.splitlines(), key=len)


def test_many_runs_fit_the_width(runs):
    done = call("compare", *[runs[1][n] for n in ("old", "new", "old", "new", "old")])
    assert done.returncode == 0 and max(len(line) for line in done.stdout.splitlines() if str(runs[0]) not in line) <= 100
    assert sum("no difference" in line or "is worse" in line for line in done.stdout.splitlines()) == 4


def test_json_has_everything(runs):
    found = json.loads(call("compare", runs[1]["old"], runs[1]["new"], "--json").stdout)
    assert found["schema_version"] == 1 and {"runs", "spec", "findings", "pairs", "tests", "notes", "refused"} <= set(found)
    assert {"metric", "better_by", "low", "high", "p", "p_corrected", "smallest_seen", "verdict", "words"} <= set(found["tests"][0])
    assert found["runs"][0]["params"] == {"C": 0.5}


def test_a_gate_for_ci(runs):
    worse = call("compare", runs[1]["old"], runs[1]["new"], "--fail-if-worse")
    assert worse.returncode == 1 and "B is clearly worse than A" in worse.stderr and "run B is worse than A by" in worse.stdout
    assert call("compare", runs[1]["new"], runs[1]["old"], "--fail-if-worse").returncode == 0
    assert call("compare", runs[1]["old"], runs[1]["old"], "--fail-if-worse").returncode == 0


def test_what_cannot_be_compared(runs):
    place, made = runs
    other = call("compare", made["old"], made["other"])
    assert other.returncode == 3 and "read different data" in other.stderr and "sha256 beefbeefbeef" in other.stderr and "seed" in other.stdout
    assert json.loads(call("compare", made["old"], made["other"], "--json").stdout)["refused"][0]["run"] == "B"
    assert call("compare", made["old"], made["other"], "--same-rows").returncode == 0
    assert call("compare", made["old"], made["sold"]).returncode == 2
    begun = call("compare", made["old"], place / "begun")
    assert begun.returncode == 2 and "not finished" in begun.stderr
    near = call("compare", made["old"], place / "ol")
    assert near.returncode == 2 and f"did you mean {made['old']}" in near.stderr
    assert call("compare", made["old"]).returncode == 2 and call("compare").returncode == 2


def test_a_run_as_it_is_made(finished_run):
    done = call("compare", finished_run, finished_run)
    assert done.returncode == 0 and "the same answers on all 80 rows" in done.stdout and "A and B are the same run" in done.stdout


def test_a_page_is_written_where_one_is_asked_for(runs, tmp_path):
    page = tmp_path / "both.html"
    done = call("compare", runs[1]["old"], runs[1]["new"], "--page", page)
    assert done.returncode == 0 and f"page: {page}" in done.stderr and "run B is worse" in done.stdout
    assert "Side by side" in page.read_text() and "is worse than A" in page.read_text()
