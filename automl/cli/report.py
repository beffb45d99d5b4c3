"""`automl report`: the report of a finished run once more, from its files alone."""

from pathlib import Path

import click

from automl.cli.options import debug


@click.command(help="Write report.html and report.json of a run again; nothing is fitted.")
@click.argument("run", type=click.Path(path_type=Path))
@debug
def command(run: Path) -> None:
    """Render and print the path."""
    from automl.report.render import render_report
    from automl.rundir import RunDir

    click.echo(str(render_report(RunDir(run))))
