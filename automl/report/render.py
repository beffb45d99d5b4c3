"""The view models to files: JSON as it is, HTML through Jinja2 with everything escaped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from automl.errors import UsageError
from automl.report.eda_view import eda_view
from automl.report.unlabelled import ORDER, build_unlabelled_view
from automl.report.view import FILTERS, build_view
from automl.rundir import EdaDir, RunDir, read_json, shown, write_bytes, write_json


def render_report(files: RunDir) -> Path:
    """Write report.json and report.html of a run folder and return the path of the page.

    Raises UsageError when the folder is not a finished run.
    """
    try:
        task = read_json(files.plan)["task"]
        if task in ORDER:
            return _unlabelled(files)
        view = build_view(files)
        look = eda_view(view["profile"], compact=True)
    except (OSError, KeyError, ValueError, StopIteration) as fault:
        if files.identity.exists() and not files.finished():
            where = "continue it: automl run SPEC --out with this folder; `automl leaderboard` and `automl predict` work meanwhile"
            raise UsageError(f"{shown(files.root)} is not a finished run yet", "RUN", where) from None
        raise UsageError(f"{shown(files.root)} is not a finished run: {type(fault).__name__} {fault}", "RUN", "give a run folder") from None
    page = _environment().get_template("report.html.j2").render(view=view, eda=look)
    write_json(files.report_json, view)
    write_bytes(files.report_html, page.encode())
    return files.report_html


def _unlabelled(files: RunDir) -> Path:
    """Write the report of a task without a label."""
    view = build_unlabelled_view(files)
    page = _environment().get_template("unlabelled.html.j2").render(view=view, eda=view["data"])
    write_json(files.report_json, view)
    write_bytes(files.report_html, page.encode())
    return files.report_html


def render_eda(profile: Mapping[str, Any], files: EdaDir) -> Path:
    """Write eda.json, the profile with its findings, and eda.html, and return the path of the page."""
    page = _environment().get_template("eda.html.j2").render(eda=eda_view(profile))
    write_json(files.json, {"schema_version": 1, **profile}, indent=None)  # of thousands of columns; a program reads it
    write_bytes(files.html, page.encode())
    return files.html


def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("automl.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(FILTERS)
    return environment
