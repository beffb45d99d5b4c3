"""`automl schema`: the JSON Schema of a spec, for editors."""

import click

from automl.cli.options import debug


@click.command(help="Print the JSON Schema of a spec.")
@debug
def command() -> None:
    """Print it."""
    from automl.families import FAMILIES
    from automl.spec.schema import spec_schema, text_of

    click.echo(text_of(spec_schema({task: FAMILIES.names(task) for task in FAMILIES.tasks()})), nl=False)
