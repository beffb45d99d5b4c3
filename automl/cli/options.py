"""Options that several verbs share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automl.errors import UsageError

if TYPE_CHECKING:
    from automl.registry import Registry

SPEC = click.argument("spec", type=click.Path(path_type=Path))
SET = click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Set a value of the spec, for example task.metric=log_loss; repeatable.")


AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_FORMATS = click.Choice(["full", "concise", "json", "github", "sarif"])
FORMAT = click.option("--format", "form", type=_FORMATS, default="full", show_default=True, help="How problems are written.")


def debug(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --debug to a verb, so that it may stand after it too."""

    def keep(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value:
            os.environ["AUTOML_DEBUG"] = "1"

    return click.option("--debug", is_flag=True, expose_value=False, callback=keep, help="Show the traceback of an error.")(command)


def overrides_of(sets: tuple[str, ...], time: str | None = None) -> dict[str, str]:
    """Return dotted keys and values. Raises UsageError when an item is not of the form KEY=VALUE."""
    out: dict[str, str] = {}
    for item in sets:
        key, equals, value = item.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"--set {item}\n      ^ is not of the form KEY=VALUE", "--set", "for example --set constraints.time=5m")
        out[key.strip()] = value
    if time is not None:
        out["constraints.time"] = time
    return out


def from_whom(registry: "Registry[Any]", task: str, name: str) -> str:
    """Return the words that say which other package an entry comes from, or an empty string."""
    whose = registry.origin(task, name)
    return f" [from {whose}]" if whose else ""


def tell_faults(registry: "Registry[Any]") -> None:
    """Say on stderr which entries of other packages cannot be imported, and why."""
    for task in registry.tasks():
        for name in registry.names(task):
            if why := registry.fault(task, name):
                click.echo(f"note: the {registry.noun} {name} of {registry.origin(task, name)} cannot be imported: {why}", err=True)
