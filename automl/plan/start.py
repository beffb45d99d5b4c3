"""An earlier run to begin from: its best configurations of each family, as far as they lie within the options of this run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import SpecError
from automl.families.space import Params, Space
from automl.rundir import RunDir
from automl.spec.model import Spec

MOST = 3  # configurations of a family
KEY = ("search", "start_from")


@dataclass(frozen=True)
class StartPoint:
    """A configuration to try first; `note` says where it comes from, and what was left out."""

    family: str
    params: Params
    note: str


def start_points(spec: Spec, spaces: Mapping[str, Space]) -> tuple[StartPoint, ...]:
    """Return the configurations to begin with, best first within each family, by the score of the earlier run; its metric may differ.

    Raises SpecError when the folder is no run.
    """
    asked = spec.search.start_from
    assert asked is not None
    base = spec.source.path.parent if spec.source is not None else Path()
    files = RunDir(base / asked)
    greater, trials = _earlier(spec, files, asked)
    out: list[StartPoint] = []
    for family, space in spaces.items():
        own = sorted((t for t in trials if t["family"] == family), key=lambda t: (-t["score"] if greater else t["score"], t["number"]))
        found: dict[str, StartPoint] = {}
        for trial in own:
            params = space.fitted(trial["params"])
            found.setdefault(repr(sorted(params.items())), StartPoint(family, params, _note(files.root.name, trial, params)))
            if len(found) == MOST:
                break
        out += found.values()
    return tuple(out)


def _note(run: str, trial: Mapping[str, Any], params: Params) -> str:
    left_out = [name for name, value in trial["params"].items() if params.get(name) != value]
    return f"from {run}, trial {trial['number']}" + (f"; outside of the options of this run and left out: {', '.join(left_out)}" if left_out else "")


def _earlier(spec: Spec, files: RunDir, asked: str) -> tuple[bool, list[dict[str, Any]]]:
    """Return the direction of the earlier run's metric and the records of its complete trials."""
    if not files.root.is_dir():
        raise _error(spec, f"there is no folder `{asked}`", "name the folder of an earlier run, relative to the spec")
    try:
        greater = bool(json.loads(files.plan.read_text(encoding="utf-8"))["greater_is_better"])
        records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(files.trials.glob("[0-9]*/result.json"))]
        known = [{name: r[name] for name in ("family", "score", "number", "params", "state")} for r in records if not r.get("reference", False)]
    except (OSError, ValueError, KeyError, TypeError):
        raise _error(spec, f"`{asked}` is not the folder of a run", "it has no plan.json, or trials that cannot be read") from None
    if not known:
        raise _error(spec, f"no trial ended in the run `{asked}`", "name another run, or leave this key out")
    return greater, [t for t in known if t["state"] == "ok" and t["score"] is not None]


def _error(spec: Spec, message: str, label: str) -> SpecError:
    text = spec.source.error("C401", KEY, message, label) if spec.source is not None else ""
    return SpecError(message, ".".join(KEY), label, text=text)
