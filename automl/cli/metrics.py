"""`automl metrics`: the metrics by task."""

import json

import click

from automl.cli.options import AS_JSON, debug


@click.command(help="List the metrics.")
@AS_JSON
@debug
def command(as_json: bool) -> None:
    """Print the table."""
    from automl.metrics import METRICS

    rows = [(task, METRICS.get(task, name)) for task in METRICS.tasks() for name in METRICS.names(task)]
    if as_json:
        listed = [{"task": t, "name": m.name, "summary": m.summary, "greater_is_better": m.greater_is_better} for t, m in rows]
        click.echo(json.dumps({"schema_version": 1, "metrics": listed}, indent=1))
        return
    for task, metric in rows:
        click.echo(f"{metric.name:<20}{task}: {metric.summary}; {'higher' if metric.greater_is_better else 'lower'} is better")
