"""`automl init`: a table in, a commented spec out that runs unedited; every guess carries its reason."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automl.cli.options import debug
from automl.errors import DataError, UsageError, did_you_mean
from automl.spec.model import DEVICES
from automl.spec.text import plain

if TYPE_CHECKING:
    from automl.data.guess import Guess


@click.command(help="Write a commented spec for DATA.\n\nExample: automl init customers.csv --target churned")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--target", help="Column to predict; guessed when left out.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write; DATA's name with .yaml when left out.")
@debug
def command(data: Path, target: str | None, out: Path | None) -> None:
    """Guess, write, say what to type next."""
    from automl.data.guess import guess
    from automl.data.sources import comma_decimals, read_table
    from automl.spec.load import load_text
    from automl.spec.sections.data import Csv

    raw = read_table(data)
    commas = comma_decimals(raw.table.columns)
    decimal = "," if commas else "."
    raw = read_table(data, Csv(decimal=decimal)) if commas else raw
    if target is not None and target not in raw.table.columns:
        near = did_you_mean(target, list(raw.table.columns))
        raise DataError(f"column `{target}` is not in {data.name}", "--target", f"did you mean `{near}`?" if near else "see automl columns")
    found = guess(raw, target, decimal)
    if found is None:
        raise UsageError(f"no column of {data.name} looks like a class to predict", "--target", "name it: --target COLUMN")
    out = out or data.with_name(data.name.split(".")[0] + ".yaml")
    if out.exists():
        raise UsageError(f"{out} exists already and is kept", "-o", "name another file with -o")
    left = len(raw.table.columns) - 1 - len(found.ids) - len(found.drops)
    if left < 1:
        raise UsageError(f"no column of {data.name} is left to learn `{found.target}` from", "DATA", "ids and copies of the target tell nothing")
    text = spec_text(data, out, found, raw.n_rows, len(raw.table.columns), commas)
    wrong = [d for d in load_text(text.encode(), out, {}, with_data=False).found if d.is_error]
    if wrong:
        raise UsageError(f"a name in {data.name} cannot be written into a spec: {wrong[0].message}", "DATA", "rename the column")
    out.write_text(text, encoding="utf-8")
    click.echo(f"{found.target} is the target: {found.because}", err=True)
    click.echo(f"next:\n  automl validate {out}\n  automl plan {out}\n  automl run {out}", err=True)
    click.echo(str(out))


def spec_text(data: Path, out: Path, found: "Guess", n_rows: int, n_columns: int, commas: Sequence[str] = ()) -> str:
    """Return the text of the spec; names that YAML would misread are quoted. `commas`: columns of numbers with a decimal comma."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", data.name.split(".")[0]).strip("-") or "run"
    path = os.path.relpath(data.resolve(), out.resolve().parent)
    lines = [
        f"# Written by `automl init {data.name}`. Every guess carries its reason; change what is wrong.",
        "version: 1",
        f"name: {plain(f'table-{name[:60]}' if name.lower() in DEVICES else name[:60])}",
        "data:",
        f"  train: {plain(path)}  # {n_rows} rows, {n_columns} columns",
    ]
    if commas:
        lines.append(f'  csv: {{decimal: ","}}  # as in {", ".join(commas[:3])}{", …" if len(commas) > 3 else ""}')
    if found.ids or found.drops or found.types or found.groups or found.times:
        lines.append("  columns:")
    for title, rows in (("id", found.ids), ("drop", found.drops)):
        if rows:
            lines.append(f"    {title}:")
            lines += [f"      - {plain(column)}  # {why}" for column, why in rows.items()]
    if found.types:
        lines.append("    types:")
        lines += [f"      {plain(column)}: {kind}  # {why}" for column, (kind, why) in found.types.items()]
    for title, rows in (("time", found.times), ("group", found.groups)):
        lines += [f"    # {title}: {plain(column)}  # {why}" for column, why in rows.items()]
    if lines[-1].startswith("    #") and not (found.ids or found.drops or found.types):
        lines[lines.index("  columns:")] = "  # columns:"
    shares = ", ".join(f"{label} {share:.1%}" for label, share in found.classes)
    lines += [
        "task:",
        "  type: classification",
        f"  target: {plain(found.target)}  # {found.because}; {shares}".replace("\n", " "),
        "constraints:",
        "  time: 10m  # from start to report; automl run --time 1m for a first look",
        "quantize:",
        "  max_drop: 0.001  # what the smaller forms of the model may lose",
        "",
    ]
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)
