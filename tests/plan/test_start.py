"""An earlier run to begin from: its best, as far as they fit, and errors that show the place in the spec."""

import json

import pytest

from automl.errors import SpecError
from automl.families.space import Choice, Fixed, Float, Int, Space
from automl.plan.start import MOST, start_points
from automl.spec.load import read_spec

SPACE = Space({
    "x": Float(0.0, 1.0, 0.5), "k": Int(1, 9, 3), "kept": Fixed(7),
    "how": Choice({"slow": Space({"rate": Float(0.1, 1.0, 0.2)}), "fast": Space()}, "slow"),
})  # fmt: skip


def trial(number, score, family="a", state="ok", **params):
    return {"number": number, "family": family, "score": score, "state": state, "params": params}


def spec_at(folder, asked="old"):
    (folder / "a.csv").write_text("y,x\n")
    (folder / "s.yaml").write_text(f"data: a.csv\ntask: {{type: classification, target: y}}\nsearch:\n  start_from: {asked}\n")
    return read_spec(folder / "s.yaml")


def run_at(folder, trials, greater=True):
    (folder / "trials").mkdir(parents=True)
    (folder / "plan.json").write_text(json.dumps({"greater_is_better": greater}))
    for record in trials:
        (folder / "trials" / f"{record['number']:06d}").mkdir()
        (folder / "trials" / f"{record['number']:06d}" / "result.json").write_text(json.dumps(record))
    (folder / "trials" / ".tmp-000099-a1").mkdir()


FULL = {"k": 2, "kept": 7, "how": "fast"}


@pytest.mark.parametrize(("greater", "order"), [(True, [4, 3, 2]), (False, [1, 2, 3])])
def test_the_best_of_each_family_come_first(tmp_path, greater, order):
    trials = [trial(n, n / 10, x=n / 10, **FULL) for n in (1, 2, 3, 4)]
    trials += [trial(5, 0.99, "b", x=0.1), trial(6, None, state="error", x=0.2, **FULL), trial(7, 0.99, state="pruned", x=0.3, **FULL)]
    trials += [{**trial(8, 0.99, x=0.9, **FULL), "reference": True}]
    run_at(tmp_path / "old", trials, greater)
    found = start_points(spec_at(tmp_path), {"a": SPACE, "c": SPACE})
    assert [p.params["x"] for p in found] == [n / 10 for n in order] and len(found) == MOST
    assert [p.family for p in found] == ["a"] * 3 and found[0].note == f"from old, trial {order[0]}"


def test_what_lies_outside_of_the_space_is_left_out_and_said(tmp_path):
    run_at(tmp_path / "old", [trial(1, 0.9, **{"x": 3.0, "k": 4, "kept": 8, "how": "other", "how.other.rate": 0.5, "gone": 1})])
    [point] = start_points(spec_at(tmp_path), {"a": SPACE})
    assert point.params == {"x": 0.5, "k": 4, "kept": 7, "how": "slow", "how.slow.rate": 0.2}
    assert point.note.endswith("left out: x, kept, how, how.other.rate, gone")


def test_configurations_that_become_the_same_count_once(tmp_path):
    run_at(tmp_path / "old", [trial(n, n / 10, x=float(n + 1), **FULL) for n in (1, 2, 3, 4)])
    assert [p.note[:17] for p in start_points(spec_at(tmp_path), {"a": SPACE})] == ["from old, trial 4"]


@pytest.mark.parametrize(("make", "words"), [
    (lambda folder: None, "there is no folder `old`"),
    (lambda folder: folder.mkdir(), "`old` is not the folder of a run"),
    (lambda folder: run_at(folder, []), "no trial ended in the run `old`"),
    (lambda folder: run_at(folder, [{"number": 1}]), "`old` is not the folder of a run"),
])  # fmt: skip
def test_errors_show_the_place(tmp_path, make, words):
    make(tmp_path / "old")
    with pytest.raises(SpecError) as caught:
        start_points(spec_at(tmp_path), {"a": SPACE})
    shown = caught.value.render()
    assert words in shown and "s.yaml:4" in shown and str(tmp_path) not in shown.replace("s.yaml", "", 1).partition("\n")[2]
