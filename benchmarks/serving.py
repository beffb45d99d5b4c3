"""What fewer bits save in size and time, kind by kind, against the library's own predict and against our own float32. Never asserts.

    python benchmarks/predict.py --serving boosted forest network cold [--quick]
    python benchmarks/predict.py --rows ARTIFACT TABLE.parquet MANY_ROWS.parquet

Made table in the shape of Covertype: 10 whole numbers, two one-hot groups of 4 and 40 columns. CPU time of the process, one thread,
medians of rounds in which all take turns; ratios hold within a run. "float32 without bytes" are the same trees in float32 alone
(float_trees.py): our float32 rung looks at bytes too, and is exact. ONNX Runtime, treelite and oneDAL (daal4py) are columns where
they can be imported; daal4py that reads models of XGBoost 3 comes with scikit-learn-intelex 2025 and later.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from automl.families import FAMILIES
from automl.families.base import Context, FitData, Progress
from automl.inference import compiled
from automl.inference.forms import Form, Model
from automl.inference.storage import to_bytes
from automl.quantize.schemes import store

PRECISIONS = ("float32", "float16", "int8")
BATCHES = (1, 32, 256, 4096, 65_536)
TWINS = ("our float32", "float32 without bytes")
"""What int8 is set against: the float32 rung, whose thresholds are bytes as well and only its leaves wider, and the same trees with nothing in bytes."""
Calls = dict[str, Callable[[Any], Any]]
AVX2 = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2,+fma,+bmi,+bmi2,+popcnt,+sse4.1,+sse4.2,+f16c,+lzcnt,+movbe,+ssse3,+sse3,+cx16"}


def covertype(n: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng, fixed = np.random.default_rng(seed), np.random.default_rng(1)
    number = rng.normal(size=(n, 10))
    number[:, 5:] = np.exp(number[:, 5:] * 0.7)
    x = np.zeros((n, 54), np.float32)
    x[:, :10] = np.round(number * 200)
    area, soil = rng.integers(0, 4, n), rng.integers(0, 40, n)
    x[np.arange(n), 10 + area], x[np.arange(n), 14 + soil] = 1, 1
    parts = [fixed.normal(size=(k, 7)) for k in (4, 40, 10, 10)]
    z = number @ parts[2] * 0.5 + np.sin(number * 2) @ parts[3] + parts[0][area] + parts[1][soil] + number[:, :1] * number[:, 1:2] * fixed.normal(size=7)
    z += rng.gumbel(size=(n, 7)) * 0.6
    return x, z.argmax(axis=1) if n_classes == 7 else (z[:, 0] > z[:, 1]).astype(np.int64)


def medians(calls: Calls, x: np.ndarray, rounds: int, least: float = 0.05) -> dict[str, float]:
    """Return the median CPU seconds of each call on these rows."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    repeats = {}
    for name, call in calls.items():
        call(x)
        began = time.process_time()
        call(x)
        repeats[name] = max(1, int(least / max(time.process_time() - began, 1e-7)))
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.process_time()
            for _ in range(repeats[name]):
                call(x)
            times[name].append((time.process_time() - began) / repeats[name])
    return {name: float(np.median(t)) for name, t in times.items()}


def speeds(calls: Calls, x: np.ndarray, batches: tuple[int, ...], rounds: int) -> None:
    """Print rows per second of the first call, and how many times as fast each of the others is."""
    first, twins = next(iter(calls)), [name for name in TWINS if name in calls]
    heads = [*(name for name in calls if name != first), *(f"our int8 against {name}" for name in twins)]
    print(f"\n| rows | {first}, rows/s | " + " | ".join(heads) + " |")
    print("|---|---|" + "---|" * len(heads))
    for n in batches:
        found = medians(calls, np.ascontiguousarray(x[:n]), rounds if n <= 4096 else max(3, rounds - 2))
        cells = [found[first] / found[name] for name in calls if name != first]
        cells += [
            found[name] / found["our int8"] if n >= 256 or name == TWINS[0] else float("nan") for name in twins
        ]  # the twin has no way of its own for few rows
        print(f"| {n:,} | {n / found[first]:,.0f} | " + " | ".join(f"{times:.2f} ×" for times in cells).replace("nan ×", "–") + " |", flush=True)


def ladder(form: Form, x: np.ndarray, y: np.ndarray, proba: np.ndarray, library: str, size: int) -> Calls:
    """Print sizes and scores of each rung, and return what predicts at it."""
    calls: Calls = {}
    forms = {p: store(form, p)[0] for p in PRECISIONS}
    whole = len(to_bytes(forms["float32"]))
    print(f"\n| rung | bytes | of our float32 | of the {library} ({size:,}) | accuracy | log loss | same answer | largest difference |")
    print("|---|---|---|---|---|---|---|---|")
    rows = np.arange(len(y))
    told = [(library, None, proba)] + [(p, forms[p], Model(forms[p]).predict(x)) for p in PRECISIONS]
    for name, narrow, found in told:
        loss = -np.log(np.maximum(found[rows, y].astype(np.float64), 1e-15)).mean()
        bytes_ = size if narrow is None else len(to_bytes(narrow))
        same, apart = (found.argmax(axis=1) == proba.argmax(axis=1)).mean(), np.abs(found - proba).max()
        right = (found.argmax(axis=1) == y).mean()
        print(f"| {name} | {bytes_:,} | {bytes_ / whole:.1%} | {bytes_ / size:.1%} | {right:.3%} | {loss:.5f} | {same:.3%} | {apart:.1e} |")
    for p in PRECISIONS:
        calls[f"our {p}"] = Model(forms[p]).predict
    compiled.settle()
    return calls


def optional(make: Callable[[], Callable[[Any], Any]], name: str, calls: Calls, x: np.ndarray) -> None:
    """Add a runtime that may be absent."""
    try:
        call = make()
        call(x)
        calls[name] = call
    except Exception as fault:  # absent, or of no use with these versions
        print(f"{name}: not measured ({type(fault).__name__}: {str(fault).splitlines()[0][:100]})")


def onnx_of(form: Form, n_columns: int, n_classes: int) -> Callable[[Any], Any]:
    import onnx
    import onnxruntime

    from automl.artifact.exports import onnx as ours

    graph = ours._Graph(onnx)
    margin, n_margins = {"trees": ours._trees, "network": ours._network, "encoded_network": ours._encoded}[form.kind](graph, form)
    proba = ours._softmax(graph, margin, n_margins) if n_margins else margin
    ours._calibrated(graph, proba, 1.0)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph.content(n_columns, n_classes, {}), options, providers=["CPUExecutionProvider"])
    return lambda x: session.run(None, {"features": x})


def boosted(quick: bool, n_classes: int = 2) -> None:
    import xgboost

    trees, learn = (60 if quick else 300), (10_000 if quick else 60_000)
    from float_trees import FloatTrees

    x, y = covertype(learn + 65_536, n_classes, 0)
    context = Context("classification", learn, 54, n_classes, rounds=trees)
    family = FAMILIES.get("classification", "xgboost")
    params = {**family.space(context).default(), "max_depth": 6, "learning_rate": 0.1, "subsample": 1.0, "colsample_bytree": 1.0, "colsample_bylevel": 1.0}
    fitted = family.fit(family.build(params, context), FitData(x[:learn], y[:learn]), Progress())
    form, booster, test, answers = family.export(fitted, context), fitted.booster, x[learn:], y[learn:]
    booster.set_param({"nthread": 1})
    print(f"\n### XGBoost, {trees} rounds of depth 6, {n_classes} classes, {len(form.arrays['feature']):,} splits")
    proba = family.predict(fitted, test)
    calls: Calls = {"xgboost inplace_predict": booster.inplace_predict}
    calls |= ladder(form, test, answers, proba, ".ubj", len(booster.save_raw("ubj")))
    calls[TWINS[1]] = FloatTrees(form, 54).predict
    gaps = test[:20_000].copy()
    gaps[np.random.default_rng(2).random(gaps.shape) < 0.2] = np.nan
    expected = booster.predict(xgboost.DMatrix(gaps), output_margin=True)
    own = margins(form, gaps)
    print(f"\nfloat32 leaves against XGBoost's margin, 20 % missing: {np.abs(own - expected.reshape(len(gaps), -1)).max():.1e}")
    print(f"float32 without bytes says the same to the last bit: {np.array_equal(FloatTrees(form, 54).margins(gaps), own)}")
    optional(lambda: onnx_of(form, 54, n_classes), "ONNX Runtime", calls, test[:10])
    optional(lambda: treelite_of(booster), "treelite GTIL", calls, test[:10])
    optional(lambda: daal_of(booster), "oneDAL", calls, test[:10])
    speeds(calls, test, BATCHES[:-1] if quick else BATCHES, 3 if quick else 7)
    narrow = store(form, "int8")[0]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "m").write_bytes(to_bytes(narrow))
        np.save(f"{folder}/x.npy", test[: 4096 if quick else 65_536])
        elsewhere = {"AVX2 only": AVX2, "no compiled code": {"NUMBA_DISABLE_JIT": "1"}}
        for name, environment in elsewhere.items():
            command = [sys.executable, __file__, "alone", folder]
            done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
            found = json.loads(done.stdout) if done.returncode == 0 else done.stderr[-300:]
            told = found if isinstance(found, str) else ", ".join(f"{n} rows: {1e6 * s / int(n):.3g} µs a row" for n, s in found.items())
            print(f"int8, {name}: {told}")
    many = test if not quick else test[:4096]
    parts = np.array_split(many, 8)
    for threads in (1, os.cpu_count() or 1):
        print(f"int8, {threads} threads: {len(many) / wall(partial(on_threads, calls['our int8'], parts, threads)):,.0f} rows/s of wall time")


def on_threads(call: Callable[[Any], Any], parts: list[np.ndarray], threads: int) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(call, parts))


def wall(call: Callable[[], Any]) -> float:
    found = []
    for _ in range(7):
        began = time.perf_counter()
        call()
        found.append(time.perf_counter() - began)
    return float(np.median(found))


def margins(form: Form, x: np.ndarray) -> np.ndarray:
    """Return what the trees add up to, before they become probabilities."""
    from automl.inference.trees import Walked, layout

    return Walked(layout(form), np.asarray(form.config["base"], np.float32)).plain(x)


def treelite_of(booster: Any) -> Callable[[Any], Any]:
    import treelite

    model = treelite.frontend.from_xgboost(booster)
    return lambda x: treelite.gtil.predict(model, x, nthread=1)


def daal_of(booster: Any) -> Callable[[Any], Any]:
    from daal4py import daalinit
    from daal4py.mb import convert_model

    daalinit(1)
    model = convert_model(booster)
    return lambda x: model.predict_proba(x)


def alone(folder: str) -> None:
    """Print the CPU seconds of the model in a folder, by number of rows."""
    from automl.inference.storage import from_bytes

    predict = Model(from_bytes(Path(folder, "m").read_bytes(), "m")).predict
    x = np.load(f"{folder}/x.npy")
    compiled.settle()
    print(json.dumps({n: medians({"it": predict}, np.ascontiguousarray(x[:n]), 3)["it"] for n in (1, 256, len(x))}))


def forest(quick: bool) -> None:
    import pickle

    for n_classes, name in ((2, "random_forest"), (7, "random_forest")):
        learn = 4_000 if quick else 40_000
        x, y = covertype(learn + 20_000, n_classes, 0)
        context = Context("classification", learn, 54, n_classes)
        family = FAMILIES.get("classification", name)
        fitted = family.fit(family.build(family.space(context).default(), context), FitData(x[:learn], y[:learn]), Progress())
        form = family.export(fitted, context)
        print(f"\n### {name}, {len(fitted.estimators_)} trees, {learn:,} rows, {n_classes} classes, {len(form.arrays['feature']):,} splits")
        proba = family.predict(fitted, x[learn:])
        calls: Calls = {"scikit-learn": fitted.predict_proba}
        calls |= ladder(form, x[learn:], y[learn:], proba, "pickle", len(pickle.dumps(fitted)))
        optional(partial(onnx_of, form, 54, n_classes), "ONNX Runtime", calls, x[:10])
        speeds(calls, x[learn:], (1, 32, 256, 4000), 5)


def network(quick: bool) -> None:
    import torch

    torch.set_num_threads(1)
    for widths in ([512, 512],) if quick else ([512, 512], [1024, 1024, 512]):
        learn = 10_000 if quick else 40_000
        x, y = covertype(learn + 65_536, 7, 0)
        x = ((x - x[:learn].mean(axis=0)) / np.maximum(x[:learn].std(axis=0), 1e-6)).clip(-8, 8).astype(np.float32)
        context = Context("classification", learn, 54, 7, rounds=2 if quick else 8)
        family = FAMILIES.get("classification", "mlp")
        params = {**family.space(context).default(), "layers": len(widths), "width": widths[0]}
        fitted = family.fit(family.build(params, context), FitData(x[:learn], y[:learn]), Progress())
        form = family.export(fitted, context)
        print(f"\n### MLP, {len(widths)} layers of {widths[0]}")
        calls: Calls = {"torch": partial(family.predict, fitted)}
        calls |= ladder(form, x[learn:], y[learn:], family.predict(fitted, x[learn:]), "float32 file", len(to_bytes(form)))
        optional(partial(onnx_of, form, 54, 7), "ONNX Runtime float32", calls, x[:10])
        speeds(calls, x[learn:], BATCHES[:-1] if quick else BATCHES, 5)


def cold() -> None:
    """Print what the first use of compiled code costs: with nothing cached, with the cache, and never."""
    program = """
import sys, time
began = time.process_time()
from automl.inference.compiled import kernel
for name, kind in (("few", "all"), ("boosted", "uint8"), ("forest", "uint8"), ("network", "all")):
    start = time.process_time()
    found = kernel(name, kind, float("inf"))
    print(f"| {sys.argv[1]} | {name} {kind} | {time.process_time() - start:.2f} | {time.process_time() - began:.2f} |" + ("" if found else " not to be had"))
"""
    print("\n### Cold start, CPU seconds (the first line of each loads numba as well)\n\n| code | kernel | seconds | so far |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("compiled now", "from the cache"):
            subprocess.run([sys.executable, "-c", program, name], env={**os.environ, "NUMBA_CACHE_DIR": f"{folder}/code"}, check=True)


def rows(artifact: str, table: str, many: str) -> None:
    """Print what loading takes, what one row takes, and how many rows a second go from parquet to parquet."""
    program = """
import json, sys, time
import pathlib
began = time.process_time()
import automl
predictor = automl.load(sys.argv[1], warm=False)
print(f"\\nload: {time.process_time() - began:.2f} CPU s, pandas loaded: {'pandas' in sys.modules}, numba loaded: {'numba' in sys.modules}")
automl.load(sys.argv[1])
import pandas as pd
frame = pd.read_parquet(sys.argv[2]).head(1000)
cells, ones = frame.to_dict("records"), [frame.iloc[i : i + 1] for i in range(len(frame))]
def median(call, given):
    for one in given[:20]:
        call(one)
    times = []
    for one in given:
        start = time.perf_counter_ns()
        call(one)
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[len(times) // 2] / 1e6
print(f"{len(predictor.fields)} columns, {predictor.manifest['family']} at {predictor.precision}: ", end="")
print(f"predict_row {median(predictor.predict_row, cells):.3f} ms, one-row frame {median(predictor.predict_proba, ones):.3f} ms")
"""
    subprocess.run([sys.executable, "-c", program, artifact, table], check=True)
    import pyarrow.parquet as pq

    n_rows, found = pq.read_metadata(many).num_rows, []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(5):
            used, began = os.times(), time.perf_counter()
            subprocess.run([sys.executable, "-m", "automl", "predict", artifact, many, "-o", f"{folder}/out.parquet"], check=True, capture_output=True)
            now = os.times()
            found.append((time.perf_counter() - began, now.children_user + now.children_system - used.children_user - used.children_system))
    seconds, cpu = (float(np.median(f)) for f in zip(*found, strict=True))
    told = f"{seconds:.2f} s wall, {cpu:.2f} s CPU, {n_rows / seconds:,.0f} rows/s, {os.cpu_count()} cores"
    print(f"automl predict, {n_rows:,} rows from parquet to parquet: {told}")


def processor() -> str:
    """Return the processor's name and what of it the kernels use."""
    from automl.inference.kernels import bytes_product, lanes

    name = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    wanted = ("avx2", "avx512bw", "avx512vbmi", "avx512vnni", "avxvnni", "amx-int8")
    has = [f for f in wanted if f"+{f}," in lanes.features() + ","]
    return f"{name}: {' '.join(has)}; vectors of {lanes.LANES} bytes, products of {4 * bytes_product.LANES} bytes"


def run(parts: list[str], quick: bool) -> None:
    from threadpoolctl import threadpool_limits

    print(processor())
    with threadpool_limits(limits=1):
        for part in parts:
            if part == "boosted":
                boosted(quick)
                boosted(quick, 7)
            else:
                {"forest": partial(forest, quick), "network": partial(network, quick), "cold": cold}[part]()


if __name__ == "__main__" and sys.argv[1:2] == ["alone"]:
    alone(sys.argv[2])
