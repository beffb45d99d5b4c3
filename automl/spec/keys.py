"""How a key of the spec is declared: one call that carries its default, its words, and whether it works yet.

Everything that describes the format (errors, `explain`, the JSON Schema, the docs) reads these declarations.
"""

import typing
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

REQUIRED = PydanticUndefined


class Section(BaseModel):
    """A mapping of the spec: unknown keys are errors, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def key(
    default: Any, text: str, *, example: object = None, shown: str = "", auto: str = "", values: dict[str, str] | None = None,
    later: bool | tuple[str, ...] = False, **rules: Any,
) -> Any:  # fmt: skip
    """Declare a key.

    `text` one sentence; `example` a value to paste; `shown` the default as a user writes it, where that differs; `auto`
    what the planner does when it decides; `values` the words a key takes, each with its meaning; `later` True when the key
    is part of the format but not of this version, or the words of it that are not. A mutable default is its factory.
    """
    extra: dict[str, Any] = {"example": example, "shown": shown, "auto": auto, "values": values or {}, "later": later}
    if callable(default):
        return Field(default_factory=default, description=text, json_schema_extra=extra, **rules)
    return Field(default, description=text, json_schema_extra=extra, **rules)


def extra_of(info: FieldInfo) -> dict[str, Any]:
    """Return what `key` keeps beside pydantic's own facts."""
    found = info.json_schema_extra
    return dict(found) if isinstance(found, dict) else {"example": None, "shown": "", "auto": "", "values": {}, "later": False}


def section_of(info: FieldInfo) -> type[Section] | None:
    """Return the section that a key holds, if it holds one."""
    kind = info.annotation
    kind = next((part for part in typing.get_args(kind) if part is not type(None)), kind) if type(None) in typing.get_args(kind) else kind
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else value


def _text(value: object) -> object:
    """A class or column may be written 1 or true; it means the text."""
    if isinstance(value, bool | int | float):
        return str(value)
    return value


class AsText:
    """Marks a value that is text however it looks: 007, no and 1.0 stay as they are written."""


Text = Annotated[str, BeforeValidator(_text), AsText()]


def no_bool(value: object) -> object:
    """Refuse true and false where a number is asked; Python would take them for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError(f"takes a number, not `{str(value).lower()}`")
    return value


Int = Annotated[int, BeforeValidator(no_bool)]
Real = Annotated[float, BeforeValidator(no_bool)]
Names = Annotated[list[Text], BeforeValidator(_as_list)]
Mode = Literal["fail", "fix", "warn", "off"]
Later = Any
"""The type of a key that is refused before its value is looked at."""
