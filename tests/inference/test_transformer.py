"""The one door through which other people's code comes in: installed and registered, or not at all."""

import subprocess
import sys

import pytest

from automl.errors import ArtifactError, MissingPackageError, UsageError
from automl.inference.transformer import Origin, Transformer, installed, load, origin_of


def package(folder, name, version="1.0", **entries):
    """Lay down what an installed package leaves: its module, and the record of its entry points."""
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text(
        "from automl.inference.transformer import State, Transformer\n"
        "GOOD = Transformer('good', frozenset({'number'}), lambda v, y: State(), lambda s, v: v[:, None], lambda s: ['same'])\n"
    )
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = "".join(f"{entry} = {value}\n" for entry, value in entries.items())
    (info / "entry_points.txt").write_text(f"[automl.transformers]\n{lines}")


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_what_is_installed_is_listed_unimported_and_loaded_by_name(site):
    package(site, "a-toy", good="a_toy:GOOD", bad="a_toy:MISSING")
    assert [o for o in installed() if o.distribution == "a-toy"] == [Origin("bad", "a-toy", "1.0"), Origin("good", "a-toy", "1.0")]
    assert "a_toy" not in sys.modules
    found = load(origin_of("good"))
    assert isinstance(found, Transformer) and found.name == "good"
    del sys.modules["a_toy"]


def test_a_name_that_is_not_there_gets_the_nearest(site):
    package(site, "a-toy", good="a_toy:GOOD")
    with pytest.raises(UsageError, match="did you mean `good`"):
        origin_of("goood")


def test_two_packages_with_one_name_are_ambiguous_but_an_artifact_says_which_it_means(site):
    package(site, "a-toy", good="a_toy:GOOD")
    package(site, "b-toy", good="b_toy:GOOD")
    with pytest.raises(UsageError, match="a-toy, b-toy"):
        origin_of("good")
    load(Origin("good", "b-toy", "1.0"))
    assert "a_toy" not in sys.modules
    del sys.modules["b_toy"]


@pytest.mark.parametrize(
    ("origin", "words"),
    [(Origin("good", "absent", "1.0"), "not installed"), (Origin("other", "a-toy", "1.0"), "not installed"), (Origin("good", "a-toy", "2.0"), "1.0 is installed"),
     (Origin("os:system", "a-toy", "1.0"), "not installed"), (Origin("missing", "a-toy", "1.0"), "cannot be imported"), (Origin("text", "a-toy", "1.0"), "no Transformer")],
)  # fmt: skip
def test_what_cannot_be_had_is_refused_with_code_5(origin, words, site):
    package(site, "a-toy", good="a_toy:GOOD", missing="a_toy:MISSING", text="os:sep")
    with pytest.raises(MissingPackageError, match=words) as refused:
        load(origin)
    assert refused.value.exit_code == 5 and refused.value.fix
    sys.modules.pop("a_toy", None)


@pytest.mark.parametrize(
    "origin", [Origin("x", "toys; rm -rf .", "1.0"), Origin("x", "--index-url=http://evil", "1"), Origin("x", "toys", "1.0 evil"), Origin("x", "", "")]
)
def test_a_file_cannot_put_words_into_the_line_for_pip(origin):
    with pytest.raises(ArtifactError):
        load(origin)


def test_the_door_itself_is_light():
    program = "import automl.inference.transformer, sys; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "False"
