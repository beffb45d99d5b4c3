"""The section `report`: which files tell of a run, how the page looks, and how much of the data stands in it."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, field_validator

from automl.spec.keys import Int, Section, Text, key

FORMATS = {"html": "a page for people, in one file", "md": "the same in Markdown, for pull requests and assistants", "json": "the same as data, for programs"}


def _list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Report(Section):
    """What the report looks like."""

    formats: Annotated[list[Literal["html", "md", "json"]], BeforeValidator(_list)] = key(
        lambda: list(FORMATS), "Files to write, each named `report` and its format.", example=["html", "json"], values=FORMATS, min_length=1
    )
    theme: Literal["auto", "light", "dark"] = key(
        "auto", "Colours of the page.", example="dark",
        values={"auto": "as the reader's system has it", "light": "dark on light", "dark": "light on dark"},
    )  # fmt: skip
    title: Text | None = key(None, "Title of the page, in place of the name of the run.", example="Who leaves within 30 days?", max_length=200)
    sample_rows: Int = key(5, "Raw rows to show, personal data masked; 0: no cell of the data stands in any report.", example=0, ge=0, le=100)

    @field_validator("formats")
    @classmethod
    def _each_once(cls, value: Any) -> Any:
        if len(set(value)) < len(value):
            raise ValueError("a format stands there twice")
        return value

    @field_validator("title")
    @classmethod
    def _some_title(cls, value: Any) -> Any:
        if value is not None and not value.strip():
            raise ValueError("the title is empty; leave the key out for the name of the run")
        return value
