import json
import shutil
import threading

import pandas as pd
import pytest
from click.testing import CliRunner

import automl
from automl.cli import cli
from automl.errors import ArtifactError, DataError, UsageError

from ..conftest import mixed_frame


def _predict(*arguments):
    return CliRunner().invoke(cli, ["predict", *map(str, arguments)])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_each_row_has_its_prediction_in_order(finished_run, tmp_path, suffix):
    frame = mixed_frame(25, seed=3)
    frame.to_csv(tmp_path / "in.csv", index=False)
    out = tmp_path / f"out{suffix}"
    done = _predict(finished_run, tmp_path / "in.csv", "-o", out)
    assert done.exit_code == 0 and done.stdout == f"{out}\n"
    found = pd.read_csv(out) if suffix == ".csv" else pd.read_parquet(out)
    assert found["prediction"].tolist() == automl.load(finished_run).predict(pd.read_csv(tmp_path / "in.csv")).tolist()
    assert (found["proba_no"] + found["proba_yes"]).to_numpy() == pytest.approx(1, abs=1e-5)
    assert ((found["proba_yes"] > 0.5) == (found["prediction"] == "yes")).all()


def test_columns_that_were_not_learned_from_are_counted(finished_run, tmp_path):
    mixed_frame(5).drop(columns="kept").to_csv(tmp_path / "in.csv", index=False)
    done = _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv")
    assert "5 rows predicted at " in done.stderr and "further" not in done.stderr
    mixed_frame(5).assign(more=1).to_csv(tmp_path / "in.csv", index=False)
    assert "2 further columns" in _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv").stderr


def test_a_rung_can_be_named_and_an_artifact_given_alone(finished_run, mixed_csv, tmp_path):
    assert "at float32" in _predict(finished_run, mixed_csv, "-o", tmp_path / "o.csv", "--precision", "float32").stderr
    assert _predict(finished_run / "artifact", mixed_csv, "-o", tmp_path / "o.csv").exit_code == 0


def test_a_file_that_is_there_is_replaced_only_by_a_whole_one(finished_run, mixed_csv, tmp_path):
    out = tmp_path / "o.csv"
    out.write_text("old")
    mixed_frame(5).drop(columns="size").to_csv(tmp_path / "bad.csv", index=False)
    assert isinstance(_predict(finished_run, tmp_path / "bad.csv", "-o", out).exception, DataError)
    assert out.read_text() == "old"
    assert _predict(finished_run, mixed_csv, "-o", out).exit_code == 0
    assert len(pd.read_csv(out)) == 400


@pytest.mark.parametrize(
    ("run", "out", "more", "fault"),
    [
        ("run", "o.txt", (), UsageError),
        ("run", "o", (), UsageError),
        ("nowhere", "o.csv", (), ArtifactError),
        ("run", "o.csv", ("--precision", "int4"), ArtifactError),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(finished_run, mixed_csv, tmp_path, run, out, more, fault):
    done = _predict(finished_run if run == "run" else tmp_path / run, mixed_csv, "-o", tmp_path / out, *more)
    assert isinstance(done.exception, fault) and list(tmp_path.iterdir()) == []


def test_the_digest_that_a_run_recorded_is_held_to(finished_run, mixed_csv, tmp_path):
    digest = json.loads((finished_run / "evaluation.json").read_text())["artifact_sha256"]
    assert _predict(finished_run, mixed_csv, "-o", tmp_path / "o.csv", "--expect", digest).exit_code == 0
    assert _predict(finished_run / "artifact", mixed_csv, "-o", tmp_path / "o.csv", "--expect", f"sha256:{digest}").exit_code == 0
    (tmp_path / "o.csv").unlink()
    other = _predict(finished_run, mixed_csv, "-o", tmp_path / "o.csv", "--expect", "0" * 64).exception
    assert isinstance(other, ArtifactError) and other.exit_code == 7 and not (tmp_path / "o.csv").exists()


def test_how_a_table_is_read_is_believed_only_as_far_as_it_makes_sense(finished_run, mixed_csv, tmp_path):
    folder = shutil.copytree(finished_run / "artifact", tmp_path / "artifact")
    manifest = json.loads((folder / "manifest.json").read_text())
    for facts in ({"separator": "several"}, {"engine": "python"}, [], {"encoding": "rot13"}):
        (folder / "manifest.json").write_text(json.dumps({**manifest, "csv": facts}))
        assert isinstance(_predict(folder, mixed_csv, "-o", tmp_path / "o.csv").exception, ArtifactError)


def test_b117_a_csv_is_exact_unless_a_spreadsheet_is_to_open_it(finished_run, tmp_path, monkeypatch):
    import numpy as np

    from automl.artifact.load import Predictor

    labels = np.array(["=cmd()", "+1", "-2", "@x", "\ty", "plain", "a=b"], dtype=object)
    answers = {"prediction": labels, "proba_=1+1": np.linspace(0, 1, 7)}
    monkeypatch.setattr(Predictor, "answers", lambda self, table: answers)
    mixed_frame(7).to_csv(tmp_path / "in.csv", index=False)
    assert _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv").exit_code == 0
    assert pd.read_csv(tmp_path / "o.csv")["prediction"].tolist() == labels.tolist()
    assert _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "s.csv", "--excel-safe").exit_code == 0
    safe = pd.read_csv(tmp_path / "s.csv")
    assert safe["prediction"].tolist() == ["'=cmd()", "'+1", "'-2", "'@x", "'\ty", "plain", "a=b"] and list(safe) == ["prediction", "proba_=1+1"]
    assert safe["proba_=1+1"].to_numpy() == pytest.approx(np.linspace(0, 1, 7))


def test_what_is_unusual_is_counted_and_a_target_that_is_there_is_scored(finished_run, tmp_path):
    rows = mixed_frame(30, seed=3)
    rows["colour"] = rows["colour"].astype(object)
    rows.loc[:3, "colour"] = "violet"
    rows.loc[29, ["size", "colour", "comment", "day"]] = None
    rows.to_csv(tmp_path / "in.csv", index=False)
    done = _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv", "--json")
    facts = json.loads(done.stdout)
    assert facts["unknown"] == {"colour": 4} and facts["empty"] == 1 and facts["scored"]["metric"] == "roc_auc" and facts["scored"]["rows"] == 30
    assert "`colour` holds a category that the model does not tell apart in 4 rows" in done.stderr and "1 rows hold no value" in done.stderr
    assert f"roc_auc of the 30 rows whose `kept` is there: {facts['scored']['score']:.4f}" in done.stderr
    rows.drop(columns="kept").to_csv(tmp_path / "in.csv", index=False)
    assert json.loads(_predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv", "--json").stdout)["scored"] is None


def test_no_rows_give_a_header(finished_run, tmp_path):
    mixed_frame(5)[:0].to_csv(tmp_path / "in.csv", index=False)
    done = _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv")
    assert done.exit_code == 0 and pd.read_csv(tmp_path / "o.csv").columns.tolist() == ["prediction", "proba_no", "proba_yes"]


def test_of_a_large_file_compiled_code_is_loaded_while_it_is_read(finished_run, mixed_csv, tmp_path, monkeypatch):
    from automl.cli import answers

    expected = _predict(finished_run, mixed_csv, "-o", tmp_path / "small.csv").stderr
    asked, settle = [], answers.settle
    monkeypatch.setattr(answers, "settle", lambda: asked.append(threading.current_thread()) or settle())
    monkeypatch.setattr(answers, "MANY_BYTES", 0)
    assert _predict(finished_run, mixed_csv, "-o", tmp_path / "large.csv").stderr == expected
    assert len(asked) == 1 and asked[0] is not threading.main_thread() and not asked[0].is_alive()
    assert (tmp_path / "large.csv").read_bytes() == (tmp_path / "small.csv").read_bytes()
    assert isinstance(_predict(finished_run, tmp_path / "nowhere.csv", "-o", tmp_path / "o.csv").exception, DataError)


@pytest.mark.parametrize("column", ["size", "colour", "comment", "day"])
def test_b140_a_column_without_any_value_is_answered_and_told(finished_run, tmp_path, column):
    rows = mixed_frame(12, seed=3)
    rows[column] = None
    rows.to_csv(tmp_path / "in.csv", index=False)
    done = _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv", "--json")
    assert done.exit_code == 0 and f"no row holds a value of `{column}`" in done.stderr
    assert json.loads(done.stdout)["columns_empty"] == [column] and len(pd.read_csv(tmp_path / "o.csv")) == 12


def test_b138_further_columns_and_another_order_change_no_prediction(finished_run, tmp_path):
    rows = mixed_frame(12, seed=3)
    rows.to_csv(tmp_path / "in.csv", index=False)
    rows[rows.columns[::-1]].assign(more="x").to_csv(tmp_path / "other.csv", index=False)
    for name in ("in", "other"):
        assert _predict(finished_run, tmp_path / f"{name}.csv", "-o", tmp_path / f"{name}.out.csv").exit_code == 0
    assert (tmp_path / "in.out.csv").read_bytes() == (tmp_path / "other.out.csv").read_bytes()


def test_b143_the_target_is_no_input(finished_run, tmp_path):
    rows = mixed_frame(12, seed=3)
    rows.to_csv(tmp_path / "in.csv", index=False)
    rows.assign(kept=rows["kept"].map({"yes": "no", "no": "yes"})).to_csv(tmp_path / "other.csv", index=False)
    for name in ("in", "other"):
        assert _predict(finished_run, tmp_path / f"{name}.csv", "-o", tmp_path / f"{name}.out.csv").exit_code == 0
    assert (tmp_path / "in.out.csv").read_bytes() == (tmp_path / "other.out.csv").read_bytes()


def test_b144_a_row_that_cannot_be_read_is_never_left_out_silently(finished_run, tmp_path):
    """Nothing is written then, and the row is named; with a value that reads, each row has its answer in its place."""
    rows = mixed_frame(9, seed=3).astype({"size": object})
    rows.loc[4, "size"] = "large"
    rows.to_csv(tmp_path / "in.csv", index=False)
    fault = _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv").exception
    assert isinstance(fault, DataError) and fault.exit_code == 3 and "data row 5" in str(fault) and "large" in str(fault) and not (tmp_path / "o.csv").exists()
    rows.loc[4, "size"] = None
    rows.to_csv(tmp_path / "in.csv", index=False)
    assert _predict(finished_run, tmp_path / "in.csv", "-o", tmp_path / "o.csv").exit_code == 0
    alone = [automl.load(finished_run, warm=False).predict(rows.iloc[[i]])[0] for i in range(9)]
    assert pd.read_csv(tmp_path / "o.csv")["prediction"].tolist() == alone


def test_b139_values_that_read_the_same_give_the_same(finished_run, tmp_path):
    """Numbers and dates as texts, and dates with a time: whatever loses nothing."""
    rows = mixed_frame(12, seed=3)
    rows.to_parquet(tmp_path / "in.parquet")
    rows.assign(size=rows["size"].map(lambda v: None if pd.isna(v) else repr(v)), day=pd.to_datetime(rows["day"]).dt.strftime("%Y-%m-%d")).to_parquet(
        tmp_path / "text.parquet"
    )
    for name in ("in", "text"):
        assert _predict(finished_run, tmp_path / f"{name}.parquet", "-o", tmp_path / f"{name}.out.csv").exit_code == 0
    assert (tmp_path / "in.out.csv").read_bytes() == (tmp_path / "text.out.csv").read_bytes()
