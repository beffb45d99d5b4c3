"""The configurations that a search begins with: a list learned on many tables, a list of the user's, or none."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from automl.errors import did_you_mean
from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.space import Choice, Space
from automl.plan.fault import spec_error
from automl.plan.start import StartPoint
from automl.spec.model import Spec

KEY = ("search", "portfolio")
SHIPPED = "portfolio.json"  # beside the search, learned by benchmarks/portfolio
UNNAMED_AFTER = 5  # configurations at most, after which families have their turn that the list does not name
ENTRY = '[{"family": "xgboost", "params": {"learning_rate": 0.05}}]'

Entry = dict[str, Any]


def resolve_portfolio(spec: Spec, task: str, spaces: Mapping[str, Space], context: Context, decide: Callable[[str, Any, str], Any]) -> tuple[StartPoint, ...]:
    """Return what to try first, in order: the entries of families that compete that lie within their options.

    An option that an entry leaves out is at the family's default. A family that the list does not name has its default after
    the first few. Empty for `none`: each family then begins with its default. Raises SpecError that names the entry.
    """
    asked = spec.search.portfolio
    if asked == "none":
        decide("search.portfolio", "none", "asked for: the default of each family comes first")
        return ()
    entries = shipped() if asked == "auto" else _read(spec, asked, task, context)
    points, left_out = _within(entries, spaces)
    if not points:
        decide(
            "search.portfolio", "none", "no configuration of the list lies within the families and options of this run: the default of each family comes first"
        )
        return ()
    named = {entry["family"] for entry in entries}
    place = min(UNNAMED_AFTER, len({p.family for p in points}))  # they need not wait for the second and third of a family
    points[place:place] = [StartPoint(name, space.default(), "") for name, space in spaces.items() if name not in named]
    why = "in an order learned by gain per second on other tables" if asked == "auto" else f"asked for: {asked}"
    because = "; ".join([why, *(f"{number} left out: {reason}" for reason, number in left_out.items())])
    decide("search.portfolio", f"{len(points)} configurations of {len({p.family for p in points})} families, tried first", because)
    return tuple(points)


def shipped() -> list[Entry]:
    """Return the list that comes with the engine: family, params that differ from its default, origin."""
    out: list[Entry] = json.loads((files("automl.search") / SHIPPED).read_text(encoding="utf-8"))
    return out


def _within(entries: list[Entry], spaces: Mapping[str, Space]) -> tuple[list[StartPoint], Counter[str]]:
    """Return the entries that can be tried, each once, and how many cannot for which reason."""
    out: dict[str, StartPoint] = {}
    left_out: Counter[str] = Counter()
    for rank, entry in enumerate(entries, 1):
        family, given = entry["family"], entry.get("params", {})
        if family not in spaces:
            left_out["their families do not compete here"] += 1
            continue
        params = spaces[family].fitted(given)
        if any(params.get(name) != value for name, value in given.items()):
            left_out["outside of the options of this run"] += 1
            continue
        note = f"portfolio, place {rank}" + (f": {entry['origin']}" if entry.get("origin") else "")
        out.setdefault(repr((family, sorted(params.items()))), StartPoint(family, params, note))
    return list(out.values()), left_out


def _read(spec: Spec, asked: str, task: str, context: Context) -> list[Entry]:
    """Return the entries of the user's file, checked. Raises SpecError."""
    base = spec.source.path.parent if spec.source is not None else Path()
    try:
        entries = json.loads((base / asked).read_text(encoding="utf-8"))
    except OSError:
        raise spec_error(spec, KEY, f"the file `{asked}` cannot be read", "name a JSON file relative to the spec, or write auto or none") from None
    except ValueError as fault:
        raise spec_error(spec, KEY, f"`{asked}` is not JSON: {fault}", f"it holds a list: {ENTRY}") from None
    if not isinstance(entries, list) or not entries:
        raise spec_error(spec, KEY, f"`{asked}` holds no list of configurations", f"write one: {ENTRY}")
    for rank, entry in enumerate(entries, 1):
        if wrong := _fault(entry, task, context):
            message, label = wrong
            raise spec_error(spec, KEY, f"entry {rank} of `{asked}`: {message}", label)
    return entries


def _fault(entry: Any, task: str, context: Context) -> tuple[str, str] | None:
    """Return what is wrong with an entry and what to do, None where nothing is."""
    if not isinstance(entry, dict) or not isinstance(entry.get("family"), str) or not isinstance(entry.get("params", {}), dict):
        return "it must have a family and its params", f"for example {ENTRY[1:-1]}"
    if odd := [name for name in entry if name not in ("family", "params", "origin")]:
        return f"`{odd[0]}` is no key of an entry", "an entry has the keys family, params and origin"
    known = FAMILIES.names(task)
    name = entry["family"]
    if name not in known:
        near = did_you_mean(name, known)
        return f"`{name}` is not a model family for {task}", f"did you mean `{near}`?" if near else "known: " + ", ".join(known)
    if name not in FAMILIES.usable(task):
        return None
    family: Family = FAMILIES.get(task, name)
    options = _options(family.space(context))
    for option in entry.get("params", {}):
        if option not in options:
            near = did_you_mean(option, options)
            return f"`{option}` is not an option of {name}", f"did you mean `{near}`?" if near else "options: " + ", ".join(options)
    return None


def _options(space: Space, prefix: str = "") -> list[str]:
    """Return the names of all options, those under a choice too."""
    out = []
    for name, dimension in space.items():
        out.append(prefix + name)
        if isinstance(dimension, Choice):
            for word, inner in dimension.options.items():
                out += _options(inner, f"{prefix}{name}.{word}.")
    return out
