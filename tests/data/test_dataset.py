"""A spec and a file to a dataset: classes in order, rows without target gone, errors that point into the spec."""

import numpy as np
import pytest

from automl.data.dataset import describe, load_dataset
from automl.errors import DataError
from automl.spec.load import read_spec
from automl.vocabulary import Role
from tests.builders import loaded, spec_of


def rows(y, n=40):
    return "".join(f"{i * 0.5},{'red' if i % 3 else 'blue'},{y[i % len(y)]}\n" for i in range(n))


def test_columns_get_roles_and_forms(tmp_path):
    found = loaded(tmp_path, "a,b,y\n" + rows(["yes", "no", "no"]))
    assert [(f.name, f.kind) for f in found.fields] == [("a", "number"), ("b", "category")]
    assert {d.key: d.value for d in found.roles} == {"a": Role.NUMBER, "b": Role.CATEGORY, "y": Role.TARGET}
    assert found.table.columns["a"].values[3] == 1.5 and "y" not in found.table.columns
    assert np.array_equal(found.y, np.arange(40) % 3 == 0)


def test_the_rarer_class_is_positive_unless_said_otherwise(tmp_path):
    text = "a,b,y\n" + rows(["yes", "no", "no"])
    assert loaded(tmp_path, text).classes == ("no", "yes")
    assert loaded(tmp_path, text).positive == 1
    assert loaded(tmp_path, text, spec_of(task={"positive_class": "no"})).positive == 0


def test_classes_that_are_numbers_stand_in_their_order_before_words(tmp_path):
    assert loaded(tmp_path, "a,b,y\n" + rows(["10", "9", "x", "2", "-1.5"], 60)).classes == ("-1.5", "2", "9", "10", "x")


def test_codes_point_at_the_written_class(tmp_path):
    written = ["10", "9", "2"]
    found = loaded(tmp_path, "a,b,y\n" + rows(written))
    assert [found.classes[code] for code in found.y[:6]] == written * 2


def test_rows_without_a_target_are_left_out_and_numbers_of_rows_stay(tmp_path):
    found = loaded(tmp_path, "a,b,y\n" + rows(["yes", "", "no", "no"]))
    assert len(found.y) == 30 and found.row_numbers[:4].tolist() == [1, 3, 4, 5]
    assert found.table.columns["a"].values[1] == 1.0 and found.table.n_rows == 30
    assert "10 rows without a target" in found.notes[-1]


def test_declared_columns_win(tmp_path):
    data = {"train": "t.csv", "columns": {"types": {"a": "categorical"}, "drop": ["b"]}}
    found = loaded(tmp_path, "a,b,y\n" + rows(["yes", "no"]), spec_of(data))
    assert [(f.name, f.kind, f.numeric_levels) for f in found.fields] == [("a", "category", True)]
    assert {d.key: d.value for d in found.roles}["b"] == Role.DROPPED
    found = loaded(tmp_path, "a,b,y\n" + rows(["yes", "no"]), spec_of({"train": "t.csv", "columns": {"id": "a"}}))
    assert [f.name for f in found.fields] == ["b"]


def test_decimal_commas(tmp_path):
    text = "a;y\n" + "".join(f"{i},5;{'yes' if i % 2 else 'no'}\n" for i in range(30))
    found = loaded(tmp_path, text, spec_of({"train": "t.csv", "csv": {"decimal": ","}}))
    assert found.fields[0].kind == "number" and found.table.columns["a"].values[2] == 2.5


def test_a_bundled_table(tmp_path):
    found = load_dataset(spec_of({"builtin": "iris"}, "target"), tmp_path)
    assert found.classes == ("setosa", "versicolor", "virginica") and len(found.fields) == 4
    facts = describe(found)
    assert (facts["rows"], facts["columns"], facts["target"]) == (150, 4, "target") and len(facts["sha256"]) == 64


@pytest.mark.parametrize(
    ("text", "sections", "words"),
    [
        ("a,b,z\n" + rows(["yes", "no"]), {}, "column `y` is not in t.csv"),
        ("a,b,y\n" + rows(["yes"]), {}, "the one class `yes`"),
        ("a,b,y\n" + rows([""]), {}, "no value"),
        ("a,b,y\n" + rows(["yes", "no"], 10), {}, "at least 20"),
        ("a,b,y\n" + rows([str(i) for i in range(60)], 60), {}, "60 classes"),
        ("a,b,y\n" + rows(["yes", "no"]), {"task": {"positive_class": "maybe"}}, "`maybe` is not a class"),
        ("a,b,y\n" + rows(["yes", "no"]), {"data": {"train": "t.csv", "columns": {"types": {"q": "text"}}}}, "column `q`"),
        ("a,b,y\n" + rows(["yes", "no"]), {"data": {"train": "t.csv", "columns": {"types": {"b": "number"}}}}, "'blue' is not a number"),
    ],
)
def test_a_table_that_contradicts_the_spec_is_refused(tmp_path, text, sections, words):
    with pytest.raises(DataError, match=words):
        loaded(tmp_path, text, spec_of(**sections))


def test_an_error_points_at_the_line_of_the_spec(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,kept\n" + rows(["yes", "no"]))
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask:\n  type: classification\n  target: kpet\n")
    with pytest.raises(DataError) as caught:
        load_dataset(read_spec(tmp_path / "s.yaml"), tmp_path)
    assert "s.yaml:4:" in str(caught.value) and "did you mean `kept`" in str(caught.value)
