"""Parts of report.json that every report has: sections, pictures and their tables."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Free = dict[str, Any]


class Part(BaseModel):
    """A part of the report; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class Entry(Part):
    """A section of the page."""

    id: str
    title: str


class Table(Part):
    """The numbers of a picture."""

    head: list[str]
    rows: list[list[str]]
    note: str = Field(description="Which part of the numbers this is, where it is not all; else empty.")


class Legend(Part):
    """A colour and what it stands for."""

    name: str
    look: str


class Chart(Part):
    """A picture: marks at places of a box, and the table of what is drawn."""

    id: str
    label: str = Field(description="The finding in words, for who cannot see it.")
    look: str
    width: float
    height: float
    box: str
    marks: list[Free]
    x_title: str
    y_title: str
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    legend: list[Legend]
    caption: str
    table: Table


class Step(Part):
    """Something to do next, with the line to paste."""

    why: str
    paste: str


class CardRow(Part):
    """A line of the model card."""

    name: str
    sentences: list[str]


class Cost(Part):
    """Something the run used."""

    name: str
    value: str
    note: str
