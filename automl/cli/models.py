"""`automl models`: the model families and their options."""

import json
from dataclasses import asdict

import click

from automl.cli.options import AS_JSON, debug, from_whom, tell_faults
from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.space import Choice, Fixed, Float, Int, Space


@click.command(help="List the model families; name one to see its options.")
@click.argument("name", required=False)
@AS_JSON
@debug
def command(name: str | None, as_json: bool) -> None:
    """Print the table, or one family."""
    rows = []
    tasks = [task for task in FAMILIES.tasks() if name is None or name in FAMILIES.names(task)]
    for task in tasks or FAMILIES.tasks()[:1]:  # where no task knows the name, the first says so
        for known in [name] if name else FAMILIES.usable(task):
            family = FAMILIES.get(task, known)
            space = family.space(Context(task, 1000, 10, 2))
            rows.append((task, known, family, space))
    if name is None:
        tell_faults(FAMILIES)
    if as_json:
        listed = [{"task": t, "name": n, "summary": f.summary, "devices": sorted(f.devices), "requires": list(f.requires),
                   "scheme": f.scheme, "package": FAMILIES.origin(t, n), "space": asdict(s)["dimensions"]} for t, n, f, s in rows]  # fmt: skip
        click.echo(json.dumps({"schema_version": 1, "models": listed}, indent=1))
        return
    for task, known, family, space in rows:
        whose = from_whom(FAMILIES, task, known)
        click.echo(f"{known:<24}{task}: {family.summary}{whose}" if name is None else f"{known} ({task})\n  {family.summary}{whose}")
        if name is not None:
            click.echo(f"  devices: {', '.join(sorted(family.devices))}; stored as: {family.scheme or 'float32 only'}\n  options:")
            for line in _options(space, "    "):
                click.echo(line)
            for option in family.on_request:
                click.echo(f"  `{option}` is searched where the spec names it, or where size or latency is an objective")


def _options(space: Space, indent: str) -> list[str]:
    out = []
    for option, d in space.items():
        if isinstance(d, Float | Int):
            out.append(f"{indent}{option}: {d.low:g} to {d.high:g}{', log' if d.log else ''}, default {d.default:g}")
        elif isinstance(d, Choice):
            out.append(f"{indent}{option}: {' | '.join(d.options)}, default {d.default}")
            for word, inner in d.options.items():
                if len(inner):
                    out += [f"{indent}  {word}:", *_options(inner, indent + "    ")]
        elif isinstance(d, Fixed):
            out.append(f"{indent}{option}: {d.value}")
    return out
