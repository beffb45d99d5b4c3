"""A spec and a file to a dataset: classes in order, rows without target gone, errors that point into the spec."""

import numpy as np
import pytest

from automl.data.dataset import describe, load_dataset
from automl.errors import DataError
from automl.spec.load import read_spec
from automl.spec.model import Spec
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


def folder_with(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_a_separate_test_table_stands_last(tmp_path):
    folder_with(tmp_path, t="a,b,y\n" + rows(["yes", "no"]), u="y,more,b,a\nno,1,green,7\n,1,red,8\nmaybe,1,red,9\n")
    found = load_dataset(spec_of({"train": "t.csv", "test": "u.csv"}), tmp_path)
    assert found.tested.sum() == 1 and found.tested[-1] and found.row_numbers[-1] == 1
    assert found.classes == ("no", "yes") and found.y[-1] == 0
    assert found.table.columns["a"].values[-1] == 7.0 and found.table.n_rows == len(found.y) == 41
    b = found.table.columns["b"]
    assert b.levels[b.values[-1]] == "green" and b.levels[b.values[0]] == "blue"
    assert found.source == "t.csv; test: u.csv" and any("2 rows without a known target were left out of u.csv" in n for n in found.notes)
    assert found.sha256 != load_dataset(spec_of({"train": "t.csv"}), tmp_path).sha256


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("a,y\n1,no\n", "u.csv lacks `b`"),
        ("a,b\n1,red\n", "u.csv lacks `y`"),
        ("a,b,y\n1,red,no\n2,red,no\nlow,red,no\n", "'low' is not a number"),
        ("", "no header"),
    ],
)
def test_a_test_table_that_does_not_fit_is_refused(tmp_path, test, words):
    folder_with(tmp_path, t="a,b,y\n" + rows(["yes", "no"]), u=test)
    with pytest.raises(DataError, match=words) as caught:
        load_dataset(spec_of({"train": "t.csv", "test": "u.csv"}), tmp_path)
    assert "low" not in words or "data row 3 of u.csv" in caught.value.where


def test_groups_and_times_run_over_train_and_test(tmp_path):
    head = "house,when,a,y\n"
    train = head + "".join(f"h{i // 4},2024-01-{i % 28 + 1:02},{i},{'yes' if i % 2 else 'no'}\n" for i in range(40))
    folder_with(tmp_path, t=train, u=head + "h0,2025-01-01,1,no\n,,2,yes\n")
    spec = spec_of({"train": "t.csv", "test": "u.csv", "columns": {"group": "house", "time": "when"}})
    found = load_dataset(spec, tmp_path)
    assert found.group.dtype == np.int64 and found.group[:5].tolist() == [0, 0, 0, 0, 1] and found.group[-2:].tolist() == [0, 10]
    assert found.time[-2] == found.time.max() == 1735689600 and found.time[-1] == found.time.min() < 1704067200
    assert [f.name for f in found.fields] == ["a"] and {d.key: d.value for d in found.roles}["when"] == Role.TIME
    assert load_dataset(spec_of({"train": "t.csv"}), tmp_path).group is None


def test_a_table_without_a_target(tmp_path):
    folder_with(tmp_path, t="a,b\n" + "".join(f"{i},x{i % 3}\n" for i in range(25)))
    found = load_dataset(Spec.model_validate({"data": "t.csv", "task": {"type": "clustering"}}), tmp_path)
    assert found.target == "" and found.classes == () and found.y.tolist() == [0] * 25 and found.table.n_rows == 25
    assert describe(found)["classes"] == []


def test_fewer_rows_where_asked_for_and_the_test_stays_whole(tmp_path):
    folder_with(tmp_path, t="a,b,y\n" + rows(["yes", "no", "no", "no"], 400), u="a,b,y\n" + rows(["yes", "no"], 50))
    spec = spec_of({"train": "t.csv", "test": "u.csv", "rows": 100})
    found = load_dataset(spec, tmp_path)
    assert len(found.y) == 150 and found.tested.sum() == 50 and np.bincount(found.y[~found.tested]).tolist() == [75, 25]
    assert np.array_equal(found.table.columns["a"].values[~found.tested], (found.row_numbers[~found.tested] - 1) * 0.5)
    assert any("a stratified sample of 100 of 400 rows" in n and "W308" in n for n in found.notes)
    assert np.array_equal(found.row_numbers, load_dataset(spec, tmp_path).row_numbers)
    assert len(load_dataset(spec_of({"train": "t.csv", "rows": 5000}), tmp_path).y) == 400


def test_a_table_larger_than_memory_keeps_its_rows_and_counts(tmp_path):
    folder_with(tmp_path, t="a,b,y\n" + rows(["yes", "no"], 20_000))
    found = load_dataset(spec_of(), tmp_path, limit=1_000_000)
    assert 500 < len(found.y) < 15_000 and np.array_equal(found.table.columns["a"].values, (found.row_numbers - 1) * 0.5)
    assert describe(found)["whole"]["rows"] == 20_000 and found.whole["columns"]["a"]["max"] == 9999.5


def test_a_bad_cell_of_a_sample_is_named_by_its_row_in_the_source(tmp_path):
    folder_with(tmp_path, t="a,b,y\n" + ",red,no\n" * 3 + rows(["", "no", "yes"], 60) + "low,red,no\n" * 3)
    for data in ({"train": "t.csv"}, {"train": "t.csv", "rows": 40}):
        with pytest.raises(DataError, match="'low' is not a number") as caught:
            load_dataset(spec_of({**data, "columns": {"types": {"a": "number"}}}), tmp_path)
        assert any(f"data row {n} of t.csv" in caught.value.where for n in (64, 65, 66))


def test_a_fault_of_what_the_spec_names_points_into_it(tmp_path):
    (tmp_path / "s.yaml").write_text("data:\n  sql: {connection: 'sqlite:///no.db', query: select 1}\ntask: {type: classification, target: y}\n")
    with pytest.raises(DataError) as caught:
        load_dataset(read_spec(tmp_path / "s.yaml"), tmp_path)
    assert "s.yaml:2:21" in caught.value.render() and "D310" in caught.value.render()
