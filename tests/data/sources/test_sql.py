"""Databases: one SELECT, types to columns, faults without secrets. PostgreSQL where AUTOML_TEST_POSTGRES holds its address."""

import base64
import builtins
import decimal
import os
import sqlite3
import traceback
import uuid
from urllib.parse import quote

import numpy as np
import pytest

from automl.data.sources import read_data
from automl.data.sources.sql import address, read_sql, scrubbed
from automl.errors import DataError, MissingPackageError, SpecError
from automl.spec.sections.data import Data, Sql

from .helpers import cells, coded_note

pytest.importorskip("sqlalchemy", reason="the optional package SQLAlchemy is not installed")
SECRET = "p@ss/w:rd#1%x"


@pytest.fixture
def shop(tmp_path):
    base = sqlite3.connect(tmp_path / "shop.db")
    base.execute("create table t (a integer, b text, c real, d blob, e integer)")
    base.executemany(
        "insert into t values (?, ?, ?, ?, ?)", [(i, "NA" if i == 1 else f"x{i % 3}", i / 2 if i else None, b"\xff\xfe", 2**62) for i in range(100)]
    )
    base.execute("create table mixed (m)")
    base.executemany("insert into mixed values (?)", [(1,), ("x",), (2.5,), (None,), (b"y",)])
    base.commit()
    base.close()
    return tmp_path


def query(folder, text, connection="sqlite:///shop.db", limit=1 << 30):
    return read_sql(Sql(connection=connection, query=text), folder, limit, 0)


def test_a_result_is_a_table(shop):
    raw = query(shop, "select a, b, c, d, e from t order by a;")
    found = raw.table.columns
    assert found["a"].values.tolist() == list(range(100)) and cells(found["b"])[:3] == ["x0", "NA", "x2"]
    assert np.isnan(found["c"].values[0]) and found["c"].values[3] == 1.5
    assert "d" not in found and "`d`" in coded_note(raw.notes, "W307") and "`e`" in coded_note(raw.notes, "W304")
    assert raw.name == "a query of sqlite" and len(raw.sha256) == 64
    assert raw.sha256 == query(shop, "select * from t order by a").sha256 != query(shop, "select * from t order by a desc").sha256


def test_a_column_of_several_types_becomes_text(shop):
    assert cells(query(shop, "select m from mixed").table.columns["m"]) == ["1", "x", "2.5", None, "y"]


def test_names_that_occur_twice_are_changed(shop):
    raw = query(shop, "select l.a, r.a, r.b as a from t l join t r on l.a = r.a")
    assert list(raw.table.columns) == ["a", "a.1", "a.2"] and raw.repeated == ("a",) and "W302" in raw.notes[0]


@pytest.mark.parametrize(
    "text",
    ["select a from t where b like 'x%' and a > 5", "select '%s :name ? ' || b as q from t where b = 'x0'", "with k as (select a from t) select * from k -- ;"],
)
def test_marks_in_a_query_are_not_taken_for_parameters(shop, text):
    assert query(shop, text).table.n_rows > 10


def test_types_that_sqlalchemy_gives(monkeypatch, tmp_path):
    rows = [
        (decimal.Decimal("1.50"), uuid.UUID(int=5), True, memoryview(b"ab"), 2**70, {"k": 1}, [1]),
        (None, uuid.UUID(int=6), False, None, 1, None, None),
    ]
    monkeypatch.setattr("automl.data.sources.sql._blocks", lambda url, text, secrets: iter([(list("abcdefg"), rows)]))
    raw = query(tmp_path, "select 1", "sqlite://")
    found = raw.table.columns
    assert found["a"].values[0] == 1.5 and cells(found["b"]) == [str(uuid.UUID(int=5)), str(uuid.UUID(int=6))]
    assert cells(found["c"]) == ["True", "False"] and cells(found["d"]) == ["ab", None] and found["e"].values.tolist() == [2.0**70, 1.0]
    assert "f" not in found and "g" not in found and len([n for n in raw.notes if "W307" in n]) == 2


def test_a_result_larger_than_memory_is_a_sample(shop, monkeypatch):
    monkeypatch.setattr("automl.data.sources.sql.FETCH", 7)
    raw = query(shop, "select a, b from t order by a", limit=6000)
    assert 5 < raw.table.n_rows < 60 and np.array_equal(raw.table.columns["a"].values + 1, raw.rows)
    assert raw.whole["rows"] == 100 and raw.whole["columns"]["a"] == {"missing": 0, "min": 0.0, "max": 99.0, "mean": 49.5}
    assert "of 100 rows" in coded_note(raw.notes, "W308")


def test_blocks_of_several_kinds_are_one_column(shop, monkeypatch):
    monkeypatch.setattr("automl.data.sources.sql.FETCH", 1)
    raw = query(shop, "select m from mixed")
    assert cells(raw.table.columns["m"]) == ["1", "x", "2.5", None, "y"] and "several types" in coded_note(raw.notes, "W307")


@pytest.mark.parametrize(
    ("text", "words"), [("select * from tt", "no such table: tt"), ("select q from t", "no such column"), ("select from where", "syntax error")]
)
def test_what_the_database_refuses_is_told_in_its_words(shop, text, words):
    with pytest.raises(DataError, match=words) as caught:
        query(shop, text)
    assert caught.value.where == "data.sql.query" and "sqlalche.me" not in str(caught.value) and caught.value.__cause__ is None


def test_a_result_without_rows(shop):
    with pytest.raises(DataError, match="gives no rows"):
        query(shop, "select * from t where a < 0")
    with pytest.raises(DataError, match="no column that can be used"):
        query(shop, "select d from t")


@pytest.mark.parametrize("text", ["delete from t", "select 1; delete from t", "with x as (delete from t returning *) select * from x", "pragma user_version"])
def test_only_a_select_is_carried_out(shop, text):
    with pytest.raises(SpecError, match="only a single SELECT"):
        query(shop, text)


def test_the_connection_itself_cannot_write(shop, monkeypatch):
    monkeypatch.setattr("automl.data.sources.sql.why_not_select", lambda text: "")
    for text in ("delete from t", "create table u (a)", "update t set a = 1"):
        with pytest.raises(DataError, match="readonly"):
            query(shop, text)
    assert query(shop, "select a from t").table.n_rows == 100


def test_a_database_file_that_is_not_there_is_not_made(shop):
    with pytest.raises(DataError, match=r"no database file shp\.db") as caught:
        query(shop, "select 1", "sqlite:///shp.db")
    assert "did you mean shop.db" in caught.value.fix and not (shop / "shp.db").exists()
    (shop / "text.db").write_text("no database" * 100)
    with pytest.raises(DataError, match="not a database"):
        query(shop, "select 1 from t", "sqlite:///text.db")


@pytest.mark.parametrize(
    ("connection", "words"), [("nothing", "no address"), ("nodb://h/x", "knows no such database"), ("postgresql://h:port/x", "no address")]
)
def test_what_is_no_address_is_told(tmp_path, connection, words):
    with pytest.raises(SpecError, match=words):
        query(tmp_path, "select 1", connection)


@pytest.mark.parametrize(
    ("connection", "variables", "user", "password", "host"),
    [
        ("postgresql://me:${PW}@host/db", {"PW": SECRET}, "me", SECRET, "host"),
        ("postgresql://${ME}:${PW}@${HOST}:${PORT}/db", {"ME": "a:b", "PW": "${X}\n: y", "HOST": "h", "PORT": "5"}, "a:b", "${X}\n: y", "h"),
        ("${DB}", {"DB": f"postgresql://me:{quote(SECRET, safe='')}@host/db"}, "me", SECRET, "host"),
        ("postgresql://${BOTH}@host/db", {"BOTH": "me:pw"}, "me", "pw", "host"),
        ("postgresql://me:${NOT_SET_HERE:-}@host/db", {}, "me", "", "host"),
    ],
)
def test_variables_are_used_as_they_are_and_the_password_is_known_as_secret(tmp_path, monkeypatch, connection, variables, user, password, host):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    url, secrets = address(connection, tmp_path)
    assert (url.username, url.password or "", url.host) == (user, password, host)
    if password:
        for written in (password, quote(password, safe=""), base64.b64encode(password.encode()).decode(), repr(password)[1:-1]):
            assert written not in scrubbed(f"so <{written}> it said", secrets)
    assert user in scrubbed(f"user {user}", [s for s in secrets if s not in user])


def test_a_password_in_a_parameter_is_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("PW", SECRET)
    url, secrets = address("postgresql://host/db?user=me&password=${PW}", tmp_path)
    assert url.query["password"] == SECRET and SECRET not in scrubbed(f"x {SECRET} y", secrets)


def test_a_password_as_text_is_refused_and_not_echoed(tmp_path):
    for connection in ("postgresql://me:hunter2@host/db", "mysql://h/db?password=hunter2", "postgresql://me:${PW:-hunter2}@host/db"):
        with pytest.raises(SpecError, match="password as text") as caught:
            query(tmp_path, "select 1", connection)
        assert "hunter2" not in str(caught.value)
    with pytest.raises(SpecError, match="`NOT_SET_HERE` is not set"):
        query(tmp_path, "select 1", "postgresql://me:${NOT_SET_HERE}@host/db")


def test_what_a_driver_says_is_scrubbed_in_every_form_and_in_the_traceback(tmp_path, monkeypatch):
    import sqlalchemy

    def refuse(*given, **more):
        raise sqlalchemy.exc.OperationalError("connect", {}, RuntimeError(f"no: {SECRET} {quote(SECRET, safe='')}\nmore {SECRET}"))

    monkeypatch.setenv("PW", SECRET)
    monkeypatch.setattr(sqlalchemy, "create_engine", refuse)
    with pytest.raises(DataError, match=r"refused: no: \*\*\* \*\*\*") as caught:
        query(tmp_path, "select 1", "sqlite://me:${PW}@/")
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown and quote(SECRET, safe="") not in shown


def test_without_the_package_the_line_to_install_it_is_told(shop, monkeypatch):
    plain = builtins.__import__

    def no_sqlalchemy(name, *rest):
        if name.startswith("sqlalchemy"):
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", no_sqlalchemy)
    with pytest.raises(MissingPackageError) as caught:
        query(shop, "select 1")
    assert "pip install" in caught.value.fix and "sqlalchemy" in caught.value.fix


def test_without_a_driver_the_line_to_install_it_is_told(tmp_path):
    with pytest.raises(MissingPackageError, match=r"MySQLdb|mysqlclient") as caught:
        query(tmp_path, "select 1", "mysql://host/db")
    assert caught.value.fix == "pip install 'mysqlclient'"


def test_a_spec_names_a_database(shop):
    data = Data(sql=Sql(connection="sqlite:///shop.db", query="select a from t"))
    assert read_data(data, shop).table.n_rows == 100


needs_postgres = pytest.mark.skipif("AUTOML_TEST_POSTGRES" not in os.environ, reason="AUTOML_TEST_POSTGRES does not hold the address of a PostgreSQL database")


@needs_postgres
def test_postgresql(tmp_path, monkeypatch):
    import sqlalchemy

    where = os.environ["AUTOML_TEST_POSTGRES"]
    url = sqlalchemy.make_url(where)
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as made:
        made.execute(sqlalchemy.text("drop table if exists automl_t; drop sequence if exists automl_s; create sequence automl_s"))
        made.execute(sqlalchemy.text(
            "create table automl_t as select i as a, (i / 4.0)::numeric(10,2) as b, 'x' || i % 3 as c, i % 2 = 0 as d, date '2024-01-01' + i as e,"
            " timestamptz '2024-01-01 00:00:00+02' as f, time '10:00' as g, array[1] as h, '{}'::jsonb as j, '\\x6162'::bytea as k,"
            " gen_random_uuid() as u, interval '1 min' as v from generate_series(1, 50000) i"
        ))  # fmt: skip
    raw = query(tmp_path, "select * from automl_t where c like 'x%' order by a", "${AUTOML_TEST_POSTGRES}")
    found = raw.table.columns
    assert raw.table.n_rows == 50_000 and found["b"].values[1] == 0.5 and cells(found["d"])[:2] == ["False", "True"]
    assert found["e"].values[0] == 1704153600.0 and found["f"].values[0] == 1704060000.0 and found["g"].values[0] == 36000.0 and found["v"].values[0] == 60.0
    assert cells(found["k"])[0] == "ab" and "h" not in found and "j" not in found and len(found["u"].levels) == 50_000
    sample = query(tmp_path, "select a, c from automl_t", "${AUTOML_TEST_POSTGRES}", limit=200_000)
    assert sample.whole["rows"] == 50_000 and sample.table.n_rows < 50_000
    for text, words in (("select * from nowhere", "does not exist"), ("select nextval('automl_s')", "read-only transaction")):
        with pytest.raises(DataError, match=words):
            query(tmp_path, text, "${AUTOML_TEST_POSTGRES}")
    monkeypatch.setenv("WRONG", SECRET)
    wrong = f"{url.drivername}://{url.username}:${{WRONG}}@{url.host}:{url.port or 5432}/{url.database}"
    with pytest.raises(DataError, match="password authentication failed") as caught:
        query(tmp_path, "select 1", wrong)
    assert caught.value.where == "data.sql.connection" and SECRET not in str(caught.value) and quote(SECRET) not in str(caught.value)
    with engine.begin() as made:
        made.execute(sqlalchemy.text("drop table automl_t; drop sequence automl_s"))
