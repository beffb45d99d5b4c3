"""`automl report`: the report of a run once more, from its files alone."""

import json
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug


@click.command(help="Write the report of a run again, in the formats its spec asks for; nothing is fitted. Of a run that has not ended: what it knows so far.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--open", "show", is_flag=True, help="Open it in a browser.")
@AS_JSON
@debug
def command(run: Path, show: bool, as_json: bool) -> None:
    """Render and print the path."""
    from automl.cli.opened import open_page
    from automl.report.render import render_report
    from automl.rundir import begun_run

    files = begun_run(run)
    path = render_report(files)
    if not files.finished():
        click.echo("note: this run is not finished; the report tells what is known so far", err=True)
    if show:
        open_page(path)
    click.echo(json.dumps({"schema_version": 1, "report": str(path)}) if as_json else str(path))
