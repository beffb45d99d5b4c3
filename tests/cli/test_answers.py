"""Files larger than memory are answered block by block, as they would be in one piece, or not at all."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import automl.data.sources.read as reading
import automl.rundir.writing as writing
from automl.artifact.load import Predictor
from automl.cli import cli
from automl.errors import DataError, EnvironmentFault

from ..conftest import mixed_frame

LIMIT = 1 << 20
ROWS = 12_000


@pytest.fixture
def sizes(monkeypatch):
    """Return the rows of each table that was answered, with memory for a megabyte."""
    seen, whole = [], Predictor.answers
    monkeypatch.setattr(Predictor, "answers", lambda self, table: seen.append(table.n_rows) or whole(self, table))
    monkeypatch.setattr(reading, "memory_limit", lambda: LIMIT)
    return seen


@pytest.fixture(scope="module")
def rows():
    frame = pd.concat([mixed_frame(400, seed=i) for i in range(ROWS // 400)], ignore_index=True)
    frame["colour"] = frame["colour"].astype(object)
    frame.loc[ROWS - 3 :, "colour"] = "violet"
    frame.loc[5, ["size", "colour", "comment", "day"]] = None
    return frame.assign(day=None)


def predict(*arguments):
    return CliRunner().invoke(cli, ["predict", *map(str, arguments)])


def written(frame, path):
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_csv(path, index=False, compression="gzip" if path.suffix == ".gz" else None)
    return path


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.parquet"])
@pytest.mark.parametrize("out", ["o.csv", "o.parquet"])
def test_b142_a_table_larger_than_memory_is_answered_as_one_that_is_not(finished_run, tmp_path, rows, sizes, monkeypatch, name, out):
    path = written(rows, tmp_path / name)
    done = predict(finished_run, path, "-o", tmp_path / out, "--json")
    assert done.exit_code == 0, done.exception
    facts = json.loads(done.stdout)
    assert len(sizes) > 2 and sum(sizes) == ROWS == facts["rows"] and max(sizes) < ROWS / 2
    assert facts["unknown"] == {"colour": 3} and facts["empty"] == 1 and facts["columns_empty"] == ["day"] and facts["scored"] is None
    assert "answered in blocks, and not scored" in done.stderr
    monkeypatch.setattr(reading, "memory_limit", lambda: 1 << 40)
    assert json.loads(predict(finished_run, path, "-o", tmp_path / f"whole{out}", "--json").stdout)["unknown"] == {"colour": 3}
    read = pd.read_csv if out.endswith("csv") else pd.read_parquet
    pd.testing.assert_frame_equal(read(tmp_path / out), read(tmp_path / f"whole{out}"))


@pytest.mark.parametrize("out", ["o.csv", "o.parquet"])
def test_a_bad_row_is_named_as_in_the_file_and_nothing_is_left_behind(finished_run, tmp_path, rows, sizes, out):
    bad = rows.astype({"size": object})
    bad.loc[ROWS - 7, "size"] = "large"
    path = written(bad, tmp_path / "in.csv")
    (tmp_path / out).write_text("mine")
    fault = predict(finished_run, path, "-o", tmp_path / out).exception
    assert isinstance(fault, DataError) and f"data row {ROWS - 6}" in str(fault) and len(sizes) > 2
    assert (tmp_path / out).read_text() == "mine" and {p.name for p in tmp_path.iterdir()} == {"in.csv", out}


@pytest.mark.parametrize("out", ["o.csv", "o.parquet"])
def test_a_full_disk_leaves_nothing_behind(finished_run, tmp_path, rows, sizes, monkeypatch, out):
    def full(*more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    fault = predict(finished_run, written(rows[:50], tmp_path / "in.csv"), "-o", tmp_path / out).exception
    assert isinstance(fault, EnvironmentFault) and fault.exit_code == 6 and {p.name for p in tmp_path.iterdir()} == {"in.csv"}


def test_what_a_spreadsheet_would_work_out_is_quoted_in_blocks_too(finished_run, tmp_path, rows, sizes, monkeypatch):
    monkeypatch.setattr(Predictor, "answers", lambda self, table: {"prediction": np.full(table.n_rows, "=1+1", dtype=object)})
    predict(finished_run, written(rows, tmp_path / "in.csv"), "-o", tmp_path / "o.csv", "--excel-safe")
    assert pd.read_csv(tmp_path / "o.csv")["prediction"].tolist() == ["'=1+1"] * ROWS
