"""The compiled walk is used once it pays, and never stands in the way."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import automl.inference.compiled as module
from automl.families.tree_forms import tree_form
from automl.inference.compiled import LIMIT_SECONDS, kernel, settle, want
from automl.inference.forms import Model
from tests.inference.test_trees import forest

NAME = "automl.inference.kernels.walk"
KEY = ("walk", "float32")


@pytest.fixture
def fresh(monkeypatch):
    """A process that has predicted nothing yet."""
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    monkeypatch.setattr(module._Account, "spent", {})
    monkeypatch.setattr(module._Account, "made", {})
    return monkeypatch


def test_it_is_loaded_once_doing_without_has_cost_enough(fresh):
    assert kernel(*KEY, 0.4 * LIMIT_SECONDS) is None and NAME not in sys.modules
    assert kernel(*KEY, 0.4 * LIMIT_SECONDS) is None and NAME not in sys.modules
    assert kernel(*KEY, 0.4 * LIMIT_SECONDS) is not None and NAME in sys.modules
    assert kernel(*KEY, 0.0) is not None  # and used for little from then on
    assert kernel("walk", "float64", 0.0) is None  # each kernel has an account of its own


def test_before_times_are_taken_what_models_could_use_is_loaded(fresh):
    settle()
    assert NAME not in sys.modules
    want(*KEY)
    settle()
    assert NAME in sys.modules and module._Account.made[KEY] is not None


@pytest.mark.parametrize("fault", [ImportError("none"), RuntimeError("it does not fit"), OSError("read only")], ids=str)
def test_where_it_cannot_be_had_numpy_predicts_and_no_more_is_tried(fresh, fault):
    class Refusing:
        tries = 0

        def find_spec(self, name, *rest):
            if name.startswith("automl.inference.kernels."):
                Refusing.tries += 1
                raise fault

    trees, x = forest(1, 5)
    form = tree_form(trees, "sum", [0.0], 2)
    expected = Model(form).predict(x)
    for name in [n for n in sys.modules if n.startswith("automl.inference.kernels.")]:
        fresh.delitem(sys.modules, name)
    fresh.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    fresh.setattr(module, "LIMIT_SECONDS", 0.0)
    assert np.array_equal(Model(form).predict(x), expected) and np.array_equal(Model(form).predict(x), expected)
    assert Refusing.tries == 1


PROGRAM = """
import json, sys
import numpy as np
import automl.inference.compiled as module
from automl.families.tree_forms import tree_form
from automl.inference.forms import Model
from tests.builders import random_tree
if sys.argv[1] == "much":
    module.LIMIT_SECONDS = 0.0
rng = np.random.default_rng(0)
trees = [random_tree(rng, 4, 4) for _ in range(50)]
found = Model(tree_form(trees, "sum", [0.0], 2)).predict(rng.normal(size=(23, 4)).astype(np.float32))
print(json.dumps(["numba" in sys.modules, any(made is None for made in module._Account.made.values()), found.tolist()]))
"""


def predicted(how, **environment):
    answer = subprocess.run([sys.executable, "-c", PROGRAM, how], env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def test_a_few_rows_load_no_compiler_and_nothing_can_break_the_answer(tmp_path):
    loaded, _, expected = predicted("little")
    assert not loaded
    assert predicted("much", NUMBA_DISABLE_JIT="1") == [True, True, expected]
    assert predicted("much", NUMBA_CACHE_DIR=str(tmp_path / "cache")) == [True, False, expected]
    assert list((tmp_path / "cache").rglob("*.nbi"))
    (tmp_path / "file").write_text("")
    (tmp_path / "shared").mkdir(mode=0o755)
    for unsafe in (tmp_path / "file" / "cache", tmp_path / "shared"):  # compiled in memory then
        assert predicted("much", NUMBA_CACHE_DIR=str(unsafe)) == [True, False, expected]
    assert not list((tmp_path / "shared").iterdir())


def test_a_forked_process_goes_on_with_it():
    trees, x = forest(3, 5)
    model = Model(tree_form(trees, "sum", [0.0], 2))
    settle()
    assert all(module._Account.made.values())
    expected = model.predict(x)
    pid = os.fork()
    if not pid:
        os._exit(0 if np.array_equal(model.predict(x), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


class Beside:
    """A process that compiles until it is told that it is done."""

    def __init__(self):
        self.done, self.waits = False, []

    def poll(self):
        return 0 if self.done else None

    def wait(self, timeout):
        self.waits.append(timeout)
        if not self.done:
            raise subprocess.TimeoutExpired("compile", timeout)


def test_while_another_process_compiles_nobody_here_does(fresh):
    fresh.setattr(module._Account, "beside", beside := Beside())
    assert kernel(*KEY, 9.0) is None and NAME not in sys.modules
    beside.done = True
    assert kernel(*KEY, 9.0) is not None


def test_what_does_not_come_in_time_is_done_without_from_then_on(fresh):
    fresh.setattr(module._Account, "beside", beside := Beside())
    assert settle(0.5) and beside.waits == []  # nothing is wanted
    want(*KEY)
    assert not settle(0.5) and beside.waits == [0.5]
    beside.done = True
    assert kernel(*KEY, 9.0) is None and settle(0.5) and kernel(*KEY, 9.0) is None


def test_what_comes_in_time_is_used(fresh):
    fresh.setattr(module._Account, "beside", beside := Beside())
    beside.done = True
    want(*KEY)
    assert settle(0.5) and module._Account.made[KEY] is not None
