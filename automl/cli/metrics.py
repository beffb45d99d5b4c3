"""`automl metrics`: the metrics by task."""

import json

import click

from automl.cli.options import AS_JSON, debug, from_whom, tell_faults


@click.command(help="List the metrics.")
@AS_JSON
@debug
def command(as_json: bool) -> None:
    """Print the table."""
    from automl.metrics import METRICS

    rows = [(task, name, METRICS.get(task, name)) for task in METRICS.tasks() for name in METRICS.usable(task)]
    tell_faults(METRICS)
    if as_json:
        listed = [{"task": t, "name": n, "summary": m.summary, "greater_is_better": m.greater_is_better, "package": METRICS.origin(t, n)} for t, n, m in rows]
        click.echo(json.dumps({"schema_version": 1, "metrics": listed}, indent=1))
        return
    for task, name, metric in rows:
        better = "higher" if metric.greater_is_better else "lower"
        click.echo(f"{name:<20}{task}: {metric.summary}; {better} is better{from_whom(METRICS, task, name)}")
