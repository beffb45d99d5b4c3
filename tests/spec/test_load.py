"""Errors of meaning and shape: the right place, the nearest name, one error per mistake, all in one pass."""

import pytest

from automl.errors import SpecError
from automl.spec.load import MINIMAL, load_spec, read_spec

GOOD = "data: a.csv\ntask:\n  type: classification\n  target: y\n"


def problems(tmp_path, text, **overrides):
    path = tmp_path / "s.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_spec(path, overrides)[1]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (GOOD + "sed: 1\n", (5, 1), "did you mean `seed`"),
        ("data: a.csv\ntask:\n  type: classification\n  tagret: y\n", (4, 3), "did you mean `task.target`"),
        ("data:\n  train: a.csv\n  seperator: ';'\n" + GOOD[12:], (3, 3), "data.csv.separator"),
        (GOOD + "timeout: 5m\n", (5, 1), "constraints.time"),
        (GOOD + "target: y\n", (5, 1), "task.target"),
        (GOOD + "version: 99\n", (5, 10), "1"),
        (GOOD + "constraints: {time: -5m}\n", (5, 21), "10m"),
        (GOOD + "constraints: {time: 600}\n", (5, 21), "unit"),
        (GOOD + "constraints: {trials: many}\n", (5, 23), "whole number"),
        (GOOD + "constraints: {trials: " + "9" * 5000 + "}\n", (5, 23), "whole number"),
        (GOOD + "constraints: {memory: 8GB}\n", (5, 15), "not yet"),
        (GOOD + "validation: {folds: 1}\n", (5, 21), "2"),
        (GOOD + "validation: {strategy: time}\n", (5, 14), "not yet"),
        (GOOD + "quantize: {max_drop: .nan}\n", (5, 22), "finite"),
        (GOOD + "quantize: {precisions: [int4]}\n", (5, 25), "int8"),
        (GOOD + "models: {include: []}\n", (5, 19), "empty"),
        (GOOD + 'name: "../x"\n', (5, 7), "plain name"),
        (GOOD + "  metric: rmse\n", (5, 11), "not a metric"),
        (GOOD + "  metric: roc-auc\n", (5, 11), "did you mean `roc_auc`"),
        ("data: a.csv\ntask: {type: clasification, target: y}\n", (2, 14), "did you mean `classification`"),
        ("data: a.csv\ntask: {type: clustering}\n", (2, 8), "not yet"),
        ("task: {type: classification, target: y}\n", (1, 1), "`data` is missing"),
        ("data: {train: a.csv, builtin: iris}\n" + GOOD[12:], (1, 1), "one source"),
        ("data: [a.csv]\n" + GOOD[12:], (1, 7), "keys"),
        ("- a\n- b\n", (1, 1), "mapping"),
        ("", (1, 1), "empty"),
        ("# only a comment\n", (1, 1), "empty"),
        ("data: ä\n".encode("latin-1"), (1, 1), "UTF-8"),
    ],
)
def test_place_and_words(tmp_path, text, place, words):
    found = problems(tmp_path, text)
    assert len(found) == 1, [d.message for d in found]
    assert (found[0].span.line, found[0].span.column) == place
    assert words in " ".join((found[0].message, found[0].label, *found[0].notes))


def test_all_errors_in_one_pass_in_order(tmp_path):
    found = problems(tmp_path, "data: {train: a.csv, sep: x}\ntask: {type: classification, tagret: y}\nconstraints: {time: 0, cpus: x}\n")
    assert [d.span.line for d in found] == [1, 2, 3, 3]


def test_a_bom_changes_nothing(tmp_path):
    found = problems(tmp_path, b"\xef\xbb\xbf" + (GOOD + "sed: 1\n").encode())
    assert found[0].span.line == 5 and found[0].span.column == 1


def test_words_that_look_like_booleans_stay_text(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("data: a.csv\ntask: {type: classification, target: no, positive_class: on}\n")
    spec = read_spec(path)
    assert (spec.task.target, spec.task.positive_class) == ("no", "on")


def test_short_forms_and_overrides(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(GOOD)
    spec = read_spec(path, {"constraints.time": "5m", "data.columns.drop": "[a, b]", "task.metric": "accuracy"})
    assert (spec.constraints.time, spec.data.columns.drop, spec.task.metric, spec.data.train) == (300.0, ["a", "b"], "accuracy", "a.csv")


def test_the_minimal_spec_is_one(tmp_path):
    assert not problems(tmp_path, MINIMAL)


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "churn.yaml").write_text(GOOD)
    with pytest.raises(SpecError, match=r"did you mean churn\.yaml"):
        read_spec(tmp_path / "chrun.yaml")
