"""`init` writes a spec that runs unedited, and its guesses are right."""

import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from automl.data.guess import guess
from automl.data.sources import read_file
from automl.spec.load import load

from ..conftest import SHARED, mixed_frame, shared
from ..test_run import call

TABLES = ["adult", "german_credit", "glass", "horse_colic", "mammography", "pima_diabetes", "sms_spam", "sonar", "soybean", "titanic", "vehicle"]


def shuffled(name: str, folder, rows: int | None = None):
    """Return the path of a shared table with its columns in another order, and what is known of it."""
    path = shared(name)
    meta = json.loads((SHARED / name / "meta.json").read_text())
    frame = pd.read_csv(path, dtype=str)
    order = np.random.default_rng(5).permutation(len(frame.columns))
    frame.iloc[:rows, order].to_csv(folder / f"{name}.csv", index=False)
    return folder / f"{name}.csv", meta


def test_a_mixed_table(tmp_path):
    frame = mixed_frame(200)
    frame.insert(0, "customer", range(1001, 1201))
    frame["tier"] = np.arange(200) % 3
    frame["said"] = frame["kept"].map({"yes": "stays", "no": "goes"})
    frame.rename(columns={"kept": "churned"}).to_csv(tmp_path / "people data.csv", index=False)
    done = call("init", tmp_path / "people data.csv")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "people data.yaml"
    assert done.stdout.strip() == str(path)
    spec = load(path).or_raise()
    assert spec.goal.target == "churned" and spec.data.columns.id == ["customer"] and spec.data.columns.drop == ["said"]
    assert spec.data.columns.types == {"comment": "text", "tier": "category"}
    text = path.read_text()
    assert "tells `churned` under another name" in text and "counts the rows" in text and "# time: day" in text
    again = call("init", tmp_path / "people data.csv")
    assert again.returncode == 2 and path.read_text() == text


def test_decimal_commas_are_found(tmp_path):
    """Numbers of such a file would be taken for ids or levels; commas that may group digits are left to the user."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"length": rng.normal(size=200).round(3), "width": rng.normal(size=200).round(3), "species": rng.choice(["a", "b"], 200)})
    frame.to_csv(tmp_path / "t.csv", index=False, sep=";", decimal=",")
    assert call("init", tmp_path / "t.csv").returncode == 0
    spec = load(tmp_path / "t.yaml").or_raise()
    assert spec.data.csv.decimal == "," and spec.data.columns.id == [] and spec.data.columns.types == {}
    assert "as in length, width" in (tmp_path / "t.yaml").read_text()
    frame.assign(width=[f"{v},{v}" for v in rng.integers(100, 999, 200)]).drop(columns="length").to_csv(tmp_path / "g.csv", index=False, sep=";")
    assert call("init", tmp_path / "g.csv").returncode == 0 and "decimal" not in (tmp_path / "g.yaml").read_text()


def test_without_a_likely_target_it_asks_for_one(tmp_path):
    pd.DataFrame({"a": np.random.default_rng(0).normal(size=100), "b": np.random.default_rng(1).normal(size=100)}).to_csv(tmp_path / "t.csv", index=False)
    done = call("init", tmp_path / "t.csv")
    assert done.returncode == 2 and "--target" in done.stderr and not (tmp_path / "t.yaml").exists()
    done = call("init", tmp_path / "t.csv", "--target", "c")
    assert done.returncode == 3 and "column `c`" in done.stderr  # as for every verb: only the data show it


def test_the_target_is_guessed_in_ten_of_eleven(tmp_path):
    right = []
    for name in TABLES:
        path, meta = shuffled(name, tmp_path)
        found = guess(read_file(path))
        right.append(found is not None and found.target == meta["target"])
    assert sum(right) >= 10, dict(zip(TABLES, right, strict=True))


def test_types_are_right_in_nine_of_ten(tmp_path):
    right = total = 0
    for name in TABLES:
        path, meta = shuffled(name, tmp_path)
        raw = read_file(path)
        found = guess(raw, meta["target"])
        from automl.data.roles import infer_role

        assert found is not None
        for column, values in raw.table.columns.items():
            if column == meta["target"] or column in meta["drop"] or column in meta["id_columns"]:
                continue
            wanted = "category" if column in meta["categorical"] else "text" if column in meta["text"] else "number"
            kind = found.types[column][0] if column in found.types else str(infer_role(column, values).value)
            right += kind == wanted and column not in found.ids
            total += 1
    assert right >= 0.9 * total, (right, total)


def test_the_target_under_another_name_is_dropped(tmp_path):
    path, _ = shuffled("titanic", tmp_path)
    found = guess(read_file(path), "survived")
    assert found is not None and found.drops == {"alive": "tells `survived` under another name"}


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_what_it_writes_runs_unedited(name, tmp_path):
    path, meta = shuffled(name, tmp_path)
    assert subprocess.run([sys.executable, "-m", "automl", "init", str(path), "--target", meta["target"], "-o", str(tmp_path / "s.yaml")]).returncode == 0
    began = time.monotonic()
    done = call("run", tmp_path / "s.yaml", "--time", "20s", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 23
