"""Runs specs on real tables and prints one row each: score, seconds, ladder. Never asserts.

    python benchmarks/tables.py DATA_DIR --tables adult:2m vehicle:1m sms_spam:1m [--include xgboost] [--out DIR]

DATA_DIR holds a folder per table with data.csv.gz and meta.json (target, drop).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--tables", nargs="+", default=["adult:2m", "vehicle:1m", "sms_spam:1m"])
    parser.add_argument("--include", nargs="*", help="families; all when left out")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp())
    print("| table | asked | wall | trials (failed) | winner | metric | holdout score (95 % interval) | baseline |")
    print("|---|---|---|---|---|---|---|---|")
    ladders = []
    for item in options.tables:
        name, _, seconds = item.partition(":")
        meta = json.loads((options.data / name / "meta.json").read_text())
        spec = {
            "name": name,
            "data": {"train": str((options.data / name / "data.csv.gz").resolve()), "columns": {"drop": meta["drop"] + meta["id_columns"]}},
            "task": {"type": "classification", "target": meta["target"]},
            "constraints": {"time": seconds},
        }
        if options.include:
            spec["models"] = {"include": options.include}
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"{name}.yaml"
        path.write_text(json.dumps(spec))
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "automl", "run", str(path), "--out", str(out / name), "-q"], capture_output=True, text=True)
        wall = time.monotonic() - began
        if done.returncode:
            print(f"| {name} | {seconds} | {wall:.1f} s | exit {done.returncode}: {done.stderr.strip().splitlines()[-1]} |")
            continue
        e = json.loads((out / name / "evaluation.json").read_text())
        low, high = e["interval"]
        print(
            f"| {name} | {seconds} | {wall:.1f} s | {e['trials']['complete']} ({e['trials']['failed']}) | {e['family']} | {e['metric']} "
            f"| {e['score']:.4f} ({low:.4f} to {high:.4f}) | {e['baseline_score']:.4f} |",
            flush=True,
        )
        ladders += [(name, e, rung) for rung in e["precision_ladder"]]
    print("\n| table | rung | model bytes | of float32 | of the library's | artifact | score | judged loss, upper | rows/s | of float32 | of library | ships |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name, e, r in ladders:
        library = f"{r['model_bytes'] / e['library_bytes']:.1%}" if e["library_bytes"] else "–"
        ratio = f"{r['library_ratio']:.2f}" if r["library_ratio"] else "–"
        upper = "–" if r["judged_drop_upper"] is None else f"{r['judged_drop_upper']:.6f}"
        print(
            f"| {name}, {e['family']} | {r['precision']} | {r['model_bytes']} | {r['model_share_of_float32']:.1%} | {library} | {r['size_bytes']} "
            f"| {r['score']:.5f} | {upper} | {r['rows_per_second']:.0f} | {r['runtime_ratio']:.2f} | {ratio} | {'yes' if r['chosen'] else ''} |"
        )


if __name__ == "__main__":
    main()
