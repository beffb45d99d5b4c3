"""`automl run`: a spec to a run folder; progress on stderr, the report's path as the last line of stdout."""

import json
from pathlib import Path
from typing import Any

import click

from automl.cli.options import AS_JSON, SET, SPEC, debug, overrides_of
from automl.cli.progress import Progress
from automl.errors import STOPPED_BY_SIGINT, STOPPED_BY_SIGTERM


@click.command(
    help="Carry out a spec: search, quantize, save, report.\n\nCtrl-C once ends the search and keeps the best model so far. "
    "A run that was killed goes on with the same command, where --out names its folder; with --resume it is found."
)
@SPEC
@SET
@click.option("--time", "seconds", metavar="5m", help="Wall-clock budget; short for --set constraints.time=5m.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder itself: new or empty, or of the same run, which then goes on.")
@click.option("--resume", is_flag=True, help="Go on with the newest unfinished run of this spec, also one that you stopped.")
@click.option("--open", "show", is_flag=True, help="Open the report in a browser as soon as there is one; it is written again as results come.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("-v", "--verbose", is_flag=True, help="Tell every event.")
@AS_JSON
@debug
def command(
    spec: Path, sets: tuple[str, ...], seconds: str | None, out: Path | None, resume: bool, show: bool, quiet: bool, verbose: bool, as_json: bool
) -> int:  # fmt: skip
    """Run and print the report's path."""
    from automl.cli.opened import open_page
    from automl.report.verdict import trust_of
    from automl.run import run
    from automl.rundir import RunDir
    from automl.search.budget import process_started
    from automl.signals import watched
    from automl.spec.load import read_spec

    overrides = overrides_of(sets, seconds)
    pages: dict[str, Any] = {"on_page": open_page} if show else {}
    read = read_spec(spec, overrides)
    with watched() as signals, Progress(read.constraints.time, process_started(), quiet, verbose) as progress:
        try:
            finished = run(read, out=out, overrides=overrides, resume=resume, started=process_started(), on_event=progress, stop=signals.stop, **pages)
        except KeyboardInterrupt:
            kept = "the run folder holds the trials that ended and the best model so far; the same command with its --out goes on"
            left = kept if signals.stop.active else "no trial was run"
            click.echo(f"stopped; {left}", err=True)
            return STOPPED_BY_SIGTERM if signals.terminated else STOPPED_BY_SIGINT
    if show and (finished.found or finished.report.suffix != ".html"):
        open_page(finished.report)
    if finished.found:
        click.echo("this run is finished; nothing was done (a new one needs a new folder)", err=True)
    else:
        click.echo(progress.summary(finished.evaluation), err=True)
        if digest := finished.evaluation.get("artifact_sha256"):
            click.echo(f"artifact: sha256 {digest} (keep it elsewhere; `automl predict --expect` compares)", err=True)
        for note in progress.misread:
            click.echo(f"careful: {note}", err=True)
        for doubt in doubts(finished.evaluation, trust_of(RunDir(finished.folder))):
            click.echo(f"careful: {doubt}", err=True)
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "run": str(finished.folder), "report": str(finished.report), "evaluation": finished.evaluation}))
    else:
        click.echo(str(finished.report))
    if finished.stopped_by_user:
        return STOPPED_BY_SIGTERM if signals.terminated else STOPPED_BY_SIGINT
    return 0


def doubts(evaluation: dict[str, Any], trust: dict[str, Any]) -> list[str]:
    """Return what must be known before the score is believed: the gravest doubt, and classes that occur and are never answered."""
    from automl.report.parity import disagreement

    differs = disagreement(evaluation)  # also of a task whose report has no such light
    out: list[str] = [differs] if differs else trust["reasons"][:1] if trust["light"] == "red" else []
    confusion = evaluation.get("confusion") or []
    never = [
        (row["label"], row["rows"]) for c, row in enumerate(evaluation.get("per_class") or [])
        if len(confusion) == len(evaluation["per_class"]) and row["rows"] and not any(counts[c] for counts in confusion)
    ]  # fmt: skip
    if never:
        named = ", ".join(f"`{label}` ({rows:,} rows)" for label, rows in never[:3]) + (f" and {len(never) - 3} more" if len(never) > 3 else "")
        more = "; for two classes `task.threshold` moves the line, or `metric: f1` finds one" if len(confusion) == 2 else ""
        out.append(f"no scored row is answered {named}{more}")
    return out
