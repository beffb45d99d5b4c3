"""Shows a page to the user, where there is a browser to show it in."""

import webbrowser
from pathlib import Path

import click


def open_page(page: Path) -> None:
    """Open a page in the user's browser; where there is none, say so and go on."""
    try:
        done = webbrowser.open(page.absolute().as_uri())
    except (webbrowser.Error, OSError):
        done = False
    if not done:
        click.echo(f"note: there is no browser here; open {page} yourself", err=True)
