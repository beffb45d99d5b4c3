"""Secrets and cells of single rows occur in no file, log or message of a run or a look at the data: planted ones are searched for."""

import base64
import os
import sqlite3
import subprocess
import sys
import urllib.parse
import zlib
from pathlib import Path

import numpy as np
import pytest

import automl
from automl.search.unlabelled import FINDERS

from .conftest import mixed_frame

SECRET = "s3cr3t-pl4nted-Pass%w0rd"
CELL = "zyxcanary"
MAIL, PHONE = "canary.person@mail.example", "+49 171 55501234"


def planted() -> tuple[object, list[str]]:
    """Return a table with one row that nobody may recognise, and what must not be found of it."""
    frame = mixed_frame()
    rng = np.random.default_rng(0)
    frame["client"] = [f"client-{i}" for i in rng.permutation(len(frame))]
    frame["town"] = rng.choice(["Rome", "Oslo", "Bonn"], len(frame))
    frame["contact"] = [f"person{i}@mail.example" for i in range(len(frame))]
    frame["note"] = [f"some words about row {i % 7} and more of them" for i in range(len(frame))]
    for name in ("town", "note", "client"):
        frame.loc[:, name] = frame[name].astype(object)
    frame.loc[200, ["town", "client", "contact"]] = [f"{CELL}town", f"{CELL}client", MAIL]
    frame.loc[200, "note"] = f"one two {CELL}note {PHONE} three four"
    return frame, [f"{CELL}town", f"{CELL}client", f"{CELL}note", MAIL, PHONE, "5550123"]


def every_byte(folder: Path, printed: str) -> list[tuple[str, bytes]]:
    """Return the content of every file under a folder, as it is and unpacked, with what was printed."""
    out = [("stdout and stderr", printed.encode())]
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            out.append((str(path.relative_to(folder)), data))
            if path.suffix == ".zlib":
                out.append((f"{path.name} unpacked", zlib.decompress(data)))
            if path.suffix == ".parquet":
                import pyarrow.parquet as pq

                out.append((f"{path.name} as text", str(pq.read_table(path).to_pydict()).encode()))
    return out


def found(needles: list[str], folder: Path, printed: str) -> list[tuple[str, str]]:
    hits = []
    for place, data in every_byte(folder, printed):
        hits += [(needle, place) for needle in needles if needle.encode() in data or needle.encode("utf-16-le") in data]
    return hits


def call(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "automl", *map(str, arguments)], capture_output=True, text=True, timeout=240, env={**os.environ, **environment}
    )


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("private")
    frame, needles = planted()
    frame.to_csv(folder / "t.csv", index=False)
    return folder, frame, needles


SPEC = "task: {type: classification, target: kept}\nconstraints: {time: 90s, trials: 4}\nreport: {sample_rows: 0}\n"


@pytest.mark.parametrize("verb", ["run", "eda"])
def test_b122_a_cell_of_one_row_is_nowhere(verb, table):
    folder, _, needles = table
    (folder / "s.yaml").write_text(f"data: t.csv\n{SPEC}")
    done = call(verb, folder / "s.yaml", "--out", folder / verb)
    assert done.returncode == 0, done.stderr
    assert not found(needles, folder / verb, done.stdout + done.stderr)


UNLABELLED = {
    "clustering": "{type: clustering, compare_with: town}",
    "by levels": "{type: dimensionality_reduction, purpose: compress, n_components: 2, color_by: town}",
    "by numbers": "{type: dimensionality_reduction, purpose: compress, n_components: 2, color_by: amount}",
}


@pytest.mark.parametrize("which", [*(pytest.param(name, marks=pytest.mark.slow) for name in list(UNLABELLED)[:-1]), "by numbers"])
def test_b122_a_cell_of_one_row_is_nowhere_without_a_label_either(which, table, tmp_path, monkeypatch):
    _, frame, needles = table
    amounts = np.round(np.random.default_rng(1).uniform(1e5, 9e5, len(frame)), 3)
    frame.assign(amount=amounts).to_csv(tmp_path / "t.csv", index=False)
    spec = f"data: t.csv\ntask: {UNLABELLED[which]}\nconstraints: {{time: 40s}}\nreport: {{sample_rows: 0}}\n"
    (tmp_path / "s.yaml").write_text(spec + ("models: {include: [pca]}\n" if which != "clustering" else ""))
    monkeypatch.setitem(FINDERS, "clustering", "tests.finders")
    automl.run(tmp_path / "s.yaml", out=tmp_path / "run")
    inner = [f"{v:.3f}" for v in np.sort(amounts)[5:-5]]  # the ends are ranges, which are told
    assert (tmp_path / "run" / "report.html").exists() and not found(needles + inner, tmp_path / "run", "")


def test_the_search_finds_what_is_there(table, tmp_path):
    """The canary sings where it should: in the table itself, and in sample rows that were asked for."""
    folder, _, needles = table
    assert {n for n, _ in found(needles, folder, "")} == set(needles)
    (folder / "shown.yaml").write_text(f"data: t.csv\n{SPEC}".replace("sample_rows: 0", "sample_rows: 100"))
    done = call("eda", folder / "shown.yaml", "--out", tmp_path / "eda", "--set", "data.columns.drop=[client]")
    assert done.returncode == 0 and "Rome" in (tmp_path / "eda" / "eda.html").read_text()


def test_sample_rows_mask_personal_data(table, tmp_path):
    _, frame, _ = table
    frame.iloc[[200, *range(60)]].to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "s.yaml").write_text(f"data: t.csv\n{SPEC}".replace("sample_rows: 0", "sample_rows: 61"))
    done = call("eda", tmp_path / "s.yaml", "--out", tmp_path / "eda")
    assert done.returncode == 0, done.stderr
    assert not found(["@mail.example"], tmp_path / "eda", done.stdout + done.stderr)


def secrets() -> list[str]:
    return [SECRET, urllib.parse.quote(SECRET), urllib.parse.quote_plus(SECRET), base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-1]]


@pytest.mark.parametrize("verb", ["run", "eda", "plan", "validate", "columns"])
def test_a_password_from_the_environment_is_nowhere(verb, table, tmp_path):
    pytest.importorskip("sqlalchemy")
    _, frame, _ = table
    with sqlite3.connect(tmp_path / "shop.db") as base:
        frame.drop(columns=["contact", "note", "client"]).to_sql("t", base, index=False)
    (tmp_path / "s.yaml").write_text(
        "data:\n  sql: {connection: 'sqlite:///file:${DB_FILE}?uri=true&password=${DB_PASSWORD}', query: select * from t}\n" + SPEC
    )
    options = ["--out", tmp_path / "out"] if verb in ("run", "eda") else []
    done = call(verb, tmp_path / "s.yaml", *options, DB_FILE=str(tmp_path / "shop.db"), DB_PASSWORD=SECRET)
    assert done.returncode == 0, done.stderr
    (tmp_path / "shop.db").unlink()
    assert not found(secrets(), tmp_path, done.stdout + done.stderr)


@pytest.mark.parametrize("query", ["select * from nothing_there", "selec * from t", "select * from t where 1 = 0"])
def test_a_refused_query_shows_no_password(query, tmp_path):
    pytest.importorskip("sqlalchemy")
    with sqlite3.connect(tmp_path / "shop.db") as base:
        base.execute("create table t (a integer, y text)")
    (tmp_path / "s.yaml").write_text(
        "data:\n  sql: {connection: 'sqlite:///file:${DB_FILE}?uri=true&password=${DB_PASSWORD}', query: \"" + query + '"}\n' + SPEC.replace("kept", "y")
    )
    done = call("run", tmp_path / "s.yaml", "--out", tmp_path / "out", DB_FILE=str(tmp_path / "shop.db"), DB_PASSWORD=SECRET)
    assert done.returncode in (2, 3), done.stderr
    assert not found(secrets(), tmp_path, done.stdout + done.stderr)
