"""What goes with a task without a label: errors for what it cannot keep, warnings for what changes nothing."""

import pytest

from automl.spec.load import load


def found(tmp_path, text):
    path = tmp_path / "s.yaml"
    path.write_text("data: t.csv\n" + text)
    return load(path, with_data=False).found


@pytest.mark.parametrize("task", ["clustering", "{type: dimensionality_reduction}"])
def test_sections_about_labels_are_said_to_change_nothing(task, tmp_path):
    text = f"task: {task}\nvalidation: {{folds: 3}}\nensemble: {{method: none}}\nsearch:\n  pruner: none\n"
    codes = [(d.code, d.span.line) for d in found(tmp_path, text)]
    assert codes == [("W203", 3), ("W203", 4), ("W203", 6)]


def test_to_classify_they_are_not():
    from pathlib import Path

    from automl.spec.load import load_text

    text = b"data: t.csv\ntask: {type: classification, target: y}\nvalidation: {folds: 3}\n"
    assert not load_text(text, Path("s.yaml"), {}, with_data=False).found


@pytest.mark.parametrize("asked", ["quality: 0.8", "interpretable: require", "fairness: {column: a}"])
def test_what_is_asked_of_a_prediction_is_refused(asked, tmp_path):
    problems = found(tmp_path, f"task: clustering\nconstraints: {{{asked}}}\n")
    assert [d.code for d in problems] == ["C402"] and "clustering" in problems[0].message


def test_a_size_is_not(tmp_path):
    assert not found(tmp_path, "task: clustering\nconstraints: {model_size: 1MB, latency: 5ms}\n")


def test_a_share_of_variance_is_no_map(tmp_path):
    assert [d.code for d in found(tmp_path, "task: {type: dimensionality_reduction, n_components: 95%}\n")] == ["C402"]
    assert not found(tmp_path, "task: {type: dimensionality_reduction, purpose: compress, n_components: 95%}\n")
