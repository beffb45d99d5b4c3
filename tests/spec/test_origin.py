"""Where rows come from is checked with everything else, without touching it, and no password is ever shown."""

import subprocess
import sys

import pytest

from automl.spec.diagnostics import render_all
from automl.spec.formats import FORMATS, write
from automl.spec.load import load

TASK = "task: {type: classification, target: y}\n"


def loaded(tmp_path, text, overrides=None):
    (tmp_path / "s.yaml").write_text(text)
    return load(tmp_path / "s.yaml", overrides)


@pytest.mark.parametrize("text", [
    "data: {sql: {connection: 'postgresql://me:hunter2@host/db', query: select 1}}\n" + TASK,
    "data:\n  sql:\n    connection: postgresql://me:hunter2@host/db?sslmode=on\n    query: select 1\n" + TASK,
    "data:\n  sql:\n    connection: mysql://host/db?user=me&password=hunter2\n    query: select 1\n    qery: 1\n" + TASK,
    "data: postgresql://me:hunter2@host/db\n" + TASK,
    "data: {sql: postgresql://me:hunter2@host/db}\n" + TASK,
    "data: {sql: {connection: 'postgresql://me:${P:-hunter2}@host/db', query: select 1}}\n" + TASK,
    "data: {sql: {conection: 'postgresql://me:hunter2@host/db', query: select 1}}\n" + TASK,
    "data: {sql: {connection: 'postgresql://me:hunter2@host/db', query: [select 1]}}\n" + TASK,
    "data: {sql: {connection: postgresql://me:hunter2@host/db, query: 'select 1}}\n" + TASK,
    "name: postgresql://me:hunter2@host/db\ndata: a.csv\n" + TASK,
])  # fmt: skip
@pytest.mark.parametrize("form", FORMATS)
def test_a_password_is_refused_and_never_shown(tmp_path, text, form):
    found = loaded(tmp_path, text)
    assert found.spec is None
    shown = write(found.found, found.text, form)
    assert "hunter2" not in shown and shown


@pytest.mark.parametrize(
    "override", [{"data.sql.connection": "postgresql://me:hunter2@host/db"}, {"data.sql.connection.x": "a://b:hunter2@c"}, {"data": "ab://b:hunter2@c"}]
)
def test_nor_where_it_was_given_as_an_argument(tmp_path, override):
    (tmp_path / "s.yaml").write_text("data: {sql: {connection: 'sqlite:///a.db', query: select 1}}\n" + TASK)
    key, value = next(iter(override.items()))
    done = subprocess.run([sys.executable, "-m", "automl", "validate", tmp_path / "s.yaml", "--set", f"{key}={value}"], capture_output=True, text=True)
    assert done.returncode == 2 and "hunter2" not in done.stderr + done.stdout and "Traceback" not in done.stderr


def test_validate_connects_to_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    found = loaded(tmp_path, "data: {sql: {connection: 'postgresql://me:${DB_PASSWORD}@no.such.host/db', query: select 1}}\n" + TASK)
    assert found.spec is not None and found.found == [] and "hunter2" not in found.spec.model_dump_json()
    assert "sqlalchemy" not in str(found.spec)


def test_all_of_them_at_once(tmp_path):
    found = loaded(
        tmp_path, "data: {sql: {connection: 'postgresql://me:hunter2@h/d', query: delete from t}}\noutput: {dir: '${NOT_SET_HERE}'}\nsede: 1\n" + TASK
    )
    assert sorted(d.code for d in found.found) == ["S101", "S105", "S106", "S108"]
    assert "hunter2" not in render_all(found.found, found.text)


def test_a_relative_file_and_a_drive_are_no_addresses(tmp_path):
    (tmp_path / "a.csv").write_text("y,x\n1,2\n")
    assert loaded(tmp_path, "data: ./a.csv\n" + TASK).found == []
    assert [d.code for d in loaded(tmp_path, "data: C:/a.csv\n" + TASK).found] == ["D300"]


SERVER = "data: {sql: {connection: 'postgresql://me:${DB_PASSWORD}@host/db', query: select 1}}\n" + TASK


def test_a_run_without_a_network_asks_no_server(tmp_path, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    found = loaded(tmp_path, SERVER + "runtime: {network: false}\n")
    assert [d.code for d in found.found] == ["C402"]
    shown = render_all(found.found, found.text)
    assert "runtime.network: false" in shown and "hunter2" not in shown and "network: true" in shown
    for allowed in ("true", "auto"):
        assert loaded(tmp_path, SERVER + f"runtime: {{network: {allowed}}}\n").spec is not None


def test_a_database_in_a_file_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("WHERE", "sqlite:///shop.db")
    for connection in ("sqlite:///shop.db", "sqlite+pysqlite:///shop.db", "${WHERE}"):
        text = f"data: {{sql: {{connection: '{connection}', query: select 1}}}}\n{TASK}runtime: {{network: false}}\n"
        assert loaded(tmp_path, text).spec is not None, connection
    monkeypatch.setenv("WHERE", "mysql://host/shop")
    assert loaded(tmp_path, text).spec is None
