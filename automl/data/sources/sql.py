"""A query's result as a table: one SELECT, in a transaction that can only read; what a driver says is shown without secrets."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import numpy as np

from automl.data.sources.arrow import from_arrow
from automl.data.sources.raw import Raw
from automl.data.sources.sample import Counts, Reservoir
from automl.errors import AutoMLError, DataError, EnvironmentFault, MissingPackageError, SpecError
from automl.inference.table import Column, Table, column_of
from automl.spec.codes import remark
from automl.spec.dialect import unique_names
from automl.spec.environment import VARIABLE, filled, literal_password, substituted
from automl.spec.files import clipped, is_there, near_file
from automl.spec.query import why_not_select
from automl.spec.sections.data import Sql
from automl.spec.units import human_bytes

CONNECTION, QUERY = "data.sql.connection", "data.sql.query"
FETCH = 20_000  # rows at a time
CONNECT_SECONDS = 15
_SECRET_KEY = re.compile(r"(?i)pass|pwd|token|secret|key")
_DRIVERS = {"psycopg2": "psycopg2-binary", "psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient"}
_TIMEOUT = {"psycopg2": "connect_timeout", "psycopg": "connect_timeout", "pymysql": "connect_timeout", "mysqldb": "connect_timeout"}
_READ_ONLY = {  # what keeps a connection from writing; postgresql has an option of its own
    "sqlite": "PRAGMA query_only = ON", "mysql": "SET SESSION TRANSACTION READ ONLY", "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}  # fmt: skip


def read_sql(sql: Sql, base: Path, limit: int, seed: int) -> Raw:
    """Read the result of a query; one that would take more than `limit` bytes comes as a sample of its rows.

    Raises SpecError for a password in the text, a variable that is not set, or a query that is no single SELECT, before
    anything is connected; MissingPackageError without SQLAlchemy or the driver; DataError for what the database refuses.
    """
    url, secrets = address(sql.connection, base)
    query = filled(sql.query, QUERY)
    if why := why_not_select(query):
        raise SpecError(f"only a single SELECT is carried out, and {why}", QUERY, "nothing was connected")
    reservoir, counts, notes, digest = Reservoir(limit // 3, seed), Counts(), dict[str, None](), hashlib.sha256()
    names: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    kinds: dict[str, set[str]] = {}
    for found, rows in _blocks(url, query, secrets):
        names, repeated, remarks = unique_names(found)
        notes |= dict.fromkeys(remarks)
        table = _table(names, rows, notes)
        digest.update(_bytes(table))
        counts.add_table(table)
        reservoir.offer(table.n_rows, table.take)
        for name, column in table.columns.items():
            if column.levels or column.kind != "coded":
                kinds.setdefault(name, set()).add(column.kind)
    if not counts.rows:
        raise DataError("the query gives no rows", QUERY, "at least some dozen rows are needed")
    table, kept = reservoir.table()
    if not table.columns:
        raise DataError("the query gives no column that can be used", QUERY, "; ".join(notes)[:300])
    if several := [name for name, found_kinds in kinds.items() if len(found_kinds) > 1]:
        listed = ", ".join(f"`{clipped(n)}`" for n in several[:5])
        notes[remark("W307", f"{listed}: values of several types, read as text")] = None
    source = f"a query of {url.get_backend_name()}"
    if len(kept) == counts.rows:
        return Raw(table, source, digest.hexdigest(), tuple(notes), repeated)
    held = f"the result is larger than the {human_bytes(limit)} that may be held in memory: {len(kept)} of {counts.rows} rows, drawn evenly"
    notes[remark("W308", f"{held}, are what models see; counts are of all rows")] = None
    return Raw(table, source, digest.hexdigest(), tuple(notes), repeated, kept + 1, counts.record())


def address(connection: str, base: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the address of a database as SQLAlchemy holds it, and the texts that no message may show.

    What a variable stands for is used as it is: in the part before the `@` it is encoded, as the address would else be
    taken apart at its letters. A relative SQLite file is looked for beside the spec.
    """
    if literal_password(connection):
        raise SpecError("the connection holds a password as text", CONNECTION, "put it in an environment variable: ${NAME}")
    filled(connection, CONNECTION)
    try:
        import sqlalchemy
    except ImportError:
        raise MissingPackageError("a database is read with the package SQLAlchemy", CONNECTION, "pip install 'sqlalchemy>=2'") from None
    values = [substituted(m[0]) for m in VARIABLE.finditer(connection)]
    try:
        url = sqlalchemy.make_url(_encoded(connection))
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise SpecError("the connection is no address of a database", CONNECTION, "for example sqlite:///shop.db") from None
    secrets = _secrets(url, connection, values)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        path = base / url.database
        if not is_there(path):
            near = near_file(path)
            raise DataError(
                f"there is no database file {clipped(path.name)}", CONNECTION, f"did you mean {near}?" if near else "paths are relative to the spec"
            )
        url = url.set(database=str(path))
    return url, secrets


def _encoded(connection: str) -> str:
    """Return the address with its variables filled in; encoded where a letter of theirs would end the part they stand in."""
    start, end = connection.find("://"), connection.rfind("@")
    parameters = connection.find("?", max(end, 0))

    def value(match: re.Match[str]) -> str:
        plain = substituted(match[0])
        alone = match.start() == start + 3 and match.end() == end  # user and password in one
        if start < match.start() < end and not alone:
            return quote(plain, safe="")
        return quote_plus(plain) if 0 <= parameters < match.start() else plain

    return VARIABLE.sub(value, connection)


def _secrets(url: Any, connection: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return the password, and every value of a variable that may be part of one, in all forms a message may have them."""
    plain = [url.password, *(str(v) for key, v in url.query.items() if _SECRET_KEY.search(key))]
    for match, value in zip(VARIABLE.finditer(connection), values, strict=True):
        before, after = connection[: match.start()], connection[match.end() :]
        if "://" not in before:  # the variable holds the address, or its beginning
            found = re.search(r"://[^:/@]*:(.*)@", value, re.DOTALL)
            plain.append(found[1] if found else "")
        elif "@" in after:
            plain.append(value if ":" in before.partition("://")[2] else value.partition(":")[2])
        elif _SECRET_KEY.search(before.rpartition("&")[2].rpartition("?")[2]):
            plain.append(value)
    return tuple(sorted({w for secret in plain if secret for w in _written(secret)}, key=len, reverse=True))


def _written(secret: str) -> set[str]:
    """Return a secret in the forms in which a message may carry it."""
    raw = secret.encode()
    return {
        secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1], base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(), secret.replace("'", "''"), secret.splitlines()[0] or secret,
    }  # fmt: skip


def scrubbed(text: str, secrets: Sequence[str]) -> str:
    """Return what a driver said: its first line, short, without any secret, and without places of this machine."""
    for secret in secrets:
        text = text.replace(secret, "***")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return clipped(lines[0] if lines else "no reason given", 200)


@contextmanager
def _told(secrets: Sequence[str], key: str) -> Iterator[None]:
    """Turn the faults of a database into errors of ours, without their cause, which may carry a secret."""
    import sqlalchemy

    fault: AutoMLError | None = None
    try:
        yield
    except AutoMLError:
        raise
    except sqlalchemy.exc.NoSuchModuleError as caught:
        fault = SpecError(f"SQLAlchemy knows no such database: {scrubbed(str(caught), secrets)}", CONNECTION, "for example sqlite:///shop.db")
    except ImportError as caught:
        package = _DRIVERS.get(caught.name or "", caught.name or "the driver")
        fault = MissingPackageError(f"the database is read with the package {package}", CONNECTION, f"pip install '{package}'")
    except sqlalchemy.exc.SQLAlchemyError as caught:
        words = scrubbed(str(getattr(caught, "orig", None) or caught), secrets)
        fault = DataError(f"the database refused: {words}", key, "check the connection" if key == CONNECTION else "check the query")
    except OSError as caught:
        fault = EnvironmentFault(f"the database cannot be reached: {scrubbed(str(caught), secrets)}", key)
    except Exception as caught:  # a driver's own, which SQLAlchemy does not wrap
        fault = DataError(f"the database refused: {scrubbed(f'{type(caught).__name__}: {caught}', secrets)}", key)
    if fault is not None:
        raise fault from None


def _blocks(url: Any, query: str, secrets: Sequence[str]) -> Iterator[tuple[list[str], list[Any]]]:
    """Yield the names of the result, each time with some of its rows."""
    import sqlalchemy

    with _told(secrets, CONNECTION):
        driver = url.get_dialect().driver
        waiting = {_TIMEOUT[driver]: CONNECT_SECONDS} if driver in _TIMEOUT and _TIMEOUT[driver] not in url.query else {}
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool, connect_args=waiting, hide_parameters=True)
        connection = engine.connect()
    with connection:
        with _told(secrets, QUERY):
            name = engine.dialect.name
            if name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            elif name in _READ_ONLY:
                connection.exec_driver_sql(_READ_ONLY[name])
            result = connection.execution_options(stream_results=True, no_parameters=True).exec_driver_sql(query.rstrip("; \t\r\n"))
            names = list(map(str, result.keys()))
        while True:
            with _told(secrets, QUERY):
                rows = result.fetchmany(FETCH)
            if not rows:
                break
            yield names, list(rows)
        connection.rollback()


def _table(names: tuple[str, ...], rows: Sequence[Any], notes: dict[str, None]) -> Table:
    """Return rows of Python values as raw columns; a column of several types becomes text."""
    import pyarrow as pa

    columns: dict[str, Column] = {}
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        remarks: list[str] = []
        if any(isinstance(v, memoryview) for v in values[:100]):
            values = tuple(None if v is None else bytes(v) for v in values)
        try:
            found = from_arrow(pa.table({"c": pa.array(values)}), remarks)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            columns[name] = column_of([_plain(v) for v in values])
        else:
            if "c" in found.columns:
                columns[name] = found.columns["c"]
            notes |= dict.fromkeys(r.replace("column `c`", f"column `{clipped(name)}`") for r in remarks)
    return Table(columns, len(rows))


def _plain(value: Any) -> object:
    """Return a value of a column of several types: numbers as such, bytes and structures by their text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _bytes(table: Table) -> bytes:
    """Return what the digest of a block is made of."""
    parts = [name.encode() + b"\0" + column.kind.encode() + np.ascontiguousarray(column.values).tobytes() for name, column in table.columns.items()]
    return b"\0".join([*parts, *("\0".join(c.levels).encode() for c in table.columns.values())])
