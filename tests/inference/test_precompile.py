"""Kernels are compiled once per machine, beside the first run."""

import os
import subprocess
import sys

import pytest

from automl.inference import precompile as under_test


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "code"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    return folder


def test_with_the_mark_there_is_nothing_to_do(cache):
    under_test.mark().touch()
    assert under_test.start() is None


def test_other_sources_have_another_mark(cache, monkeypatch, tmp_path):
    before = under_test.mark()
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "walk.py").write_text("x = 1\n")
    monkeypatch.setattr(under_test, "SOURCES", tmp_path / "kernels")
    assert under_test.mark() != before and under_test.mark().parent == cache


def test_where_no_process_can_be_had_there_is_none(cache, monkeypatch):
    def refuse(*args, **options):
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert under_test.start() is None


PROGRAM = "import sys; from automl.inference import precompile as p; p.KERNELS = (('walk', 'float32'),); p.main(int(sys.argv[1]))"


@pytest.mark.parametrize("lives", [True, False])
def test_it_compiles_while_its_parent_lives_and_marks_the_end(cache, lives):
    parent = os.getpid() if lives else 1
    subprocess.run([sys.executable, "-c", PROGRAM, str(parent)], check=True, env={**os.environ})
    assert under_test.mark().exists() == lives and bool(list(cache.glob("*.nbi"))) == lives


@pytest.mark.slow
def test_a_process_of_its_own_compiles_all_and_the_next_start_has_nothing_to_do(cache):
    process = under_test.start()
    assert process is not None and process.wait(120) == 0
    assert under_test.mark().exists() and under_test.start() is None
    assert len(list(cache.glob("*.nbi"))) >= 5
