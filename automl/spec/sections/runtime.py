"""The section `runtime`: how work is carried out, here and now; none of it changes what is found."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from automl.spec.keys import Int, Section, key

LEVELS = {
    "error": "what models and libraries print in their processes, and the traceback of every fault", "info": "and notes, phases, and a line per trial that ended",
    "debug": "and every event with all it says",
}  # fmt: skip
AFTER_INTERRUPT = {"finish": "running trials may end, the best model so far is saved and reported", "stop": "the run ends at once; a later start goes on"}


class Log(Section):
    """What is written into the log of a run; a level alone is short for `level`."""

    level: Literal["error", "info", "debug"] = key("info", "How much is logged.", example="debug", values=LEVELS)
    file: str | None = key(
        None, "Where the log goes, relative to the spec; lines are added to what stands there.", example="logs/churn.log", auto="run.log in the run folder"
    )


def _log_short(value: object) -> object:
    """Return the long form of `log: debug`."""
    return {"level": value} if isinstance(value, str) else value


def _network(value: Any) -> Any:
    return None if value == "auto" else value


class Runtime(Section):
    """How work is carried out."""

    executor: Literal["local", "ray"] = key(
        "local", "Where trials run.", example="local", values={"local": "processes of this machine", "ray": "processes of several machines"}, later=("ray",)
    )
    workers: Int | None = key(
        None, "How many trials run at once.", example=1, auto="one per core; fewer where memory is short, or where trials are few and long", ge=1, le=1024
    )
    log: Annotated[Log, BeforeValidator(_log_short)] = key(Log, "What is logged; a level alone is short for `level`.", example="debug")
    network: Annotated[bool | None, BeforeValidator(_network)] = key(
        None, "Whether the run may reach out of this machine; false refuses every source that is not a file.", example=False,
        auto="only to the database that `data.sql` names, nothing else is ever asked for",
    )  # fmt: skip
    on_interrupt: Literal["finish", "stop"] = key("finish", "What Ctrl-C, and a request of the system to end, do.", example="stop", values=AFTER_INTERRUPT)
