"""The format of report.json: what stands in it, declared once; the JSON Schema in schemas/ is made of this, and a test holds reports against it.

What a person reads is a sentence or a text here too; numbers stand under `evaluation`, `ladder`, `leaderboard` and in the tables of the pictures.
Parts whose inside may grow within a version are declared as objects.
"""

from typing import Any, Literal

from pydantic import Field, TypeAdapter

from automl.report.schema_parts import CardRow, Chart, Cost, Entry, Free, Part, Step
from automl.report.schema_unlabelled import UnlabelledReport


class Profile(Part):
    """What the data are."""

    source: str | None
    sha256: str | None
    rows: int
    target: str | None
    training_rows: int | None
    holdout_rows: int | None
    columns: int


class Check(Part):
    """One reason to trust the score, or not to."""

    tone: Literal["red", "amber", "green"]
    text: str


class Trust(Part):
    """How far the score is to be trusted: a light, its reasons, the gravest first, and all that was looked at."""

    light: Literal["red", "amber", "green"]
    reasons: list[str]
    checks: list[Check]


class Choice(Part):
    """Another model of the run, and who should rather choose it."""

    model: str
    why: str
    cost: str
    paste: str


class Family(Part):
    """What a family did in the search."""

    family: str
    trials: int
    failed: int
    seconds: float
    best: float | None
    device: str


class Optimizer(Part):
    """How networks fared with an optimizer."""

    optimizer: str
    trials: int
    best: float | None
    seconds: float | None
    rate: float | None


class Failure(Part):
    """Trials that failed alike."""

    state: str
    cause: str
    trials: int
    families: str
    seconds: float


class Phase(Part):
    """How long a phase of the run took; `share` in percent."""

    name: str
    seconds: float
    share: float
    look: str


class Options(Part):
    """The options of a family that set good trials apart; `shares` in percent."""

    family: str
    trials: int
    good: int
    options: str
    shares: list[float]


class Searched(Part):
    """What was searched, and how the time was spent."""

    families: list[Family]
    optimizers: list[Optimizer]
    failures: list[Failure]
    phases: list[Phase]
    options: list[Options]
    timeline: Chart | None
    history: Chart | None
    drawn: int
    devices: Free | None = None


class Row(Part):
    """A trial or a reference on the leaderboard; `place` None for what has none."""

    place: int | None
    number: int
    family: str
    state: str
    cause: str
    score: float | None
    spread: float | None
    seconds: float
    device: str
    size_bytes: float | None
    latency_ms: float | None
    reference: bool
    options: str


class Report(Part):
    """The report of a run. A run that goes on has `now` in place of the parts that only a finished one has."""

    schema_version: Literal[2]
    state: Literal["finished", "running", "unfinished"]
    task: str
    title: str
    description: str
    theme: Literal["auto", "light", "dark"]
    finished: str
    sections: list[Entry] = Field(description="The sections of the page in their order.")
    profile: Profile
    plan: Free = Field(description="The part of plan.json that is told of: metric, seed, folds, precisions, decisions with their reasons.")
    leaderboard: list[Row]
    n_trials: int
    members: list[int | None]
    searched: Searched
    study: Free
    data: Free = Field(description="The look at the data in words and places; profile.json has its numbers.")
    made_with: dict[str, str]
    now: Free | None = Field(None, description="The best so far, of a run that has not ended.")
    verdict: Free | None = None
    trust: Trust | None = None
    scored_rows: str | None = None
    next_steps: list[Step] | None = None
    constraints: list[Free] | None = None
    gate: Free | None = None
    fairness: Free | None = None
    evaluation: Free | None = Field(None, description="evaluation.json as it is.")
    ladder: list[Free] | None = None
    ladder_bars: list[Free] | None = None
    ladder_note: list[str] | None = None
    alternatives: list[Choice] | None = None
    front: Free | None = None
    n_classes: int | None = None
    ensemble: Free | None = None
    generalisation: Free | None = None
    decision: Free | None = None
    uses: Free | None = None
    charts: dict[str, Chart | None] | None = None
    cost: list[Cost] | None = None
    card: list[CardRow] | None = None
    glossary: list[dict[str, str]] | None = None
    calls: dict[str, str] | None = None
    hardware: Free | None = None


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of report.json."""
    made: dict[str, Any] = TypeAdapter(Report | UnlabelledReport).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
