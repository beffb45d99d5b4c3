"""What fewer bits cost on real tables: how often a run takes which rung by default, and what each family loses. Never asserts.

    python benchmarks/quantize.py runs DATA_DIR --time 30s [--out DIR] [--tables adult vehicle]
    python benchmarks/quantize.py families DATA_DIR [--rows 4000] [--families svm knn]
    python benchmarks/quantize.py tuned

DATA_DIR holds a folder per table with data.csv.gz and meta.json (task, target, drop). `runs` searches as a user would; folders in
--out that are finished are read, not run again. `families` fits each family with its default options on two thirds of at most
so many rows, and scores each rung on the last third, a row per family: means over the tables. `tuned` makes up networks that 8 bits
spoil, and tells how far each way at 8 bits is from float32 on rows that it has not seen.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

TASKS = ("classification", "binary", "multiclass")
HEAD = (
    "table", "metric", "score at float32", "taken", "loss of it, held-out rows", "may lose, out of fold", "log loss (float32)", "same labels",
    "bytes of the model", "stored",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["runs", "families", "tuned"])
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--tables", nargs="*")
    parser.add_argument("--time", default="30s")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--families", nargs="*")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.what == "tuned":
        tuned()
        return
    if options.data is None:
        parser.error(f"{options.what} needs DATA_DIR")
    metas = {path.parent.name: json.loads(path.read_text()) for path in sorted(options.data.glob("*/meta.json"))}
    wanted = options.tables or list(metas)
    tables = {name: meta for name, meta in metas.items() if meta.get("task") in TASKS and name in wanted}
    if options.what == "runs":
        runs(options.data, tables, options.time, options.out or Path(tempfile.mkdtemp()))
    else:
        families(options.data, tables, options.rows, options.families)


def spec_of(data: Path, name: str, meta: dict, **sections: object) -> dict:
    columns = {"drop": [*meta.get("drop", []), *meta.get("id_columns", [])]}
    return {
        "name": name, "data": {"train": str((data / name / "data.csv.gz").resolve()), "columns": columns},
        "task": {"type": "classification", "target": meta["target"]}, **sections,
    }  # fmt: skip


def runs(data: Path, tables: dict[str, dict], seconds: str, out: Path) -> None:
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
    taken, losses, rises = [], [], []
    out.mkdir(parents=True, exist_ok=True)
    for name, meta in tables.items():
        path = out / f"{name}.yaml"
        path.write_text(json.dumps(spec_of(data, name, meta, constraints={"time": seconds}, checks={"default": "warn"}, runtime={"workers": 1})))
        if not (out / name / "evaluation.json").exists():
            done = subprocess.run([sys.executable, "-m", "automl", "run", str(path), "--out", str(out / name), "-q"], capture_output=True, text=True)
            if done.returncode:
                print(f"| {name} | exit {done.returncode}: {done.stderr.strip().splitlines()[-1][:200]} |", flush=True)
                continue
        e = json.loads((out / name / "evaluation.json").read_text())
        ladder = e["precision_ladder"]
        first, chosen = ladder[0], next(r for r in ladder if r["chosen"])
        taken.append(chosen["precision"])
        if chosen is not first:
            losses.append(chosen["drop"])
            rises.append((chosen["log_loss"] - first["log_loss"]) / first["log_loss"])
        upper = chosen["judged_drop_upper"]
        cells = (
            name, e["metric"], f"{first['score']:.4f}", chosen["precision"], f"{chosen['drop']:+.5f}", f"{upper:+.5f}" if upper is not None else "–",
            f"{chosen['log_loss']:.4f} ({first['log_loss']:.4f})", f"{100 * chosen['agreement']:.2f} %", f"{100 * chosen['model_share_of_float32']:.0f} %",
            chosen["scheme"][:160],
        )  # fmt: skip
        print(f"| {' | '.join(cells)} |", flush=True)
    counts = {p: taken.count(p) for p in ("int8", "float16", "float32")}
    print(f"\ntaken: {counts} of {len(taken)}")
    if losses:
        print(f"with fewer bits the metric loses {np.mean(losses):+.5f} in the mean and {max(losses):+.5f} at most; log loss {100 * np.mean(rises):+.3f} %")


def families(data: Path, tables: dict[str, dict], rows: int, wanted: list[str] | None) -> None:
    from automl.families import FAMILIES

    found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for name, meta in tables.items():
        learn, test = thirds(data, name, meta, rows)
        for family in wanted or [f for f in FAMILIES.usable("classification") if all(find_spec(p) for p in FAMILIES.get("classification", f).requires)]:
            for precision, *facts in one(FAMILIES.get("classification", family), *learn, *test):
                found.setdefault((family, precision), []).append(tuple(facts))
        print(f"{name}: done", file=sys.stderr, flush=True)
    print("| family | rung | tables | accuracy lost (points, mean) | worst | log loss | same labels | bytes of the model |")
    print("|---|---|---|---|---|---|---|---|")
    for (family, precision), facts in found.items():
        lost, rise, same, share = np.array(facts).T
        cells = f"{100 * lost.mean():+.3f} | {100 * lost.max():+.2f} | {100 * rise.mean():+.2f} %"
        print(f"| {family} | {precision} | {len(facts)} | {cells} | {100 * same.mean():.2f} % | {100 * share.mean():.0f} % |")


def thirds(data: Path, name: str, meta: dict, rows: int) -> tuple:
    """Return (table, fields, y, n_classes) to learn from and (table, y) to score."""
    from automl.data.dataset import load_dataset
    from automl.spec.model import Spec

    dataset = load_dataset(Spec.model_validate(spec_of(data, name, meta)), data / name)
    kept = np.random.default_rng(0).permutation(dataset.table.n_rows)[:rows]
    cut = 2 * len(kept) // 3
    learn, test = kept[:cut], kept[cut:]
    n_classes = len(dataset.classes)
    return (dataset.table.take(learn), dataset.fields, dataset.y[learn], n_classes), (dataset.table.take(test), dataset.y[test])


def one(family, table, fields, y, n_classes, new, truth):
    """Yield per rung: accuracy lost, log loss risen (share), share of equal labels, bytes of the file as a share of float32."""
    from automl.families.base import Context, FitData, Progress
    from automl.features.fit import fit_transform
    from automl.inference.features import Features
    from automl.inference.forms import Model
    from automl.inference.storage import to_bytes
    from automl.inference.table import conform
    from automl.metrics.probabilities import log_loss
    from automl.quantize.calibration import some_of
    from automl.quantize.schemes import learns, precisions_of, steps_of, store

    form, x = fit_transform(conform(table, fields), fields, y, family.needs)
    context = Context("classification", len(y), x.shape[1], n_classes, text=bool(form.config["sparse"]))
    held = len(y) // 8 if family.rounds is not None or family.calibrates else 0
    learn = FitData(x[held:], y[held:], x[:held] if held else None, y[:held] if held else None)
    model = family.export(family.fit(family.build(family.space(context).default(), context), learn, Progress()), context)
    at = Features(form).transform(conform(new, fields))
    base, size = Model(model).predict(at).astype(float), len(to_bytes(model))
    right = (base.argmax(axis=1) == truth).mean()
    for precision in precisions_of(model)[1:]:
        ways = steps_of(model) if precision == "int8" else 1
        for step in range(ways + (precision == "int8" and learns(model))):  # a network is fine-tuned last
            stored, _ = store(model, precision, min(step, ways - 1), some_of(x, 2048, 0), 10.0 if step == ways else 0.0)
            proba = Model(stored).predict(at).astype(float)
            codes = proba.argmax(axis=1)
            rise = log_loss(truth, proba) / max(log_loss(truth, base), 1e-9) - 1
            label = precision if step == 0 else f"{precision}, fine-tuned" if step == ways else f"{precision}, way {step + 1}"
            yield label, float(right - (codes == truth).mean()), rise, float((codes == base.argmax(axis=1)).mean()), len(to_bytes(stored)) / size


def tuned(seeds: int = 5) -> None:
    """Print medians over made-up networks, in half of whose inner units one weight is so many times the others."""
    import time
    from itertools import pairwise

    from automl.inference.forms import Form, Model
    from automl.quantize.network import store

    sizes = (20, 64, 64, 1)
    print("| one weight, of the others | int8 | way 2 | way 3 | fine-tuned | of way 3 | CPU s |\n|---|---|---|---|---|---|---|")
    for factor in (1.0, 30.0, 200.0):
        found = []
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            arrays = {f"weights.{i}": (rng.normal(size=s) * np.sqrt(2 / s[0])).astype(np.float32) for i, s in enumerate(pairwise(sizes))}
            arrays["weights.1"][rng.integers(0, 64, 32), np.arange(32)] *= np.float32(factor)
            form = Form("network", {"layers": 3, "n_outputs": 2}, {**arrays, "bias": (0.1 * rng.normal(size=129)).astype(np.float32)})
            x = (rng.normal(size=(6048, 6)) @ rng.normal(size=(6, 20)) / 2 + 0.1 * rng.normal(size=(6048, 20))).astype(np.float32)
            wanted = np.clip(Model(form).predict(x[2048:]).astype(float), 1e-9, 1)
            lost = []
            for how in ((0,), (1, x[:2048]), (2, x[:2048]), (2, x[:2048], 30.0)):
                began = time.process_time()
                stored = store(form, "int8", *how)[0]
                spent = time.process_time() - began
                lost.append(float((wanted * np.log(wanted / np.clip(Model(stored).predict(x[2048:]).astype(float), 1e-9, 1))).sum(axis=1).mean()))
            found.append([*lost, lost[3] / lost[2], spent])
        middle = np.median(found, axis=0)
        print(f"| {factor:g} | {' | '.join(f'{v:.2g}' for v in middle[:4])} | {middle[4]:.0%} | {middle[5]:.2f} |")


if __name__ == "__main__":
    main()
