"""Whether a query is one SELECT, told from its text: the last guard, behind a transaction that can only read."""

import re

_QUIET = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*(?!!).*?\*/", re.DOTALL)
_WRITES = re.compile(r"(?i)\b(insert|update|delete|merge|into)\b")


def why_not_select(query: str) -> str:
    """Return why a query is not a single SELECT (or WITH … SELECT), or nothing.

    Strings, quoted names and comments are not looked into. Words that write (INSERT, UPDATE, DELETE, MERGE, INTO) are
    refused anywhere: a WITH may carry them, and SELECT … INTO makes a table.
    """
    plain = _QUIET.sub(lambda m: " '' " if m[0][0] in "'\"`$" else " ", query).strip()
    if re.search(r"['\"`]", plain.replace("''", "")):
        return "a quote in the query is not closed"
    if "/*" in plain:
        return "a comment in the query is not closed, or is one that a database carries out"
    statement = plain.rstrip("; \t\r\n")
    if ";" in statement:
        return "the query is more than one statement"
    first = re.match(r"[\s(]*(\w*)", statement)
    word = first[1] if first else ""
    if word.lower() not in ("select", "with"):
        return f"the query begins with `{word[:20]}`" if word else "the query is empty"
    writes = _WRITES.search(statement)
    return f"the query holds `{writes[0]}`, which can write" if writes else ""
