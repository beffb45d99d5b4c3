import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from automl.cli import cli
from automl.eda.profile import profile_dataset
from automl.errors import DataError, GateFailed, SpecError, UsageError
from tests.conftest import mixed_frame, shared


@pytest.fixture
def table(tmp_path):
    mixed_frame(300).to_csv(tmp_path / "mixed.csv", index=False)
    return tmp_path / "mixed.csv"


def _eda(*arguments):
    return CliRunner().invoke(cli, ["eda", *map(str, arguments)])


def _fault(*arguments):
    return _eda(*arguments).exception


def test_the_last_line_is_the_page_and_progress_is_elsewhere(table):
    done = _eda(table, "--target", "kept")
    page = Path(done.stdout.splitlines()[-1])
    assert done.exit_code == 0 and page == table.parent / "eda-mixed" / "eda.html" and page.exists() and len(done.stdout.splitlines()) == 1
    assert "looking at" in done.stderr and "writing the page" in done.stderr
    assert {p.name for p in page.parent.iterdir()} == {"eda.html", "eda.json"}


def test_quiet_says_nothing_but_the_page(table):
    done = _eda(table, "--target", "kept", "-q")
    assert done.exit_code == 0 and done.stderr == ""


def test_the_json_has_every_finding_and_the_profile(table):
    _eda(table, "--target", "kept")
    found = json.loads((table.parent / "eda-mixed" / "eda.json").read_text())
    assert found["schema_version"] == 1 and found["training_rows"] + found["holdout_rows"] == 300 and found["target"] == "kept"
    assert {"relations", "missing", "text", "dates", "drift", "outliers", "structure", "sample", "split", "roles"} <= set(found)
    gaps = [f for f in found["findings"] if f["check"] == "missing_values"]
    assert {f["column"] for f in gaps} == {"size", "colour"}
    assert all({"check", "column", "mode", "action", "effect", "message", "override", "evidence", "reason"} <= set(f) for f in found["findings"])


def test_json_prints_one_document(table):
    done = _eda(table, "--target", "kept", "--json")
    found = json.loads(done.stdout)
    assert found["schema_version"] == 1 and Path(found["paths"]["html"]).exists() and Path(found["paths"]["json"]).exists()
    assert found["findings"] == json.loads(Path(found["paths"]["json"]).read_text())["findings"]


def test_a_table_without_a_target_is_looked_at_whole(table):
    assert _eda(table).exit_code == 0
    found = json.loads((table.parent / "eda-mixed" / "eda.json").read_text())
    assert found["classes"] == [] and found["training_rows"] == 300 and found["holdout_rows"] == 0
    assert {c["name"] for c in found["columns"]} == {"size", "colour", "comment", "day", "kept"}


def test_a_spec_is_looked_at_with_what_it_says(table):
    spec = table.parent / "s.yaml"
    spec.write_text("data: {train: mixed.csv, columns: {drop: [day]}}\ntask: {type: classification, target: kept}\nreport: {sample_rows: 2}\n")
    assert _eda(spec).exit_code == 0
    found = json.loads((table.parent / "eda-s" / "eda.json").read_text())
    assert {c["name"] for c in found["columns"]} == {"size", "colour", "comment"} and len(found["sample"]["rows"]) == 2


@pytest.mark.parametrize("task", ["{type: clustering, compare_with: kept, n_clusters: 3}", "{type: dimensionality_reduction, color_by: kept}"])
def test_a_task_that_cannot_run_yet_can_be_looked_at_and_its_labels_are_left_out(table, task):
    spec = table.parent / "s.yaml"
    spec.write_text(f"data: mixed.csv\ntask: {task}\n")
    assert _eda(spec).exit_code == 0
    found = json.loads((table.parent / "eda-s" / "eda.json").read_text())
    assert "kept" not in {c["name"] for c in found["columns"]} and found["classes"] == []
    assert next(r for r in found["roles"] if r["column"] == "kept")["role"] == "dropped"


def test_a_label_that_is_not_there_is_an_error_of_the_data(table):
    spec = table.parent / "s.yaml"
    spec.write_text("data: mixed.csv\ntask: {type: clustering, compare_with: kep}\n")
    fault = _fault(spec)
    assert isinstance(fault, DataError) and "`kep`" in fault.render() and "kept" in fault.render()


def test_a_check_that_fails_ends_with_1_and_leaves_the_page(table):
    done = _eda(table, "--target", "kept", "--set", "checks.missing_values=fail")
    assert isinstance(done.exception, GateFailed) and done.exception.exit_code == 1
    text = done.exception.render()
    assert "missing_values" in text and "`size`" in text and "checks: {missing_values: warn}" in text and "and 1 more" in text
    assert Path(done.stdout.strip()).exists() and (table.parent / "eda-mixed" / "eda.json").exists()


def test_a_check_that_is_off_finds_nothing(table):
    assert _eda(table, "--target", "kept", "--set", "checks.missing_values=off").exit_code == 0
    assert "missing_values" not in {f["check"] for f in json.loads((table.parent / "eda-mixed" / "eda.json").read_text())["findings"]}


def test_a_second_look_is_written_over_the_first(table):
    assert _eda(table, "--target", "kept").exit_code == 0
    before = (table.parent / "eda-mixed" / "eda.json").stat().st_mtime_ns
    assert _eda(table, "--target", "kept").exit_code == 0
    assert (table.parent / "eda-mixed" / "eda.json").stat().st_mtime_ns > before


def test_a_folder_with_other_files_is_refused_before_anything_is_read(table):
    folder = table.parent / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    fault = _fault(table.parent / "nothing.csv", "--out", folder)
    assert isinstance(fault, UsageError) and "letter.txt" in fault.render() and [p.name for p in folder.iterdir()] == ["letter.txt"]
    assert isinstance(_fault(table, "--out", table), UsageError)


def test_a_wrong_target_names_the_nearest_and_leaves_no_folder(table):
    fault = _fault(table, "--target", "kep")
    assert isinstance(fault, DataError) and fault.exit_code == 3 and "`kept`" in fault.render() and "--target" in fault.render()
    assert not (table.parent / "eda-mixed").exists()


def test_a_file_that_is_not_there_is_an_error_of_the_data(tmp_path):
    fault = _fault(tmp_path / "none.csv")
    assert isinstance(fault, DataError) and not (tmp_path / "eda-none").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "checks.id_lik=off"), "id_like"),
        (("--set", "no equals"), "KEY=VALUE"),
        (("--time", "soon"), "time"),
        (("--set", "task.target=kept"), "target"),
    ],
)
def test_a_wrong_option_is_named(table, arguments, words):
    fault = _fault(table, *arguments)
    assert isinstance(fault, UsageError | SpecError) and fault.exit_code == 2 and words in fault.render()
    assert not (table.parent / "eda-mixed").exists()


def test_a_spec_and_a_target_on_the_command_line_go_together(table):
    spec = table.parent / "s.yaml"
    spec.write_text("data: mixed.csv\ntask: {type: classification, target: colour}\n")
    assert _eda(spec, "--target", "kept").exit_code == 0
    assert json.loads((table.parent / "eda-s" / "eda.json").read_text())["target"] == "kept"


def test_a_target_with_a_name_that_yaml_reads_otherwise_is_that_name(tmp_path):
    mixed_frame(100).rename(columns={"kept": "[no]"}).to_csv(tmp_path / "t.csv", index=False)
    assert _eda(tmp_path / "t.csv", "--target", "[no]").exit_code == 0
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: {type: classification, target: colour}\n")
    assert _eda(tmp_path / "s.yaml", "--target", "[no]").exit_code == 0
    assert json.loads((tmp_path / "eda-s" / "eda.json").read_text())["target"] == "[no]"


def test_parts_of_a_table_are_looked_at_as_one(tmp_path):
    for part in range(2):
        mixed_frame(100, part).to_csv(tmp_path / f"part{part}.csv", index=False)
    assert _eda(tmp_path / "part*.csv").exit_code == 0
    assert json.loads((tmp_path / "eda-part" / "eda.json").read_text())["rows"] == 200


def test_personal_data_stands_in_neither_file(tmp_path):
    frame = mixed_frame(100)
    frame["contact"] = [f"person{i % 9}@mail.example" for i in range(100)]
    frame.to_csv(tmp_path / "t.csv", index=False)
    assert _eda(tmp_path / "t.csv", "--target", "kept").exit_code == 0
    for name in ("eda.html", "eda.json"):
        assert "mail.example" not in (tmp_path / "eda-t" / name).read_text()


def test_a_look_out_of_time_says_what_it_left_out(table, monkeypatch):
    monkeypatch.setattr(import_module("automl.run"), "profile_dataset", lambda *a, **k: profile_dataset(*a[:-1], 0.0))
    done = _eda(table, "--target", "kept")
    assert done.exit_code == 0 and "was over" in (table.parent / "eda-mixed" / "eda.html").read_text()


def test_the_whole_time_is_the_looks(table, monkeypatch):
    given = []
    monkeypatch.setattr(import_module("automl.run"), "profile_dataset", lambda *a, **k: given.append(a[-1]) or profile_dataset(*a))
    assert _eda(table, "--target", "kept", "--time", "30s").exit_code == 0 and given == [30.0]


def test_the_command_ends_with_1_in_a_shell_too(table):
    done = subprocess.run(
        [sys.executable, "-m", "automl", "eda", str(table), "--target", "kept", "--set", "checks.missing_values=fail", "-q"], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 1 and done.stdout.strip().endswith("eda.html") and done.stderr.startswith("error: the check missing_values")


@pytest.mark.parametrize(("name", "target"), [("titanic", "survived"), ("sms_spam", "label"), ("clu_wine", None), ("sonar", "label")])
def test_real_tables_have_a_page(name, target, tmp_path):
    done = _eda(shared(name), "--out", tmp_path / "look", *(("--target", target) if target else ()))
    assert done.exit_code == 0 or isinstance(done.exception, GateFailed)
    assert 20_000 < (tmp_path / "look" / "eda.html").stat().st_size < 400_000
