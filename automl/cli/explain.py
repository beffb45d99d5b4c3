"""`automl explain`: what a key of the spec or a diagnostic code means."""

import json

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import UsageError, did_you_mean


@click.command(help="Explain a key of the spec or a diagnostic code.\n\nExamples: automl explain constraints.time; automl explain S101")
@click.argument("what")
@AS_JSON
@debug
def command(what: str, as_json: bool) -> None:
    """Print the explanation."""
    from automl.cli import VERBS
    from automl.spec.codes import CODES
    from automl.spec.explain import explain_code, explain_key
    from automl.spec.suggest import all_keys, is_later

    text = explain_key(what) or explain_code(what)
    if text is None and what in VERBS:
        raise UsageError(f"`{what}` is a command, not a key of the spec", "explain", f"see automl {what} --help")
    if text is None:
        known = [k.path for k in sorted(all_keys(), key=lambda k: (is_later(k.section, k.name), k.path.count(".")))]  # what works, then the least deep
        last = {k.rpartition(".")[2]: k for k in reversed(known)}
        near = last.get(what) or did_you_mean(what, [*known, *CODES]) or last.get(did_you_mean(what, list(last)), "")
        raise UsageError(f"`{what}` is neither a key of the spec nor a code", "explain", f"did you mean `{near}`?" if near else "see automl explain task")
    click.echo(json.dumps({"schema_version": 1, "what": what, "text": text}) if as_json else text)
