"""Compiled code is kept where its user alone can put it, and nowhere else."""

import os

import numpy as np
import pytest

from automl.inference.kernels import cache
from automl.inference.kernels.cache import compiled, folder, private


def double(x):
    for i in range(len(x)):
        x[i] *= 2


@pytest.fixture
def place(monkeypatch, tmp_path):
    monkeypatch.setattr(cache.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "automl" / "code"


def test_the_folder_is_made_for_its_user_alone(place):
    assert folder() == place and private(place) and place.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_with_rights_for_others_is_not_used(place, mode):
    place.mkdir(parents=True)
    place.chmod(mode)
    assert folder() is None


def test_links_files_and_folders_of_others_are_not_used(place, tmp_path, monkeypatch):
    place.parent.mkdir(parents=True)
    place.write_text("")
    assert folder() is None
    place.unlink()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "elsewhere")
    assert folder() is None
    place.unlink()
    place.mkdir(mode=0o700)
    assert folder() == place
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert folder() is None


def test_a_folder_that_the_user_names_must_be_safe_too(place, tmp_path, monkeypatch):
    monkeypatch.setattr(cache.config, "CACHE_DIR", str(tmp_path / "mine"))
    assert folder() == tmp_path / "mine" and not place.exists()
    (tmp_path / "mine").chmod(0o777)
    assert folder() is None


def test_code_is_compiled_once_and_taken_from_the_folder_then(place):
    x = np.array([1.0, 2.0])
    first = compiled("void(float64[::1])")(double)
    first(x)
    second = compiled("void(float64[::1])")(double)
    second(x)
    assert x.tolist() == [4, 8] and list(place.glob("*.nbi"))
    assert sum(first.stats.cache_misses.values()) == 1 and sum(second.stats.cache_hits.values()) == 1


def test_another_source_is_compiled_anew(place, monkeypatch):
    compiled("void(float64[::1])")(double)
    monkeypatch.setattr(cache, "stamp", lambda: "another")
    assert not compiled("void(float64[::1])")(double).stats.cache_hits


def test_without_a_safe_folder_it_is_compiled_in_memory(place):
    place.mkdir(parents=True)
    place.chmod(0o755)
    x = np.array([1.0])
    compiled("void(float64[::1])")(double)(x)
    assert x.tolist() == [2] and not list(place.iterdir())


def test_other_types_are_refused_not_compiled(place):
    with pytest.raises(TypeError):
        compiled("void(float64[::1])")(double)(np.array([1], np.int64))
