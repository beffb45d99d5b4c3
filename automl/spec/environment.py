"""`${NAME}` in a spec: taken from the environment when it is used, never written down, and never shown where it is secret."""

import os
import re

from automl.errors import SpecError

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_AUTHORITY = re.compile(r"(?P<start>://[^\s:/@]*:)(?P<secret>[^\n]*)(?=@)")
_PARAMETER = re.compile(r"(?i)(?P<start>(?:password|passwd|pwd|token|secret|api_?key)\s*(?:=|%3D))(?P<secret>[^&;\s\"'},]+)")
_LITERAL_AUTHORITY = re.compile(r"^[^:/@]*://[^:/@]*:(?P<secret>[^@]*)@", re.DOTALL)


def substituted(text: str) -> str:
    """Return a text with each `${NAME}` and `${NAME:-default}` replaced, once and verbatim.

    A value is never looked into again, whatever stands in it. Raises KeyError with the name of a variable that is not set
    and has no default.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        found = os.environ.get(name)
        if default is not None:
            return found or default  # as a shell does: the default also stands in for an empty value
        if found is None:
            raise KeyError(name)
        return found

    return VARIABLE.sub(value, text)


def filled(text: str, key: str) -> str:
    """Return what `substituted` gives. Raises SpecError naming the key when a variable cannot be filled in."""
    if why := why_not(text):
        raise SpecError(why, key, "set it, or write ${NAME:-default}")
    return substituted(text)


def has_variable(text: str) -> bool:
    """Return whether a text takes something from the environment."""
    return bool(VARIABLE.search(text))


def why_not(text: str) -> str:
    """Return why the variables of a text cannot be filled in, or nothing."""
    for match in re.finditer(r"\$\{[^}]*\}?", text):
        if not VARIABLE.fullmatch(match[0]):
            return f"`{match[0][:40]}` is no variable: write ${{NAME}} or ${{NAME:-default}}"
    for match in VARIABLE.finditer(text):
        if match[2] is None and match[1] not in os.environ:
            return f"the environment variable `{match[1]}` is not set"
    return ""


def literal_password(connection: str) -> bool:
    """Return whether the address of a database holds a password as written, also as the default of a variable."""
    shape = VARIABLE.sub(lambda m: "\0" * len(m[0]) if not m[2] else "\0x" + "\0" * (len(m[0]) - 2), connection)
    found = [m["secret"] for m in (_LITERAL_AUTHORITY.match(shape), *_PARAMETER.finditer(shape)) if m]
    return any(secret.strip("\0") for secret in found)


def masked(text: str) -> str:
    """Return a text of the same length in which nothing is left that can be a password in an address; variables stay."""

    def stars(match: re.Match[str]) -> str:
        parts, end = [], 0
        for variable in VARIABLE.finditer(match["secret"]):
            shown = variable[0] if not variable[2] else f"${{{variable[1]}:-{'*' * len(variable[2])}}}"
            parts += ["*" * (variable.start() - end), shown]
            end = variable.end()
        return match["start"] + "".join(parts) + "*" * (len(match["secret"]) - end)

    return _PARAMETER.sub(stars, _AUTHORITY.sub(stars, text))
