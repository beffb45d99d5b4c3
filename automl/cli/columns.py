"""`automl columns`: the columns of a spec's data, or of a file, and what each was taken for."""

import json
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug


@click.command(help="List the columns of a SPEC's data or of a DATA file.")
@click.argument("source", type=click.Path(path_type=Path))
@AS_JSON
@debug
def command(source: Path, as_json: bool) -> None:
    """Print one line per column."""
    from automl.data.dataset import read_source
    from automl.data.roles import infer_role
    from automl.data.sources import read_table
    from automl.spec.load import load

    if source.suffix in (".yaml", ".yml"):
        loaded = load(source, with_data=False)
        spec = loaded.or_raise()
        raw = read_source(spec, source.parent)
    else:
        raw = read_table(source)
    rows = [infer_role(name, column) for name, column in raw.table.columns.items()]
    for note in raw.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        listed = [{"name": r.key, "type": str(r.value), "because": r.because} for r in rows]
        click.echo(json.dumps({"schema_version": 1, "rows": raw.n_rows, "columns": listed}, indent=1))
        return
    width = min(40, max(len(r.key) for r in rows))
    for r in rows:
        click.echo(f"{r.key:<{width}}  {r.value:<9} {r.because}")
