"""The view models to files: HTML through Jinja2 with everything escaped, Markdown likewise, JSON as it is."""

import base64
import contextlib
import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from automl.errors import UsageError
from automl.report.comparison import comparison_view
from automl.report.eda_view import eda_view
from automl.report.markdown import markdown
from automl.report.running import running_view
from automl.report.unlabelled import ORDER, build_unlabelled_view
from automl.report.view import FILTERS, PAGE, build_view
from automl.rundir import EdaDir, RunDir, read_json, shown, write_bytes, write_json

HEAD = 2000  # bytes of a page in which its state stands


def render_report(files: RunDir) -> Path:
    """Write the report of a run folder in the formats that its spec asks for, and return the path of the first.

    A run that has not ended has a page too: what it knows so far. Raises UsageError when the folder is no run, or not whole.
    """
    try:
        plan = read_json(files.plan)
        build = build_unlabelled_view if plan["task"] in ORDER else build_view
        view = build(files) if files.evaluation.is_file() else running_view(files)
        formats = plan.get("page", PAGE)["formats"]
    except (OSError, KeyError, ValueError, StopIteration) as fault:
        if files.identity.exists() and not files.finished():
            where = "continue it: automl run SPEC --out with this folder; `automl leaderboard` and `automl predict` work meanwhile"
            raise UsageError(f"{shown(files.root)} is not a finished run yet", "RUN", where) from None
        raise UsageError(f"{shown(files.root)} is not a finished run: {type(fault).__name__} {fault}", "RUN", "give a run folder") from None
    own = "unlabelled" if plan["task"] in ORDER and view["state"] == "finished" else "report"
    texts = {}
    if "html" in formats:
        texts["html"] = html(view, f"{own}.html.j2")
    if "md" in formats:
        texts["md"] = markdown(view, FILTERS, f"{own}.md.j2")
    if "json" in formats:
        write_json(files.report_json, view)
    if "md" in formats:
        write_bytes(files.report_md, texts["md"].encode())
    if "html" in formats:
        write_bytes(files.report_html, texts["html"].encode())
    return files.report


def is_written(files: RunDir) -> bool:
    """Return whether the report of the finished run is there in every format asked for, and not only the page that was shown while it ran."""
    try:
        formats = read_json(files.plan).get("page", {"formats": ["html"]})["formats"]
    except (OSError, ValueError, KeyError):
        return False
    if not all({"html": files.report_html, "md": files.report_md, "json": files.report_json}[form].is_file() for form in formats):
        return False
    if "html" not in formats:
        return True
    with files.report_html.open("rb") as page:
        return b'name="automl-state" content="finished"' in page.read(HEAD)


def render_eda(profile: Mapping[str, Any], files: EdaDir) -> Path:
    """Write eda.json, the profile with its findings, and eda.html, and return the path of the page."""
    page = _environment().get_template("eda.html.j2").render(eda=eda_view(profile))
    write_json(files.json, {"schema_version": 1, **profile}, indent=None)  # of thousands of columns; a program reads it
    write_bytes(files.html, page.encode())
    return files.html


def render_comparison(facts: Mapping[str, Any], runs: Sequence[Path], page: Path) -> None:
    """Write the page of a comparison: `facts` as `automl compare --json` has them, of these run folders. Raises EnvironmentFault."""
    links: dict[str, str] = {}
    for run, path in zip(facts["runs"], runs, strict=True):
        report = RunDir(path).report_html
        with contextlib.suppress(ValueError):  # on another drive there is no way from one to the other
            links |= {run["letter"]: quote(Path(os.path.relpath(report, page.parent)).as_posix())} if report.is_file() else {}
    write_bytes(page, html(comparison_view(facts, links), "comparison.html.j2").encode())


def html(view: Mapping[str, Any], template: str = "report.html.j2") -> str:
    """Return a page of a view; its only script is ours, and allowed by its hash."""
    return _environment().get_template(template).render(view=view, script_hash=script_hash())


@functools.cache
def script_hash() -> str:
    """Return the source of the policy that allows the script of the pages, and no other."""
    text = _environment().get_template("script.js.j2").render()
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.cache
def _environment() -> Environment:
    environment = Environment(loader=PackageLoader("automl.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(FILTERS)
    return environment
