import os

import click
import pytest
from click.testing import CliRunner

from automl.cli.options import debug, overrides_of
from automl.errors import UsageError


def test_keys_and_values_are_taken_apart_at_the_first_equals_sign():
    assert overrides_of(("task.metric=f1", "data.train=a=b.csv", " seed =3", "name=")) == {
        "task.metric": "f1",
        "data.train": "a=b.csv",
        "seed": "3",
        "name": "",
    }


def test_the_last_of_a_key_holds_and_time_is_short_for_its_own():
    assert overrides_of(("seed=1", "seed=2")) == {"seed": "2"}
    assert overrides_of(("constraints.time=5m",), "9m") == {"constraints.time": "9m"} == overrides_of((), "9m")
    assert overrides_of(()) == {}


@pytest.mark.parametrize("item", ["x", "", "=5", "a.b"])
def test_what_is_not_key_and_value_is_refused_with_an_example(item):
    with pytest.raises(UsageError) as fault:
        overrides_of(("seed=1", item))
    assert f"--set {item}" in fault.value.problem and "--set constraints.time=5m" in fault.value.fix


def test_debug_may_stand_after_the_verb(monkeypatch):
    monkeypatch.setenv("AUTOML_DEBUG", "")

    @click.command()
    @debug
    def verb():
        click.echo(os.environ["AUTOML_DEBUG"])

    assert CliRunner().invoke(verb, []).output == "\n"
    assert CliRunner().invoke(verb, ["--debug"]).output == "1\n"
