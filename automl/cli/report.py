"""`automl report`: the report of a finished run once more, from its files alone."""

import json
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug


@click.command(help="Write report.html and report.json of a run again; nothing is fitted.")
@click.argument("run", type=click.Path(path_type=Path))
@AS_JSON
@debug
def command(run: Path, as_json: bool) -> None:
    """Render and print the path."""
    from automl.report.render import render_report
    from automl.rundir import begun_run

    path = render_report(begun_run(run))
    click.echo(json.dumps({"schema_version": 1, "report": str(path)}) if as_json else str(path))
