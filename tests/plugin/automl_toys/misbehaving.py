"""What code of other people may do: every family here does one thing that must not harm the run or its other trials."""

import ctypes
import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np

from automl.inference.forms import Form
from automl.inference.transformer import State, Transformer
from automl.metrics import Metric
from automl_toys.nearest_centroid import FAMILY, export, fit


def _toy(name, **parts):
    return replace(FAMILY, name=f"toy_{name}", **parts)


def _hang(estimator, data, progress):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass


def _hog(estimator, data, progress):
    held = []
    while True:
        held.append(np.ones(1 << 22))  # 32 MB each


def _orphans(estimator, data, progress):
    for apart in (False, True):
        subprocess.Popen(["sleep", os.environ.get("TOY_SLEEP", "600")], start_new_session=apart)
    os._exit(5)


def _forks(estimator, data, progress):
    for _ in range(3):
        os.fork()  # eight processes, all of which go on
    return fit(estimator, data, progress)


def _shout(estimator, data, progress):
    raise ValueError("no! " * 5_000_000)


def _loud(estimator, data, progress):
    for _ in range(2000):
        print("words " * 200)
    sys.stderr.write("more words\n")
    return fit(estimator, data, progress)


def _nan(estimator, context):
    form = export(estimator, context)
    return form.with_arrays({name: np.full_like(array, np.nan) for name, array in form.arrays.items()})


def _shape(estimator, context):
    form = export(estimator, context)
    return form.with_arrays({name: np.repeat(array, 5, axis=-1) for name, array in form.arrays.items()})


def _sum(estimator, context):
    return Form("constant", {"n_outputs": context.n_outputs}, {"output": np.full(context.n_outputs, 0.9, np.float32)})


ABORT = _toy("abort", fit=lambda *_: os.abort())
EXIT3 = _toy("exit3", fit=lambda *_: os._exit(3))
EXIT0 = _toy("exit0", fit=lambda *_: sys.exit(0))
SEGFAULT = _toy("segfault", fit=lambda *_: ctypes.string_at(0))
HANG, HOG, ORPHANS, FORKS = _toy("hang", fit=_hang), _toy("hog", fit=_hog), _toy("orphans", fit=_orphans), _toy("forks", fit=_forks)
SHOUT, LOUD = _toy("shout", fit=_shout), _toy("loud", fit=_loud)
NAN, SHAPE, SUM = _toy("nan", export=_nan), _toy("shape", export=_shape), _toy("sum", export=_sum)
UNWRITABLE = _toy("unwritable", export=lambda e, c: export(e, c).with_arrays(export(e, c).arrays, what=object()))
SILENT = Metric("toy_silent", "a metric that fails", True, True, lambda y, proba, positive: 1 / 0)
WRONG = Transformer("toy_wrong", frozenset({"number"}), lambda v, y: State(), lambda s, v: v[:3], lambda s: ["wrong"])
