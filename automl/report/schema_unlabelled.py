"""The format of report.json of a task without a label, declared once; see schema.py."""

from typing import Literal

from pydantic import Field

from automl.report.schema_parts import CardRow, Chart, Cost, Entry, Free, Legend, Part, Step


class Cluster(Part):
    """A group of rows in words; `strength` from 0 to 1."""

    cluster: int
    rows: int
    share: float
    strength: float | None
    says: list[str]
    rule: Free | None


class Drawn(Part):
    """A picture with its title."""

    name: str
    chart: Chart


class ClusterMap(Part):
    """The rows in two directions, coloured by group."""

    chart: Chart
    points: int


class Why(Part):
    """Why these groups: sentences, an index over numbers of groups in each picture, what came near, how groups would join."""

    sentences: list[str]
    charts: list[Drawn]
    alternatives: list[Free]
    tree: Chart | None


class OwnVerdict(Part):
    """What a task without a label came to, in words; `light` of the trust with its reasons."""

    headline: str
    big: str
    under: str
    sentence: str
    score: str
    summary: str
    trust: Free


class Groups(Part):
    """What a clustering tells of its own."""

    verdict: OwnVerdict
    map: ClusterMap
    clusters: list[Cluster]
    noise: str
    why: Why
    odd: Free | None
    known: Free | None


class Maps(Part):
    """Maps beside each other, what ships first, coloured alike."""

    maps: list[Drawn]
    legend: list[Legend]
    caption: str
    colour: str | None


class Curve(Part):
    """Why so many columns."""

    sentences: list[str]
    charts: list[Drawn]
    dimension: str | None


class Columns(Part):
    """What a dimensionality reduction tells of its own."""

    verdict: OwnVerdict
    map: Maps
    curve: Curve
    columns: list[Free]
    lost: Free


class UnlabelledReport(Part):
    """The report of a finished run of a task without a label; while it goes on it is a Report."""

    schema_version: Literal[2]
    state: Literal["finished"]
    task: Literal["clustering", "dimensionality_reduction"]
    title: str
    description: str
    theme: Literal["auto", "light", "dark"]
    finished: str
    sections: list[Entry] = Field(description="The sections of the page in their order.")
    profile: Free
    plan: Free = Field(description="plan.json as it is.")
    verdict: Free
    own: Groups | Columns = Field(description="What only this task has.")
    evaluation: Free = Field(description="evaluation.json as it is.")
    next_steps: list[Step]
    cost: list[Cost]
    card: list[CardRow]
    gate: Free | None
    constraints: list[Free]
    ladder: list[Free]
    ladder_note: list[str]
    leaderboard: list[Free]
    n_trials: int
    failed: list[Free]
    timeline: Chart | None
    study: Free
    data: Free = Field(description="The look at the data in words and places; profile.json has its numbers.")
    called: list[str]
    more_columns: bool
    made_with: dict[str, str]
    hardware: Free
