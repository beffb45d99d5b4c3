"""`automl eda`: the look at the data alone, as a page for people and JSON for programs; nothing is trained."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automl.cli.options import AS_JSON, SET, debug, overrides_of
from automl.cli.progress import Progress
from automl.errors import DataError, did_you_mean

if TYPE_CHECKING:
    from automl.spec.model import Spec


@click.command(
    help="Look at the data of a SPEC or a DATA file: checks and what they would do, statistics, one page. Trains nothing."
    "\n\nExample: automl eda customers.csv --target churned"
)
@click.argument("source", metavar="SPEC|DATA", type=click.Path(path_type=Path))
@click.option("--target", metavar="COLUMN", help="Column to predict; without one the table is looked at as it is.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Folder for eda.html and eda.json; eda-NAME beside the file when left out.")
@SET
@click.option("--time", "seconds", metavar="2m", help="Time for the look; beyond it samples are taken and parts left out, and the page says so.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@AS_JSON
@debug
def command(source: Path, target: str | None, out: Path | None, sets: tuple[str, ...], seconds: str | None, quiet: bool, as_json: bool) -> None:
    """Look, write, print the path of the page."""
    import math
    import time

    from automl.rundir import EdaDir

    began = time.monotonic()
    spec = _spec(source, target, overrides_of(sets, seconds))
    files = EdaDir(out if out is not None else source.with_name("eda-" + (re.sub(r"[^\w-]+", "-", source.name.split(".")[0]).strip("-") or "data")))
    files.check()
    with Progress(spec.constraints.time, began, quiet) as progress:
        from automl.report.render import render_eda
        from automl.run import described, examine, failed_check

        limit = spec.constraints.time
        seen = examine(spec, source.parent, math.inf if limit is None else limit, progress)
        progress({"event": "phase", "phase": "writing the page"})
        profile = described(spec, seen)
        files.create()
        render_eda(profile, files)
    paths = {"html": str(files.html), "json": str(files.json)}
    click.echo(json.dumps({"schema_version": 1, "findings": profile["findings"], "paths": paths}) if as_json else str(files.html))
    if fault := failed_check(seen.profile, files.html):
        raise fault


def _spec(source: Path, target: str | None, overrides: dict[str, str]) -> "Spec":
    """Return the spec of a file, or one made for a table alone."""
    from automl.spec.files import clipped
    from automl.spec.header import header_of
    from automl.spec.load import load, load_text

    if source.suffix.lower() in (".yaml", ".yml"):
        return load(source, overrides | ({"task.target": json.dumps(target, ensure_ascii=False)} if target is not None else {})).or_raise()
    names, _ = header_of(source) or (None, ())
    if target is not None and names is not None and target not in names and not any(key.startswith("data") for key in overrides):
        near = did_you_mean(target, names)
        raise DataError(
            f"column `{clipped(target)}` is not in {source.name}",
            "--target",
            f"did you mean `{clipped(near)}`?" if near else f"see automl columns {source.name}",
        )
    task = {"type": "clustering"} if target is None else {"type": "classification", "target": target}
    text = json.dumps({"data": {"train": source.name}, "task": task}, ensure_ascii=False)
    spec = load_text(text.encode("utf-8", "surrogateescape"), source, overrides, with_data=False).or_raise()
    spec._source = None  # what the data get wrong is not to be shown in a text that nobody wrote
    return spec
