"""`automl validate`: every problem of a spec at once; of the data it reads the header only."""

from pathlib import Path

import click

from automl.checked import problems_of
from automl.cli.options import FORMAT, SET, SPEC, debug, overrides_of
from automl.errors import DataError, SpecError
from automl.spec.formats import write
from automl.spec.load import load


@click.command(help="Check a spec: exit code 2 when it has errors, 3 when only the data disagrees.")
@SPEC
@SET
@FORMAT
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--no-data", is_flag=True, help="Do not look at the header of the data.")
@debug
def command(spec: Path, sets: tuple[str, ...], form: str, as_json: bool, no_data: bool) -> None:
    """Print what is wrong, or that nothing is."""
    form = "json" if as_json else form
    loaded = load(spec, overrides_of(sets), with_data=not no_data)
    found = problems_of(loaded)
    errors = [d for d in found if d.is_error]
    if form != "full":
        if text := write(found, loaded.text, form):
            click.echo(text)
    elif errors:
        kind = DataError if all(d.code.startswith("D") for d in errors) else SpecError
        raise kind(f"{spec.name} has errors", text=write(found, loaded.text, form))
    else:
        if found:
            click.echo(write(found, loaded.text, form), err=True)
        click.echo(f"{spec.name}: fine.")
    if errors:
        raise click.exceptions.Exit(3 if all(d.code.startswith("D") for d in errors) else 2)
