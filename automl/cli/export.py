"""`automl export`: a run in the form of another tool."""

import json
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import UsageError, did_you_mean

OPTUNA = "optuna"
FORMS = ("python", "onnx", "ubj", "skops", OPTUNA)


@click.command(
    help="Write a run in the form of another tool. --to python: a package that needs numpy alone; onnx: a graph; ubj: XGBoost's own file; "
    "skops: scikit-learn's; each only where it answers as the artifact does. --to optuna: its trials as studies, one per family, in one SQLite file."
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--to", "form", required=True, metavar="FORM", help="python, onnx, ubj, skops or optuna.")
@click.option("-o", "--output", "out", type=click.Path(path_type=Path), default=None, help="File to write; one in the run folder when left out.")
@click.option("--precision", help="Another rung of the run than the one chosen: float32, float16 or int8.")
@AS_JSON
@debug
def command(run: Path, form: str, out: Path | None, precision: str | None, as_json: bool) -> None:
    """Write the file and say what is in it."""
    if form not in FORMS:
        near = did_you_mean(form, FORMS)
        raise UsageError(f"`{form}` is not a form that runs are written in", "--to", f"did you mean `{near}`?" if near else f"known: {', '.join(FORMS)}")
    if form == OPTUNA:
        _trials(run, out, as_json)
        return
    from automl.artifact.exports.export import export
    from automl.artifact.exports.gate import TOLD

    facts = export(run, form, out, precision)
    if as_json:
        click.echo(json.dumps({"schema_version": 1, **facts}, indent=1))
        return
    names, numbers = TOLD[facts["task"]]
    alike = f"{numbers} within {facts['largest_difference']:.1g}"
    same = f"on {facts['compared_on']} {alike}" if facts["task"] == "dimensionality_reduction" else f"the same {names} on {facts['compared_on']}, and {alike}"
    click.echo(same, err=True)
    click.echo(f"note: {facts['note']}", err=True)
    click.echo(facts["file"])


def _trials(run: Path, out: Path | None, as_json: bool) -> None:
    """Write the trials as Optuna studies."""
    from automl.rundir import begun_run
    from automl.search.export import export_optuna

    path = out if out is not None else run / "study.db"
    counts = export_optuna(begun_run(run), path)
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "file": str(path), "studies": counts}, indent=1))
        return
    click.echo(f"trials by study: {', '.join(f'{name} {n}' for name, n in counts.items())}", err=True)
    click.echo(f"to look at them: optuna-dashboard sqlite:///{path}", err=True)
    click.echo(path)
