"""`automl compare`: what runs asked, what they got, and whether the difference is more than luck."""

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import GateFailed

if TYPE_CHECKING:
    from automl.evaluate.compare import Compared

WIDTH = 98
LABEL, LESS_LABEL, MOST_LABEL = 20, 32, 42  # characters of a table that its labels take: at least, at most beside three runs, beside two
ACROSS = 3  # runs beside each other; more go below
MOST = 8  # rows of what differs; --json has all
HELP = """Compare finished runs, each with the first, on the rows that both scored.

The difference is tested in the metric of the runs, paired, with a 95 % interval; the verdict is the last line.
Exit code 0 whatever the verdict, 2 when something is no finished run, 3 when the data differ or too few rows are shared.

\b
Examples:
  automl compare runs/before runs/after
  automl compare runs/a runs/b runs/c --json
  automl compare runs/a runs/b --page a-and-b.html    (side by side, in one file)
  automl compare runs/production runs/candidate --fail-if-worse    (in CI: exit code 1)
"""


@click.command(help=HELP)
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...", type=click.Path(path_type=Path))
@click.option("--fail-if-worse", is_flag=True, help="End with exit code 1 when the last run is clearly worse than the first.")
@click.option("--same-rows", is_flag=True, help="Rows of equal number are the same rows although the files differ (a column was added, say).")
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with the runs side by side, too.")
@click.option("--open", "show", is_flag=True, help="Open that page in a browser; compare.html where --page names none.")
@AS_JSON
@debug
def command(runs: tuple[Path, ...], fail_if_worse: bool, same_rows: bool, page: Path | None, show: bool, as_json: bool) -> None:
    """Print what differs, then the verdicts."""
    from automl.evaluate.compare import compare

    found = compare(runs, same_rows)
    if page is not None or show:
        _write(found, runs, page or Path("compare.html"), show)
    click.echo(json.dumps({"schema_version": 1, **found.facts}, indent=1) if as_json else "\n".join(_lines(found)))
    if found.refused is not None:
        raise found.refused
    if fail_if_worse and found.last_is_worse:
        first, last = found.facts["runs"][0], found.facts["runs"][-1]
        raise GateFailed(f"{last['letter']} is clearly worse than {first['letter']}", "--fail-if-worse", f"keep {first['path']}")


def _write(found: "Compared", runs: Sequence[Path], page: Path, show: bool) -> None:
    """Write the page beside what is printed; its path is told on stderr."""
    from automl.cli.opened import open_page
    from automl.report.render import render_comparison

    render_comparison(found.facts, runs, page)
    click.echo(f"page: {page}", err=True)
    if show:
        open_page(page)


def _lines(found: "Compared") -> list[str]:
    from automl.report.comparison import teller, told

    facts = found.facts
    runs = facts["runs"]
    lines = [*(f"{run['letter']}  {run['path']}" for run in runs), ""]
    for start in range(0, len(runs), ACROSS):
        some = runs[start : start + ACROSS]
        lines += [*_table([("", [run["letter"] for run in some]), *((label, [teller(tell, run) for run in some]) for label, tell in told(runs))]), ""]
    for run in runs:
        if len(run["members"]) > 1:
            lines += _wrapped(f"members of {run['letter']}", ", ".join(f"{m['family']} {m['weight']:.0%} (trial {m['trial']})" for m in run["members"]))
            continue
        options = ", ".join(f"{name} {_short(value)}" for name, value in run["params"].items()) or "the defaults"
        lines += _wrapped(f"options of {run['letter']}", options) if run["trial"] is not None else []
    lines += ["", "asked for: the same" if not facts["spec"] else "asked for:"]
    lines += _different(runs, [(d["key"], [f"{v['value']} ({v['from']})" if v else "–" for v in d["values"]]) for d in facts["spec"]])
    if facts["findings"]:
        lines += ["", "found in the data:"]
        lines += _different(runs, [(f"{d['check']} {d['column']}".strip(), [v or "–" for v in d["done"]]) for d in facts["findings"]])
    for pair in facts["pairs"]:
        lines += ["", *_pair(pair, [t for t in facts["tests"] if t["run"] == pair["run"]])]
    lines += [""] + [line for note in facts["notes"] for line in _wrapped("note", note)]
    lines += [line for r in facts["refused"] for line in _wrapped(f"{r['run']} against {r['against']}", f"not compared: {r['why'].splitlines()[0]}")]
    return lines + [line for t in facts["tests"] for line in textwrap.wrap(t["words"], WIDTH)]


def _pair(pair: dict[str, Any], tests: Sequence[dict[str, Any]]) -> list[str]:
    """Return two runs on the rows that both scored."""
    first, second = pair["beside"]["against"], pair["beside"]["run"]
    a, b = pair["against"], pair["run"]
    rows = [(t["metric"], [t["score_against"], t["score"]]) for t in tests]
    beside = {"log_loss": "log_loss", "brier_score": "brier_score", "calibration error": "calibration_error", "share right": "share_right"}
    rows += [(label, [first[key], second[key]]) for label, key in beside.items() if label not in {t["metric"] for t in tests}]
    groups = f" in {pair['units']:,} groups" if pair["units"] is not None else ""
    return [
        f"on the {pair['rows']:,} rows{groups} that {a} and {b} both scored:",
        *_table([("", [a, b]), *((label, ["–" if v is None else f"{v:.4f}" for v in values]) for label, values in rows)]),
        f"decided alike: {pair['agree']:,}; both right {pair['both_right']:,}, only {a} {pair['only_against_right']:,}, "
        f"only {b} {pair['only_run_right']:,}, neither {pair['none_right']:,}",
    ]


def _different(runs: Sequence[dict[str, Any]], rows: Sequence[tuple[str, list[str]]]) -> list[str]:
    """Return a table of what differs, the first rows of it."""
    lines: list[str] = []
    for start in range(0, len(runs), ACROSS) if rows else ():
        part = slice(start, start + ACROSS)
        lines += [""] if start else []
        lines += _table([("", [run["letter"] for run in runs[part]]), *((key, values[part]) for key, values in rows[:MOST])])
    return lines + ([f"… and {len(rows) - MOST} more; --json shows all"] if len(rows) > MOST else [])


def _table(rows: Sequence[tuple[str, list[str]]]) -> list[str]:
    """Return rows of cells below each other, each cut to its column."""
    n_columns, longest = len(rows[0][1]), max(len(cell) for _, cells in rows for cell in cells)
    label = max(LABEL, min(MOST_LABEL if n_columns <= 2 else LESS_LABEL, max(len(name) for name, _ in rows) + 2))
    column = min((WIDTH - label) // n_columns, longest + 3)
    return ["".join([_cut(name, label), *(_cut(cell, column) for cell in cells)]).rstrip() for name, cells in rows]


def _cut(text: str, width: int) -> str:
    from automl.report.words import visible

    return visible(text, width - 2).ljust(width) if text else " " * width


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(f"{label}: {text}", WIDTH, subsequent_indent="  ")
