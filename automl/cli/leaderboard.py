"""`automl leaderboard`: the trials of a run, best first."""

import json
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import UsageError


@click.command(help="List the trials of a run, best first.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("-n", "most", default=20, show_default=True, help="Rows to print.")
@AS_JSON
@debug
def command(run: Path, most: int, as_json: bool) -> None:
    """Print the table."""
    from automl.rundir import begun_run
    from automl.search.leaderboard import rows_of

    files = begun_run(run)
    try:
        rows = rows_of(files)
    except (OSError, ValueError, KeyError):
        raise UsageError(f"the trials of {run} cannot be read", "RUN", "files of it were changed or lost; take a copy that is whole") from None
    if not files.finished():
        click.echo("note: this run is not finished; these are its trials so far", err=True)
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "trials": rows}, indent=1))
        return
    click.echo(f"{'rank':>4}  {'trial':>5}  {'family':<20} {'score':>8}  {'spread':>8}  {'seconds':>7}  state")
    for row in rows[:most]:
        score, spread = (f"{float(row[k]):.4f}" if row[k] else "–" for k in ("score", "spread"))
        ended = f"{row['state']} {'on the front' if row.get('front') else row['cause']}".rstrip()
        click.echo(f"{row['rank']:>4}  {row['number']:>5}  {row['family']:<20} {score:>8}  {spread:>8}  {float(row['seconds']):>7.1f}  {ended}")
    if len(rows) > most:
        click.echo(f"… and {len(rows) - most} more; -n {len(rows)} shows all")
