import shutil

from click.testing import CliRunner

from automl.cli import cli
from automl.errors import UsageError


def test_the_report_comes_back_and_its_path_is_printed(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    for name in ("report.html", "report.json", "report.md"):
        (tmp_path / "run" / name).unlink()
    done = CliRunner().invoke(cli, ["report", str(tmp_path / "run")])
    assert done.exit_code == 0 and done.stdout == f"{tmp_path / 'run' / 'report.html'}\n"
    for name in ("report.html", "report.json", "report.md"):
        assert (tmp_path / "run" / name).read_bytes() == (finished_run / name).read_bytes()


def test_only_the_report_is_touched(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "run")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "run").rglob("*") if p.is_file()}
    CliRunner().invoke(cli, ["report", str(tmp_path / "run")])
    after = {p: p.stat().st_mtime_ns for p in (tmp_path / "run").rglob("*") if p.is_file()}
    assert {p.name for p in after if after[p] != before.get(p)} == {"report.html", "report.json", "report.md"}


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    done = CliRunner().invoke(cli, ["report", str(tmp_path)])
    assert isinstance(done.exception, UsageError) and list(tmp_path.iterdir()) == []
