"""Where the rows of a spec come from, checked without touching it: variables, addresses, passwords and the query."""

from collections.abc import Iterator

from automl.spec.diagnostics import Diagnostic
from automl.spec.environment import literal_password, masked, substituted, why_not
from automl.spec.files import clipped, is_address
from automl.spec.nodes import Node
from automl.spec.query import why_not_select
from automl.spec.shape import Source

CONNECTION = ("data", "sql", "connection")
QUERY = ("data", "sql", "query")


def origins(source: Source) -> list[Diagnostic]:
    """Return what is wrong with the places that a spec names; looks at the text alone, so it is told with all other errors."""
    return [*_paths(source), *_database(source)]


def _scalars(source: Source) -> Iterator[Node]:
    """Yield the nodes of all paths: a scalar, or each of a list."""
    data = source.node(("data",))
    short = data if data is not None and data.kind != "map" else None
    for node in (short, source.node(("data", "train")), source.node(("data", "test")), source.node(("output", "dir"))):
        if node is not None and node.kind in ("scalar", "list"):
            yield from (one for one in (node.items if node.kind == "list" else [node]) if one.kind == "scalar")


def _paths(source: Source) -> list[Diagnostic]:
    found = []
    for node in _scalars(source):
        if why := why_not(node.text):
            found.append(Diagnostic("S105", why, node.span, "set it, or write ${NAME:-default}"))
        elif is_address(substituted(node.text)):
            scheme = clipped(substituted(node.text).split(":")[0], 20)
            message = f"addresses such as `{scheme}:` are part of the format, but network sources are not yet of this version"
            found.append(Diagnostic("S104", message, node.span, "fetch the file, and name it here"))
    return found


def _database(source: Source) -> list[Diagnostic]:
    found = []
    connection, query = source.node(CONNECTION), source.node(QUERY)
    if connection is not None and connection.kind == "scalar":
        if literal_password(connection.text):
            message = "the connection holds a password as text"
            note = "for example postgresql://me:${DB_PASSWORD}@host/shop, with DB_PASSWORD set in the environment"
            found.append(Diagnostic("S106", message, connection.span, "put it in an environment variable: ${NAME}", notes=(note,)))
        elif why := why_not(connection.text):
            found.append(Diagnostic("S105", why, connection.span, "nothing was connected"))
        elif connection.text and not is_address(substituted(connection.text)):
            found.append(Diagnostic("S103", "`data.sql.connection` is no address of a database", connection.span, "for example sqlite:///shop.db"))
    if query is not None and query.kind == "scalar":
        if why := why_not(query.text):
            found.append(Diagnostic("S105", why, query.span, "set it, or write ${NAME:-default}"))
        elif query.text and (why := why_not_select(substituted(query.text))):
            found.append(Diagnostic("S108", f"only a single SELECT is carried out, and {masked(why)}", query.span, "nothing was connected"))
    return found
