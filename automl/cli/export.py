"""`automl export`: a run in the form of another tool."""

import json
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import UsageError

FORMS = ("optuna",)


@click.command(help="Write a run in the form of another tool: --to optuna gives its trials as Optuna studies, one per family, in one SQLite file.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--to", "form", required=True, metavar="FORM", help="The form; this version knows optuna.")
@click.option("-o", "--output", "out", type=click.Path(path_type=Path), default=None, help="File to write; study.db in the run folder when left out.")
@AS_JSON
@debug
def command(run: Path, form: str, out: Path | None, as_json: bool) -> None:
    """Write the file and say what is in it."""
    from automl.rundir import begun_run

    if form not in FORMS:
        raise UsageError(f"`{form}` is not yet a form of this version", "--to", f"known: {', '.join(FORMS)}")
    files = begun_run(run)
    from automl.search.export import export_optuna

    path = out if out is not None else run / "study.db"
    counts = export_optuna(files, path)
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "file": str(path), "studies": counts}, indent=1))
        return
    click.echo(f"trials by study: {', '.join(f'{name} {n}' for name, n in counts.items())}", err=True)
    click.echo(f"to look at them: optuna-dashboard sqlite:///{path}", err=True)
    click.echo(path)
