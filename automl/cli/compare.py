"""`automl compare`: what two runs asked, what they got, and whether the difference is more than luck."""

import json
from pathlib import Path
from typing import Any

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import UsageError


@click.command(help="Compare two runs: specs, scores, and a paired test on the rows both scored.")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@AS_JSON
@debug
def command(first: Path, second: Path, as_json: bool) -> None:
    """Print the comparison."""
    from automl.evaluate.compare import compare

    try:
        found: dict[str, Any] = compare(first, second)
    except (OSError, KeyError, ValueError) as fault:
        raise UsageError(f"cannot compare: {type(fault).__name__} {fault}", "RUN RUN", "give two finished run folders") from None
    if as_json:
        click.echo(json.dumps({"schema_version": 1, **found}, indent=1))
        return
    click.echo("spec:" if found["spec"] else "spec: the same")
    for row in found["spec"]:
        click.echo(f"  {row['key']}: {row['first']} -> {row['second']}")
    for row in found["results"]:
        click.echo(f"{row['name']}: {row['first']} -> {row['second']}")
    click.echo(found["verdict"])
