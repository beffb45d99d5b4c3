"""`automl validate`: every problem of a spec at once, without reading the data."""

import json
from pathlib import Path

import click

from automl.cli.options import SPEC, debug
from automl.errors import SpecError
from automl.families.base import Context
from automl.families.check import SpaceError, check_models
from automl.spec.diagnostics import Diagnostic, render_all
from automl.spec.load import load_spec
from automl.spec.model import Spec


@click.command(help="Check a spec; exit code 2 when it has errors.")
@SPEC
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
@debug
def command(spec: Path, as_json: bool) -> None:
    """Print what is wrong, or that nothing is."""
    found, problems = load_spec(spec)
    if found is not None:
        problems = [*problems, *_check_models(found)]
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "diagnostics": [d.as_dict() for d in problems]}))
    elif not problems:
        click.echo(f"{spec.name}: fine.")
    if any(d.is_error for d in problems):
        raise SpecError(f"{spec.name} has errors", text=render_all(problems, spec.read_text(encoding="utf-8-sig", errors="replace")))


def _check_models(spec: Spec) -> list[Diagnostic]:
    """Return what is wrong with the families and their options; sizes of the data are not known yet and change no name."""
    asked = spec.models
    try:
        check_models(str(spec.task.type), asked.include, asked.exclude, asked.space, Context(str(spec.task.type), 1000, 10, 2))
    except SpaceError as fault:
        place = spec.source.span(("models", *fault.path))
        return [Diagnostic("C401", fault.message, place, fault.label, file=spec.source.path.name)]
    return []
