"""The command `automl`: verbs are imported when they are called, so that help costs nothing."""

import importlib
import os
import sys
from difflib import get_close_matches
from typing import Any

import click

from automl.errors import AutoMLError

VERBS = {
    "init": "Write a commented spec for a table.",
    "validate": "Check a spec; reads the header of the data only.",
    "eda": "Look at the data: checks, statistics, one page.",
    "plan": "Show what a run would do; trains nothing.",
    "run": "Carry out a spec: data to report.",
    "predict": "Predict the rows of a file with a finished run.",
    "report": "Write the report of a run again.",
    "leaderboard": "List the trials of a run.",
    "compare": "Compare finished runs, with a paired test.",
    "export": "Write a run in the form of another tool.",
    "explain": "Explain a key of the spec or a code.",
    "fmt": "Fix what is certain in a spec.",
    "columns": "List the columns of a table.",
    "models": "List model families and their options.",
    "metrics": "List the metrics.",
    "schema": "Print the JSON Schema for editors.",
    "doctor": "Show what this machine offers.",
    "completion": "Complete verbs in your shell.",
}
NOT_YET = ("serve", "monitor")


class Verbs(click.Group):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import and return a verb."""
        if name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"automl.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Name the nearest verb when there is none of that name; a file alone is meant to be run."""
        word = args[0] if args else ""
        if word in NOT_YET:
            raise click.UsageError(f"`{word}` is part of the design, but not yet of this version")
        if word and word not in VERBS:
            near = get_close_matches(word, VERBS, n=1)
            hint = f"did you mean `automl run {word}`?" if word.endswith((".yaml", ".yml")) else f"did you mean `{near[0]}`?" if near else "see automl --help"
            raise click.UsageError(f"`{word}` is not a command; {hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: automl run specs/quickstart.yaml", help="Declarative AutoML: one YAML file in, a small model and an honest report out.",
)  # fmt: skip
@click.version_option(package_name="automl", prog_name="automl")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Keep the options that hold for every verb."""
    if debug:
        os.environ["AUTOML_DEBUG"] = "1"


def main() -> None:
    """Run the command; every failure ends as one message on stderr and its exit code."""
    # before numpy loads: trials are parallel by process, and timings are stated for one thread
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except AutoMLError as fault:
        _maybe_debug()
        click.echo(fault.render(), err=True)
        sys.exit(fault.exit_code)
    except click.UsageError as fault:
        click.echo(f"error: {fault.format_message()}", err=True)
        sys.exit(2)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; nothing was written", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as fault:
        _maybe_debug()
        click.echo(f"error: the system refused: {fault.strerror or fault}", err=True)
        sys.exit(6)
    except Exception as fault:
        _maybe_debug()
        click.echo(f"error: automl failed where it should not: {type(fault).__name__}: {fault}", err=True)
        click.echo("  fix:   this is our bug; please report it with the output of --debug", err=True)
        sys.exit(70)


def _maybe_debug() -> None:
    if os.environ.get("AUTOML_DEBUG"):
        import traceback

        traceback.print_exc()
