"""`automl validate`: every problem of a spec at once, without reading the data."""

import json
from pathlib import Path

import click

from automl.cli.options import SPEC, debug
from automl.errors import SpecError
from automl.families import FAMILIES
from automl.spec.diagnostics import render_all
from automl.spec.load import load_spec, read_spec


@click.command(help="Check a spec; exit code 2 when it has errors.")
@SPEC
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@debug
def command(spec: Path, as_json: bool) -> None:
    """Print what is wrong, or that nothing is."""
    if not as_json:
        found = read_spec(spec)
        _check_families(found.models.include, found.models.exclude, str(found.task.type))
        click.echo(f"{spec.name}: fine.")
        return
    _, problems = load_spec(spec)
    click.echo(json.dumps({"schema_version": 1, "diagnostics": [d.as_dict() for d in problems]}))
    if any(d.is_error for d in problems):
        raise SpecError(f"{spec.name} has errors", text=render_all(problems, spec.read_text(encoding="utf-8", errors="replace")))


def _check_families(include: object, exclude: list[str], task: str) -> None:
    for name in [*(include if isinstance(include, list) else []), *exclude]:
        FAMILIES.locator(task, name)
