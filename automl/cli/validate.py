"""`automl validate`: every problem of a spec at once; of the data it reads the header only."""

from pathlib import Path

import click

from automl.cli.options import FORMAT, SET, SPEC, debug, overrides_of
from automl.errors import DataError, SpecError
from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.check import SpaceError, check_models, readable_families, readable_space
from automl.families.space import Space
from automl.spec.diagnostics import Diagnostic
from automl.spec.formats import write
from automl.spec.load import load
from automl.spec.model import Spec


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
    found = [*loaded.found, *(check_options(loaded.shaped) if loaded.shaped is not None else [])]
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


def check_options(spec: Spec) -> list[Diagnostic]:
    """Return what is wrong with the families, their options and the transformers; sizes of the data are not known yet and change no name."""
    asked, task = spec.models, str(spec.task.type)
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    try:
        spaces = check_models(task, asked.include, asked.exclude, asked.space, Context(task, 1000, 10, 2))
        if spec.constraints.interpretable == "require":
            found += _unreadable(spec, task, spaces)
    except SpaceError as fault:
        found += [(("models", *f.path), f.message, f.label) for f in (fault, *fault.others)]
    if spec.features.transform:
        from automl.plan.transforms import unknown_transformers  # loads numpy, which other specs can do without

        found += unknown_transformers(spec)
    return [Diagnostic("C401", message, spec.source.span(place), label, file=spec.source.path.name) for place, message, label in found]


def _unreadable(spec: Spec, task: str, spaces: dict[str, Space]) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return why none of the families that may compete has models that a person can follow, or the options that keep one from it."""
    readable = readable_families(task, list(spaces))
    if not readable:
        known = ", ".join(readable_families(task, FAMILIES.names(task)))
        return [(("constraints", "interpretable"), "no family in `models` has models that a person can follow", f"include one of {known}")]
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    for name in readable:
        try:
            readable_space(FAMILIES.get(task, name), spaces[name])
        except SpaceError as fault:
            found.append((("models", *fault.path), fault.message, fault.label))
    return found
