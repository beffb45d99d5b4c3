"""Data about persons: what a column holds by its values and its name, and texts with such data masked."""

import re

import numpy as np

from automl.inference.table import Column

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])(?:\+\d{1,3}[ -]?|\(?0)\d(?:[ ()/-]{0,2}\d){6,12}(?!\w)|(?<![\w.-])\(?\d{3}\)?[ -]\d{3}[ -]\d{4}(?!\w)")
CARD = re.compile(r"(?<![\w.])(?:\d{4}[ -]?){3}\d{1,7}(?![\w.])")
SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_PERSON = re.compile(r"^[^\W\d_][\w.'’-]*(?:,? [^\W\d_][\w.'’-]*){0,4}$")
_NAME_HINT = re.compile(
    r"(^|[^a-z])(first|last|given|family|full|middle|customer|patient|employee|user|contact)?[ _-]?(name|surname|forename|vorname|nachname)$"
)
_NOT_PERSON = re.compile(r"(product|file|company|brand|city|country|state|column|class|species|item|event|shop|store|street|school|team|model|domain|host)")

LOOKED_AT = 2000  # distinct values
LONGEST = 2000  # characters of a value that are looked at
WHOLE, SOME = 0.5, 0.05  # shares of values that are wholly, or partly, such data


def plain_name(name: str) -> str:
    """Return a column's name in small letters, customerId as customer_id."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def kind_of_column(name: str, column: Column, kind: str) -> tuple[str, bool, float] | None:
    """Return what personal data a column holds, whether its values are nothing else, and the share of the values looked at."""
    if column.kind != "coded" or not len(column.levels):
        return None
    present = np.flatnonzero(np.bincount(column.values[column.values >= 0], minlength=len(column.levels)))
    if not len(present):
        return None
    step = max(1, len(present) // LOOKED_AT)
    values = [column.levels[i].strip()[:LONGEST] for i in present[::step][:LOOKED_AT]]
    for what, pattern in (("e-mail addresses", EMAIL), ("card numbers", CARD), ("social security numbers", SSN), ("phone numbers", PHONE)):
        whole = np.mean([_is(pattern, what, v) for v in values])
        if whole >= WHOLE:
            return what, True, float(whole)
        some = np.mean([any(_valid(what, m.group()) for m in pattern.finditer(v)) for v in values])
        if kind == "text" and some >= SOME:
            return what, False, float(some)
    plain = plain_name(name)
    if _NAME_HINT.search(plain) and not _NOT_PERSON.search(plain) and len(present) > 10:
        persons = np.mean([bool(_PERSON.match(v)) and v[:1].isupper() for v in values])
        if persons >= WHOLE:
            return "names of persons", True, float(persons)
    return None


def _is(pattern: re.Pattern[str], what: str, value: str) -> bool:
    return pattern.fullmatch(value) is not None and _valid(what, value)


def _valid(what: str, value: str) -> bool:
    """Return whether a match is of its kind: card numbers carry a check digit (ISO/IEC 7812-1, annex B), phones seven digits."""
    digits = [int(c) for c in value if c.isdigit()]
    if what == "card numbers":
        doubled = [d if i % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(reversed(digits))]
        return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0
    return what != "phone numbers" or 7 <= len(digits) <= 15


def masked(text: str) -> str:
    """Return a text with e-mail addresses, card, social security and phone numbers replaced by what they are."""
    text = EMAIL.sub("[e-mail]", text)
    text = CARD.sub(lambda m: "[card]" if _valid("card numbers", m.group()) else m.group(), text)
    text = SSN.sub("[number]", text)
    return PHONE.sub(lambda m: "[phone]" if _valid("phone numbers", m.group()) else m.group(), text)
