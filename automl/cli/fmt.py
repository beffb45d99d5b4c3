"""`automl fmt`: applies the fixes that are certain; comments stay."""

import re
from pathlib import Path

import click

from automl.cli.options import debug
from automl.errors import SpecError
from automl.spec.diagnostics import Diagnostic


@click.command(help="Show what can be fixed in a spec; --fix writes it.\n\nExit code 2 when errors are left that only you can decide.")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="Write the fixed spec.")
@debug
def command(spec: Path, fix: bool) -> None:
    """Fix and say what was fixed."""
    from automl.spec.diagnostics import render_all
    from automl.spec.fix import fixed
    from automl.spec.load import load

    before = load(spec, with_data=False)
    text, done = fixed(before.text, spec)
    for d in sorted(done, key=lambda d: d.span.line):
        click.echo(f"{spec.name}:{d.span.line}: {_told(d)}", err=True)
    if fix and text != before.text:
        spec.write_bytes(text.encode())
        click.echo(f"{len(done)} fixed", err=True)
        left = [d for d in load(spec, with_data=False).found if d.is_error]
    elif text != before.text:
        click.echo("nothing was written; --fix writes it", err=True)
        left = [d for d in before.found if d.is_error]
    else:
        click.echo("nothing to fix", err=True)
        left = [d for d in before.found if d.is_error]
    if left:
        raise SpecError(f"{spec.name} has errors left", text=render_all(left, text if fix else before.text))
    click.echo(str(spec))


def _told(found: Diagnostic) -> str:
    """Return what was wrong and what is done about it; the list of all that would do is for who has to choose."""
    message = re.sub(r"(; did you mean `[^`]*`\?)? known: .*$", "", found.message)
    return message + (f"; {found.fix or found.label}" if found.fix or found.label else "")
