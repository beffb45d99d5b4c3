"""`automl predict`: a table in, one row of predictions per row out, in order; all or nothing."""

import json
from pathlib import Path
from typing import Any

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import ArtifactError, NoRowsError, UsageError

MOST_NAMED = 5  # columns that hold something unknown
MANY_ROWS = 40_000  # that are answered on all cores
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would work out


@click.command(help="Predict the rows of DATA with RUN (a run folder or an artifact) and write them to OUT, csv or parquet by its suffix.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--precision", help="Another rung of the run than the one chosen: float32, float16 or int8.")
@click.option("--excel-safe", is_flag=True, help="In csv, put ' before texts that a spreadsheet would take for a formula; without it values stay exact.")
@click.option("--expect", metavar="SHA256", help="The digest that `automl run` printed; another artifact is refused.")
@AS_JSON
@debug
def command(run: Path, data: Path, out: Path, precision: str | None, excel_safe: bool, expect: str | None, as_json: bool) -> None:
    """Read, predict, write."""
    import numpy as np

    from automl.artifact.load import load
    from automl.data.sources import read_file
    from automl.evaluate.given import score_of, unusual
    from automl.hardware import cores
    from automl.inference.compiled import settle
    from automl.inference.table import Table, column_of
    from automl.rundir import RunDir, write_bytes
    from automl.spec.sections.data import Csv

    if out.suffix not in (".csv", ".parquet"):
        raise UsageError(f"`{out.name}` has no suffix that says how to write it", "-o", "name it .csv or .parquet")
    predictor = load(run, precision, warm=False, expect=expect)  # a file of few rows is answered sooner without
    if run.is_dir() and RunDir(run).identity.exists() and not RunDir(run).finished():
        made = predictor.manifest.get("made_by", "") or "made while the search went on"
        click.echo(f"note: this run is not finished; the best model so far answers: {made}", err=True)
    try:
        reading = Csv(**predictor.manifest.get("csv", {}))
    except (ValueError, TypeError):
        raise ArtifactError("the artifact does not say how its table was read", str(run), "take the original again") from None
    expected = {f.name for f in predictor.fields}
    try:
        raw = read_file(data, reading)
        table, remarks = raw.table, tuple(raw.notes)
    except NoRowsError:  # no rows in, no rows out
        table, remarks = Table({name: column_of([]) for name in expected}, 0), ()
    extra = [name for name in table.columns if name not in expected]
    if table.n_rows >= MANY_ROWS:
        settle()  # before threads ask for it, each by itself
        predictor.threads = cores()
    columns = predictor.answers(table)
    score = score_of(predictor, table, np.stack(list(columns.values())[1:], axis=1)) if predictor.classes_ else None
    found = unusual(predictor, table)
    columns = _harmless(columns) if excel_safe else columns
    write_bytes(out, _encode(columns, out.suffix))
    note = f"; {len(extra)} further columns were not used" if extra else ""
    for remark in remarks:
        click.echo(f"note: {remark}", err=True)
    by = getattr(predictor, "placed_by", "")
    done = "predicted" if predictor.classes_ else f"placed by {by}" if by else "placed"
    click.echo(f"{table.n_rows} rows {done} at {predictor.precision}{note}", err=True)
    for name, count in list(found["unknown"].items())[:MOST_NAMED]:
        click.echo(f"note: `{name}` holds a category that the model does not tell apart in {count:,} rows", err=True)
    if found["empty"]:
        click.echo(f"note: {found['empty']:,} rows hold no value at all", err=True)
    if score:
        click.echo(f"{score['metric']} of the {score['rows']:,} rows whose `{predictor.manifest['target']}` is there: {score['score']:.4f}", err=True)
    facts = {"out": str(out), "rows": table.n_rows, "precision": predictor.precision, "columns_not_used": len(extra), **found, "scored": score}
    click.echo(json.dumps({"schema_version": 1, **facts}) if as_json else str(out))


def _harmless(columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns whose names and texts no spreadsheet takes for a formula (OWASP, CSV injection): those that begin as one get a quote."""

    def plain(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value

    return {plain(name): [plain(v) for v in values.tolist()] if values.dtype.kind in "OUT" else values for name, values in columns.items()}


def _encode(columns: dict[str, Any], suffix: str) -> bytes:
    import io

    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    table, buffer = pa.table(columns), io.BytesIO()
    if suffix == ".parquet":
        pq.write_table(table, buffer)
    else:
        pa_csv.write_csv(table, buffer)
    return buffer.getvalue()
