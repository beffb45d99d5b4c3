"""The view model to files: report.json as it is, report.html through Jinja2 with everything escaped."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from automl.errors import UsageError
from automl.report.view import FILTERS, build_view
from automl.rundir import RunDir, write_bytes, write_json


def render_report(files: RunDir) -> Path:
    """Write report.json and report.html of a run folder and return the path of the page.

    Raises UsageError when the folder is not a finished run.
    """
    try:
        view = build_view(files)
    except (OSError, KeyError, ValueError, StopIteration) as fault:
        raise UsageError(f"{files.root} is not a finished run: {type(fault).__name__} {fault}", "RUN", "give a run folder") from None
    environment = Environment(loader=PackageLoader("automl.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(FILTERS)
    page = environment.get_template("report.html.j2").render(view=view)
    write_json(files.report_json, view)
    write_bytes(files.report_html, page.encode())
    return files.report_html
