"""Python's way in: `automl.run` and `automl.validate` take a path, the text of a spec, or a dict, and behave as the commands do."""

import json
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from automl.checked import problems_of
from automl.notebook import Live, in_notebook
from automl.result import Run
from automl.run import run as carry_out
from automl.search.loop import Stop
from automl.signals import watched
from automl.spec.diagnostics import Diagnostic
from automl.spec.load import Loaded, load, load_given
from automl.spec.model import Spec

CELL = Path("<cell>")  # what the text of a spec is called where it is no file; paths in it are relative to where Python runs
Given = Spec | Mapping[str, Any] | Path | str
OnEvent = Callable[[dict[str, object]], None]


def run(
    spec: Given, *, out: Path | str | None = None, resume: bool = False, set: Mapping[str, Any] | None = None, progress: bool | None = None,
    on_event: OnEvent | None = None, stop: Stop | None = None, started: float | None = None, overrides: Mapping[str, Any] | None = None, **values: Any,
) -> Run:  # fmt: skip
    """Carry out a spec and return the finished run.

    `spec` is the path of a file, the text of a spec, a dict, or a Spec. `out` is the run folder and `resume` as for the command.
    Overrides are dotted keys in `set`, or keywords with two underscores for a dot: `task__metric="f1"`; `time="5m"` is short
    for `constraints__time`. `progress` shows where the run is: in a notebook unless asked not to, elsewhere as lines on stderr
    if asked. Ctrl-C, or the notebook's stop button, ends the search and keeps the best model so far (`runtime.on_interrupt`).
    `on_event` is called with each event, `stop` ends the run from another thread, `started` is when its budget began to count.

    Raises SpecError or DataError with every problem, as `automl.validate` returns them, before anything is written; GateFailed,
    NoModelError and EnvironmentFault as automl.run.run does.
    """
    given = {**(overrides or {}), **(set or {}), **{_dotted(name): value for name, value in values.items()}}
    texts = {key: _scalar(value) for key, value in given.items()}
    asked = spec if isinstance(spec, Spec) else loaded(spec, texts).or_raise()
    listeners = [listener for listener in (on_event, _live(asked, progress)) if listener is not None]

    def tell(event: dict[str, object]) -> None:
        for listener in listeners:
            listener(event)

    own = stop is None and threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with watched((signal.SIGINT,)) if own else nullcontext() as signals:
        return carry_out(
            asked, out=out, overrides=texts, resume=resume, started=started, on_event=tell, stop=stop if signals is None else signals.stop
        )  # fmt: skip


def validate(spec: Given, *, set: Mapping[str, Any] | None = None, with_data: bool = True) -> list[Diagnostic]:
    """Return every problem of a spec, errors and warnings, in the order they stand in it; none: an empty list.

    `with_data` looks at the header of the data too. Raises SpecError where there is no such file.
    """
    if isinstance(spec, Spec):
        return []
    return problems_of(loaded(spec, {key: _scalar(value) for key, value in (set or {}).items()}, with_data=with_data))


def loaded(spec: Mapping[str, Any] | Path | str, overrides: dict[str, str], *, with_data: bool = True) -> Loaded:
    """Return what reading a spec gives, whatever form it has; a dict is read as the text it stands for, so it meets every check."""
    if isinstance(spec, Mapping):
        spec = json.dumps(_plain(spec), indent=1, ensure_ascii=False)
    if isinstance(spec, str) and _is_text(spec):
        return load_given(spec.encode("utf-8", "surrogatepass"), CELL, overrides, with_data=with_data)
    return load(Path(spec), overrides, with_data=with_data)


def _is_text(spec: str) -> bool:
    """Return whether a text is a spec, and no path: it has lines, or a key with its value."""
    return "\n" in spec or ": " in spec or spec.lstrip().startswith("{")


def _plain(value: object) -> Any:
    """Return a value of Python as JSON has it: paths as text, tuples and sets as lists, numbers of numpy as numbers."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | frozenset | set):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Path):
        return str(value)
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "shape", None) == () else str(value)


def _scalar(value: object) -> str:
    """Return the YAML of an override's value; text stands for itself, as after --set."""
    return value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False)


def _dotted(name: str) -> str:
    return "constraints.time" if name == "time" else name.replace("__", ".")


def _live(spec: Spec, progress: bool | None) -> Live | None:
    wanted = in_notebook() if progress is None else progress
    return Live(spec.constraints.time, task=str(spec.task.type)) if wanted else None
