"""Does acting on findings pay? Each table is run with `checks: auto` and with `checks: warn`, same seed and time, and compared.

    python benchmarks/checks.py ../shared/data --time 30s

The test rows are the same for both: a fifth of the table, stratified, copies of a row on one side. Printed are the score of
each, the gain of `auto` with its paired 95 % bootstrap interval, and what was fixed.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import automl
from automl.evaluate.compare import compare

TABLES = ("german_credit", "glass", "horse_colic", "mammography", "pima_diabetes", "sms_spam", "sonar", "soybean", "titanic", "vehicle", "adult")


def divided(path: Path, target: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return training and test rows as text, as they stand in the file."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    rng = np.random.default_rng(seed)
    copies = frame.groupby(list(frame.columns.drop(target)), sort=False).ngroup().to_numpy()
    place = np.zeros(len(frame), bool)
    for label in frame[target].unique():
        units = rng.permutation(np.unique(copies[frame[target] == label]))
        place |= np.isin(copies, units[: max(1, len(units) // 5)])
    return frame[~place], frame[place]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of tables, each with data.csv.gz and meta.json")
    parser.add_argument("--time", default="30s")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tables", nargs="*", default=list(TABLES))
    asked = parser.parse_args()
    print(f"{'table':<16}{'metric':<10}{'warn':>9}{'auto':>9}{'gain':>9}   95 % interval")
    for name in asked.tables:
        meta = json.loads((asked.data / name / "meta.json").read_text())
        columns = {"drop": [*meta.get("drop", []), *meta.get("id_columns", [])]}
        runs = {}
        with tempfile.TemporaryDirectory() as folder:
            for part, frame in zip(("train", "test"), divided(asked.data / name / "data.csv.gz", meta["target"], asked.seed), strict=True):
                frame.to_csv(Path(folder) / f"{part}.csv", index=False)
            for mode in ("warn", "auto"):
                spec = Path(folder) / f"{mode}.yaml"
                data = {"train": "train.csv", "test": "test.csv", "columns": columns}
                task = {"type": "classification", "target": meta["target"]}
                spec.write_text(json.dumps({"data": data, "task": task, "seed": asked.seed, "checks": {"default": mode}, "constraints": {"time": asked.time}}))
                runs[mode] = automl.run(spec, out=Path(folder) / mode)
            found = compare(runs["warn"].folder, runs["auto"].folder)["paired"]
            profile = json.loads((runs["auto"].folder / "profile.json").read_text())
            print_row(name, runs, found, sorted({f["check"] for f in profile["findings"] if f["mode"] == "fix"}))


def print_row(name: str, runs: dict, found: dict, fixed: list[str]) -> None:
    scores = {mode: run.evaluation["score"] for mode, run in runs.items()}
    sign = 1 if runs["auto"].evaluation["greater_is_better"] else -1
    low, high = sorted(sign * end for end in found["interval"])
    row = f"{name:<16}{runs['auto'].evaluation['metric']:<10}{scores['warn']:9.4f}{scores['auto']:9.4f}{sign * found['difference']:+9.4f}"
    print(f"{row}   {low:+.4f} to {high:+.4f}   {', '.join(fixed)}", flush=True)


if __name__ == "__main__":
    main()
