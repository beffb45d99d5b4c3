"""The rows of the list of bad inputs that are about where data come from and how they are read, by their numbers there.

Each is a spec beside some files, given to `automl plan`: which exit code, which words, at which place. The same reading
and the same errors stand before every run.
"""

import base64
import gzip
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import automl.cli

from ..conftest import mixed_frame

TASK = "task: {type: classification, target: kept}\nconstraints: {time: 20s}\n"
ROWS = "".join(f"{i},{'yes' if i % 2 else 'no'}\n" for i in range(40))
MIXED = mixed_frame(60).to_csv(index=False)


def spec(data="t.csv", more=""):
    return f"data: {data}\n{TASK}{more}"


def files(text=None, **named):
    """Return a maker of a spec beside files; a name's dot is written __."""

    def make(folder: Path) -> str:
        for name, content in named.items():
            path = folder / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return text or spec(next(iter(named)).replace("__", "."))

    return make


def csv(content, more="", data="t.csv"):
    return files(spec(data, more), t__csv=content)


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(pa.table(table), buffer)
    return buffer.getvalue()


def excel():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return buffer.getvalue()


def column(name, values, n=40, **options):
    """Return a maker of a csv with one column of given values beside one that can be learned."""
    rows = [{"a": i, name: values[i % len(values)], "kept": "yes" if i % 2 else "no"} for i in range(n)]
    return csv(pd.DataFrame(rows).to_csv(index=False, **options))


def database(query, connection="sqlite:///shop.db"):
    def make(folder: Path) -> str:
        base = sqlite3.connect(folder / "shop.db")
        base.execute("create table t (a integer, kept text)")
        base.executemany("insert into t values (?, ?)", [(i, "yes" if i % 2 else "no") for i in range(40)])
        base.commit()
        base.close()
        return f"data:\n  sql:\n    connection: {connection}\n    query: {query}\n{TASK}"

    return make


N = 40
KEPT = ["yes" if i % 2 else "no" for i in range(N)]
STRANGE = {
    "kept": KEPT, "tags": [[i] for i in range(N)], "point": [{"x": i} for i in range(N)], "money": pa.array([i * 100 for i in range(N)], pa.decimal128(9, 2)),
    "level": pa.array([f"l{i % 3}" for i in range(N)]).dictionary_encode(), "huge": pa.array([2**64 - 1 - i for i in range(N)], pa.uint64()),
    "lapse": pa.array([i * 1000 for i in range(N)], pa.duration("ms")), "zoned": pa.array([i * 10**9 for i in range(N)], pa.timestamp("ms", "Asia/Tokyo")),
    "raw": pa.array([b"\xff\xfe"] * N),
}  # fmt: skip

# id: (what makes the spec, exit code, words that are said)
CASES = {
    "B033 a path outside": (lambda folder: spec("/etc/passwd"), 3, ["column `kept` is not in passwd", "s.yaml:2:38"]),
    "B033 a program": (lambda folder: spec(sys.executable), 3, ["this is a program"]),
    "B037 a password": (files(spec("{sql: {connection: 'postgresql://me:hunter2@h/d', query: select 1}}")), 2, ["s.yaml:1:26", "${NAME}", "*******"]),
    "B038 a variable": (files(spec("{sql: {connection: 'postgresql://me:${NOT_SET_HERE}@h/d', query: select 1}}")), 2, ["s.yaml:1:26", "`NOT_SET_HERE` is not set"]),
    "B040 a glob without match": (files(spec("'tt*.csv'"), t__csv=MIXED), 3, ["s.yaml:1:7", "no file matches `tt*.csv`", "folder of the spec", "did you mean `t.csv`"]),
    "B040 a folder": (lambda folder: (folder / "sub").mkdir() or ((folder / "sub" / "a.csv").write_text("a") and spec("sub")), 3, ["sub is a folder", "sub/*.csv"]),
    "B043 zero bytes": (csv(""), 3, ["no header", "t.csv"]),
    "B044 header only": (csv("a,kept\n"), 3, ["no rows", "t.csv"]),
    "B045 a long row": (csv("a,kept\n" + ROWS + "1,yes,3\n" + ROWS), 3, ["t.csv, line 42", "2 names", "3 values"]),
    "B046 every row long": (csv("a,kept\n" + ROWS.replace("\n", ",x\n")), 3, ["t.csv, line 2", "2 names", "every row has 3 values"]),
    "B047 a short row": (csv("a,b,kept\n" + ROWS.replace(",", ",x,") + "7\n8\n"), 0, ["2 rows have fewer values than the 3 names, the first on line 42", "W301"]),
    "B048 an open quote": (csv("a,kept\n" + ROWS + '"7,yes\n' + ROWS), 3, ["t.csv, line 42", "quote"]),
    "B048 an open quote that closes later": (csv("a,kept\n" + ROWS + '7,"yes\n' + ROWS + '8,"no"\n'), 3, ["t.csv, line 42", "on line 83"]),
    "B049 semicolons": (csv(MIXED.replace(",", ";")), 0, ["separator ';', found from the first lines"]),
    "B050 Latin-1": (csv(("a,kept\n" + ROWS + "ö,yes\n").encode("latin-1")), 3, ["t.csv, line 42", "byte 257", "data.csv.encoding"]),
    "B050 as asked": (csv(("a,kept\n" + ROWS + "ö,yes\n").encode("cp1252"), data="{train: t.csv, csv: {encoding: cp1252}}"), 0, ["41 rows"]),
    "B051 UTF-16": (csv(MIXED.encode("utf-16")), 0, ["encoding utf-16-le, found from its first bytes"]),
    "B052 NUL bytes": (csv(("a,kept\n" + ROWS).encode() + b"x\0y,yes\n"), 3, ["1 NUL byte", "t.csv, line 42"]),
    "B053 names that occur twice": (csv("a,a,kept\n" + ROWS.replace(",", ",5,")), 0, ["`a` to `a.1`", "W302"]),
    "B053 the target twice": (csv("a,kept,kept\n" + ROWS.replace(",", ",5,")), 3, ["s.yaml:2:38", "`kept` occurs twice", "D307"]),
    "B053 an id twice": (csv("a,a,kept\n" + ROWS.replace(",", ",5,"), data="{train: t.csv, columns: {id: [a]}}"), 3, ["s.yaml:1:37", "`a` occurs twice"]),
    "B054 empty names": (csv("a,, ,kept\n" + ROWS.replace(",", ",5,6,")), 0, ["column 2 is called column_2", "column 3 is called column_3"]),
    "B056 csv as parquet": (files(t__parquet=MIXED), 3, ["called .parquet and holds text", "t.parquet"]),
    "B056 parquet as csv": (files(t__csv=parquet({"a": [1], "kept": ["x"]})), 3, ["called .csv and holds parquet"]),
    "B057 a cut parquet": (files(t__parquet=parquet({"a": [1], "kept": ["x"]})[:-30]), 3, ["incomplete", "t.parquet"]),
    "B057 a cut gzip": (files(t__csv__gz=gzip.compress(MIXED.encode())[:-20]), 3, ["incomplete", "t.csv.gz"]),
    "B058 no header": (files("data: t.csv\ntask: {type: classification, target: '7'}\n", t__csv="1,7\n" + ROWS), 0, ["looks like there is no header", "data.csv.header: false"]),
    "B059 Excel": (files(t__xlsx=excel()), 3, ["Excel", "csv", "t.xlsx"]),
    "B060 other columns": (files(spec("'p*.csv'"), p1__csv=MIXED, p2__csv=MIXED.replace("size", "Size", 1)), 3, ["p2.csv", "missing: `size`", "extra: `Size`"]),
    "B061 returns": (csv(MIXED.replace("\n", "\r")), 0, ["60 rows"]),
    "B061 mixed ends": (csv(MIXED.replace("\n", "\r\n", 20).rstrip("\n")), 0, ["60 rows"]),
    "B062 newlines in cells": (column("text", ['one\ntwo\r\n"three", four']), 0, ["40 rows"]),
    "B062 and a fault behind them": (csv('a,kept\n"x\ny\n\nz",yes\n1,2,3\n'), 3, ["t.csv, line 6"]),
    "B063 strange types": (files(t__parquet=parquet(STRANGE)), 0, ["`tags`", "`point`", "`raw`", "`lapse` holds durations", "`huge`", "money: number", "zoned: date", "W307"]),
    "B066 infinite numbers": (column("x", ["inf", "-Infinity", "1e999", "1", "2.5", "3", "4", "5", "6", "7"]), 0, ["x: number", "40 rows"]),
    "B067 long whole numbers": (column("x", [str(2**63 + i) for i in range(20)] + [str(2**64 + i) for i in range(20)]), 0, ["`x`: whole numbers of 17 digits", "W304"]),
    "B068 a few words among numbers": (column("x", [*map(str, range(18)), "n/a", "unknown"]), 0, ["40 rows"]),
    "B069 labels that mean missing": (column("country", ["DE", "NA", "FR"]), 0, ["`NA` (13 cells) in `country`", "data.csv.missing", "W306"]),
    "B069 as values": (csv(pd.DataFrame({"c": ["DE", "NA"] * 20, "kept": ["yes", "no", "no", "yes"] * 10}).to_csv(index=False), data="{train: t.csv, csv: {missing: ['']}}"),
                       0, ["c: category (2 distinct texts)"]),
    "B070 decimal commas": (column("x", ["1,5", "2,25", "1.234,56"], sep=";"), 0, ["`x`: most values are numbers with a decimal comma", "data.csv.decimal", "W305"]),
    "B070 as asked": (lambda folder: column("x", ["1,5", "2,25", "1.234,56", "7,5", "8,5", "9,5", "1,1"], sep=";")(folder).replace("t.csv", "{train: t.csv, csv: {decimal: ','}}"),
                      0, ["x: number"]),
    "B070 grouped digits": (column("x", ["1,234", "12,345,678"], sep=";"), 0, ["grouped digits", "W305"]),
    "B071 dates": (column("d", ["0001-01-01", "9999-12-31", "2023-02-30", "2024-01-01T00:00:00+02:00", "2024-05-01 10:00"]), 0, ["d: date"]),
    "B071 a year that is none": (column("d", ["99999-01-01", "2024-01-01", "2024-02-01"]), 0, ["40 rows"]),
    "B072 several types": (column("m", ["1", "x", "True", "2024-01-01"]), 0, ["m: category"]),
    "B072 several types in JSON": (files(spec("t.jsonl"), t__jsonl="".join(f'{{"m": {m}, "kept": "{k}"}}\n' for m, k in zip(['1', '"x"', 'true', 'null'] * 10, ["yes", "no"] * 20, strict=True))),
                                   0, ["m: category"]),
    "B123 an address": (files(spec("http://169.254.169.254/latest")), 2, ["s.yaml:1:7", "network sources are not yet"]),
    "B123 a file address": (files(spec("file:///etc/passwd")), 2, ["s.yaml:1:7", "not yet"]),
    "B126 an unknown table": (database("select * from tt"), 3, ["s.yaml:4:12", "no such table: tt"]),
    "B126 a syntax error": (database("select from where"), 3, ["s.yaml:4:12", "syntax error"]),
    "B126 no such database": (database("select * from t", "sqlite:///shp.db"), 3, ["s.yaml:3:17", "did you mean shop.db"]),
    "B127 no SELECT": (database("delete from t"), 2, ["s.yaml:4:12", "single SELECT"]),
    "B127 a second statement": (database("select * from t; delete from t"), 2, ["s.yaml:4:12", "more than one statement"]),
    "B128 no rows": (database("select * from t where a < 0"), 3, ["s.yaml:4:12", "no rows"]),
    "B128 names that occur twice": (database("select l.*, r.a from t l join t r on l.a = r.a"), 0, ["`a` to `a.1`"]),
    "B128 the target twice": (database("select l.*, r.kept from t l join t r on l.a = r.a"), 3, ["`kept` occurs twice"]),
    "SQL": (database("select * from t"), 0, ["a query of sqlite: 40 rows"]),
    "a test table without a column": (files(spec("{train: t.csv, test: u.csv}"), t__csv=MIXED, u__csv="size,kept\n1,yes\n"), 3, ["s.yaml:1:28", "u.csv lacks `colour`"]),
    "a group that is not there": (csv(MIXED, data="{train: t.csv, columns: {group: colours}}"), 3, ["s.yaml:1:39", "did you mean `colour`"]),
    "times that are none": (csv(MIXED, data="{train: t.csv, columns: {time: colour}}"), 3, ["s.yaml:1:38", "neither as numbers nor as dates"]),
}  # fmt: skip


def planned(folder, monkeypatch, capsys, *arguments):
    """Return exit code, stdout and stderr of `automl plan` on the spec of a folder, in this process."""
    monkeypatch.setattr(sys, "argv", ["automl", "plan", str(folder / "s.yaml"), *arguments])
    with pytest.raises(SystemExit) as done:
        automl.cli.main()
    shown = capsys.readouterr()
    return done.value.code or 0, shown.out, shown.err


@pytest.mark.parametrize("name", CASES)
def test_the_right_code_and_place_and_nothing_written(name, tmp_path, monkeypatch, capsys):
    make, expected, words = CASES[name]
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    (tmp_path / "s.yaml").write_text(make(tmp_path))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    code, out, err = planned(tmp_path, monkeypatch, capsys)
    assert code == expected, out + err
    shown = err if expected else out
    for word in words:
        assert word in shown, shown
    assert "Traceback" not in err and "hunter2" not in err and str(tmp_path) not in err
    if expected:
        assert len(err.splitlines()) <= 20 and max(map(len, err.splitlines())) <= 200 and out == ""
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_b034_paths_are_relative_to_the_spec(tmp_path, monkeypatch, capsys):
    (tmp_path / "sub").mkdir()
    (tmp_path / "s.yaml").write_text(spec("sub/t.csv"))
    (tmp_path / "sub" / "t.csv").write_text(MIXED)
    monkeypatch.chdir("/")
    assert planned(tmp_path, monkeypatch, capsys)[0] == 0


def postgres(folder, secret):
    """Fill a table where AUTOML_TEST_POSTGRES leads to; return a connection whose password is a variable, and that password."""
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
    if "AUTOML_TEST_POSTGRES" not in os.environ:
        pytest.skip("AUTOML_TEST_POSTGRES does not hold the address of a PostgreSQL database")
    url = sqlalchemy.make_url(os.environ["AUTOML_TEST_POSTGRES"])
    with sqlalchemy.create_engine(url).begin() as made:
        made.execute(
            sqlalchemy.text(
                "drop table if exists t; create table t as select i as a, case when i % 2 = 0 then 'yes' else 'no' end as kept from generate_series(1, 40) i"
            )
        )
    return f"{url.drivername}://{url.username}:${{DB_SECRET}}@{url.host}:{url.port or 5432}/{url.database}", url.password


def sqlite(folder, secret):
    """Return a connection whose file is the variable: SQLite has no passwords."""
    database("select 1")(folder)
    (folder / "shop.db").rename(folder / secret)
    return "sqlite:///${DB_SECRET}", secret


@pytest.mark.parametrize("kind", [sqlite, postgres])
def test_b039_b041_what_a_variable_holds_is_used_verbatim_and_stands_nowhere(tmp_path, kind):
    """A whole run: the value is in no file of it and in no message, neither as it is nor encoded."""
    connection, secret = kind(tmp_path, "sh ${HOME} op.db")
    (tmp_path / "s.yaml").write_text(
        f"data:\n  sql:\n    connection: {connection}\n    query: select * from t\n{TASK}models: {{include: logistic_regression}}\n"
    )
    command = [sys.executable, "-m", "automl", "run", tmp_path / "s.yaml", "--set", "constraints.trials=1", "--out", tmp_path / "run"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DB_SECRET": secret})
    assert done.returncode == 0, done.stderr
    assert "${DB_SECRET}" in (tmp_path / "run" / "spec.resolved.yaml").read_text()
    contents = {p.name: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
    assert len(contents) > 10
    for written in (secret, quote(secret, safe=""), quote(secret), base64.b64encode(secret.encode()).decode()):
        assert written not in done.stderr + done.stdout
        assert not [name for name, content in contents.items() if written.encode() in content]


def test_b042_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch, capsys):
    from automl.data.sources import read as reading

    whole = reading.content

    def slow(path, packed, limit):
        found = whole(path, packed, limit)
        path.write_text(MIXED + "1,red,x,2024-01-01,no\n")
        return found

    monkeypatch.setattr(reading, "content", slow)
    csv(MIXED)(tmp_path)
    (tmp_path / "s.yaml").write_text(spec())
    code, _, err = planned(tmp_path, monkeypatch, capsys)
    assert code == 3 and "changed while being read" in err and "t.csv" in err


def test_b055_a_bomb_stays_within_memory(tmp_path):
    """200 MB behind 200 kB, with a limit of 20 MB: refused with the limit, and never unpacked."""
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,kept\n" + b"0,yes\n" * (1 << 25), 9))
    assert (tmp_path / "t.csv.gz").stat().st_size < 1_000_000
    program = (
        "import sys, pyarrow.csv, pandas\nfrom pathlib import Path\nfrom automl.data.sources import read_files\nfrom automl.errors import DataError\n"
        "from automl.spec.sections.data import Csv\npeak = lambda: int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) // 1024\nbefore = peak()\n"
        "try: read_files(['t.csv.gz'], Path(sys.argv[1]), Csv(), limit=20_000_000)\nexcept DataError as fault: print(fault.problem)\n"
        "print(peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    words, peak = done.stdout.splitlines()
    assert "20.0 MB" in words.replace("20 MB", "20.0 MB") and int(peak) < 120, peak


NAMES = [
    "__index__",
    "target",
    "predict",
    "class",
    "0",
    "a.b",
    "a[b]",
    "<a>",
    'with "quotes"',
    "with 'one'",
    "line\nend",
    "😀",
    "a,b",
    " padded",
    "{{7*7}}",
    "=1+1",
]


def test_b075_any_name_of_a_column_is_read_as_it_is(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=60).round(3) for name in NAMES} | {"kept": ["yes", "no", "no"] * 20})
    frame.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "s.yaml").write_text(spec())
    code, out, err = planned(tmp_path, monkeypatch, capsys, "--json")
    assert code == 0, err
    assert [c["name"] for c in json.loads(out)["columns"]] == [name.strip() for name in NAMES]
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "s.yaml").write_text(spec("t.parquet"))
    assert planned(tmp_path, monkeypatch, capsys)[0] == 0


SECRET = "p@ss/w:rd#1 ${HOME}\n: x"


def test_b126_a_wrong_password_is_told_without_it(tmp_path, monkeypatch, capsys):
    """Where no server can be had: one that is not there. With AUTOML_TEST_POSTGRES: the driver's own words, in test_sql."""
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    pytest.importorskip("psycopg2", reason="no driver of PostgreSQL is installed")
    connection = "postgresql+psycopg2://me:${DB_PASSWORD}@127.0.0.1:9/db"
    (tmp_path / "s.yaml").write_text(f"data:\n  sql:\n    connection: {connection}\n    query: select 1\n{TASK}")
    code, _, err = planned(tmp_path, monkeypatch, capsys)
    assert code == 3 and "s.yaml:3:17" in err and re.search("refused", err)
    for secret in (SECRET, quote(SECRET), quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode(), "p@ss"):
        assert secret not in err
