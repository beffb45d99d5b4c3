"""`automl predict`: a table in, one row of predictions per row out, in order; all or nothing."""

import json
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import ArtifactError, UsageError

MOST_NAMED = 5  # columns that hold something unknown


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
    from automl.artifact.load import load
    from automl.cli.answers import answer_blocks, answer_whole
    from automl.data.sources.read import is_larger, memory_limit
    from automl.rundir import RunDir
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
    limit = memory_limit()
    given = predictor, data, out, reading, excel_safe
    told = answer_blocks(*given, limit) if is_larger(data, limit) else answer_whole(*given)
    found, score = told.unusual, told.score
    note = f"; {told.further} further columns were not used" if told.further else ""
    for remark in told.notes:
        click.echo(f"note: {remark}", err=True)
    by = getattr(predictor, "placed_by", "")
    done = "predicted" if predictor.classes_ else f"placed by {by}" if by else "placed"
    click.echo(f"{told.rows} rows {done} at {predictor.precision}{note}", err=True)
    for name, count in list(found["unknown"].items())[:MOST_NAMED]:
        click.echo(f"note: `{name}` holds a category that the model does not tell apart in {count:,} rows", err=True)
    if found["empty"]:
        click.echo(f"note: {found['empty']:,} rows hold no value at all", err=True)
    if found["columns_empty"]:
        more = f" and {len(found['columns_empty']) - MOST_NAMED} more" if len(found["columns_empty"]) > MOST_NAMED else ""
        click.echo(f"note: no row holds a value of {', '.join(f'`{name}`' for name in found['columns_empty'][:MOST_NAMED])}{more}", err=True)
    if score:
        click.echo(f"{score['metric']} of the {score['rows']:,} rows whose `{predictor.manifest['target']}` is there: {score['score']:.4f}", err=True)
    facts = {"out": str(out), "rows": told.rows, "precision": predictor.precision, "columns_not_used": told.further, **found, "scored": score}
    click.echo(json.dumps({"schema_version": 1, **facts}) if as_json else str(out))
