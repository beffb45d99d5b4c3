"""`automl columns`: the columns of a spec's data, or of a file, and what each was taken for."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automl.cli.options import AS_JSON, debug

if TYPE_CHECKING:
    from automl.inference.table import Column
    from automl.vocabulary import Decision


@click.command(help="List the columns of a SPEC's data or of a DATA file.")
@click.argument("source", type=click.Path(path_type=Path))
@AS_JSON
@debug
def command(source: Path, as_json: bool) -> None:
    """Print one line per column."""
    from automl.data.dataset import read_source
    from automl.data.sources import read_table
    from automl.spec.load import load

    if source.suffix in (".yaml", ".yml"):
        loaded = load(source, with_data=False)
        spec = loaded.or_raise()
        raw = read_source(spec, source.parent)
    else:
        raw = read_table(source)
    rows = [_role(name, column) for name, column in raw.table.columns.items()]
    for note in raw.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        listed = [{"name": r.key, "type": str(r.value), "because": r.because} for r in rows]
        click.echo(json.dumps({"schema_version": 1, "rows": raw.n_rows, "columns": listed}, indent=1))
        return
    width = min(40, max(len(r.key) for r in rows))
    for r in rows:
        click.echo(f"{r.key:<{width}}  {r.value:<9} {r.because}")


def _role(name: str, column: "Column") -> "Decision":
    """Return what a column looks like; one that only numbers the rows is an id, as the check id_like finds it."""
    import numpy as np

    from automl.data.columns import field_of
    from automl.data.roles import infer_role
    from automl.data.structure import numbers_the_rows
    from automl.inference.table import Table, conform
    from automl.vocabulary import Decision, Role

    found = infer_role(name, column)
    read = conform(Table({name: column}, len(column.values)), [field_of(found, column, ".")]).columns[name]
    why = numbers_the_rows(read, str(found.value), np.arange(len(column.values)))
    return Decision(name, Role.ID, f"numbers the rows: {why}") if why else found
