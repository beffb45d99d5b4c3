"""The compiled walk is used once it pays, and never stands in the way."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import automl.inference.compiled as module
from automl.families.tree_forms import tree_form
from automl.inference.compiled import LIMIT_SECONDS, NAME, STEP_SECONDS, compiled_walk, settle
from automl.inference.forms import Model
from tests.inference.test_trees import forest

ENOUGH = LIMIT_SECONDS / STEP_SECONDS


@pytest.fixture
def fresh(monkeypatch):
    """A process that has walked no trees yet."""
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    monkeypatch.setattr(module._Account, "spent", 0.0)
    monkeypatch.setattr(module._Account, "refused", False)
    return monkeypatch


def test_it_is_loaded_once_numpy_has_cost_enough(fresh):
    assert compiled_walk(0.4 * ENOUGH) is None and NAME not in sys.modules
    assert compiled_walk(0.4 * ENOUGH) is None and NAME not in sys.modules
    assert compiled_walk(0.4 * ENOUGH) is not None and NAME in sys.modules
    assert compiled_walk(1.0) is not None  # and used for little from then on


def test_before_times_are_taken_it_is_loaded_where_there_are_trees(fresh):
    fresh.delitem(sys.modules, "automl.inference.trees")
    settle()
    assert NAME not in sys.modules
    fresh.undo()
    settle()
    assert NAME in sys.modules


@pytest.mark.parametrize("fault", [ImportError("none"), RuntimeError("cannot cache function: no locator available"), OSError("read only")], ids=str)
def test_where_it_cannot_be_had_numpy_walks_and_no_more_is_tried(fresh, fault):
    class Refusing:
        tries = 0

        def find_spec(self, name, *rest):
            if name == NAME:
                Refusing.tries += 1
                raise fault

    trees, x = forest(1, 5)
    form = tree_form(trees, "sum", [0.0], 2)
    expected = Model(form).predict(x)
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
print(json.dumps(["numba" in sys.modules, module._Account.refused, found.tolist()]))
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
    assert predicted("much", NUMBA_CACHE_DIR=str(tmp_path / "file" / "cache"))[2] == expected


def test_a_forked_process_goes_on_with_it():
    trees, x = forest(3, 5)
    model = Model(tree_form(trees, "sum", [0.0], 2))
    assert compiled_walk(np.inf) is not None
    expected = model.predict(x)
    pid = os.fork()
    if not pid:
        os._exit(0 if np.array_equal(model.predict(x), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
