"""`automl completion`: the line that makes a shell complete verbs and options."""

import click

from automl.cli.options import debug

LINES = {
    "bash": 'eval "$(_AUTOML_COMPLETE=bash_source automl)"',
    "zsh": 'eval "$(_AUTOML_COMPLETE=zsh_source automl)"',
    "fish": "_AUTOML_COMPLETE=fish_source automl | source",
}


@click.command(help="Print the line for your shell's start file.")
@click.argument("shell", type=click.Choice(list(LINES)))
@debug
def command(shell: str) -> None:
    """Print it."""
    click.echo(LINES[shell])
