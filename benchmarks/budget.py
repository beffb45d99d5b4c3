"""Do budgets hold: wall seconds of `automl run` from process start to exit against the time asked for, scores, trials by state, peak memory.

python benchmarks/budget.py TABLE=TARGET... [--times 10s 30s 60s 300s] [--memory 8GB] [--drop alive] [--runs 1]

A table is a csv or parquet file. Memory is the largest sum of proportional set sizes (PSS: a page shared by n processes
counts 1/n in each) over all processes of the run, looked at every 0.3 s, Linux only. Times are wall clock on whatever else the
machine does: the first column says what load there was.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path


def family_of(root: int) -> list[int]:
    """Return the process and all it started, also through processes that are gone (by session)."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents.setdefault(int((entry / "stat").read_text().rpartition(")")[2].split()[1]), []).append(int(entry.name))
            except OSError:
                continue
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += parents.get(pid, [])
    return found


def pss_mb(root: int) -> float:
    total = 0
    for pid in family_of(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def run(table: Path, target: str, asked: str, memory: str | None, drop: list[str], folder: Path) -> dict[str, object]:
    constraints = f"{{time: {asked}{f', memory: {memory}' if memory else ''}}}"
    columns = f", columns: {{drop: [{', '.join(drop)}]}}" if drop else ""
    spec = folder / "spec.yaml"
    spec.write_text(f"data: {{train: {table.resolve()}{columns}}}\ntask: {{type: classification, target: {target}}}\nconstraints: {constraints}\n")
    out = folder / "run"
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "automl", "run", str(spec), "--out", str(out), "-q", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, pss_mb(process.pid))
        time.sleep(0.3)
    wall = time.monotonic() - began
    said, told = process.communicate()
    seconds = float(asked[:-1]) * (60 if asked.endswith("m") else 1)
    row: dict[str, object] = {
        "table": table.parent.name if table.name.startswith("data.") else table.stem,
        "asked": asked,
        "wall": wall,
        "exit": process.returncode,
    }
    row |= {"over": wall - seconds, "held": wall <= seconds + max(3.0, 0.05 * seconds), "peak_mb": peak}
    if process.returncode == 0:
        evaluation = json.loads(said)["evaluation"]
        board = list(csv.DictReader((out / "leaderboard.csv").open()))
        states = Counter(r["state"] for r in board if r["reference"] != "True")
        row |= {"metric": evaluation["metric"], "score": evaluation["score"], "family": evaluation["family"], "states": dict(states)}
    else:
        row["error"] = told.strip().splitlines()[-3:]
    return row


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("tables", nargs="+", metavar="TABLE=TARGET")
    ask.add_argument("--times", nargs="+", default=["10s", "30s", "60s", "300s"])
    ask.add_argument("--memory")
    ask.add_argument("--drop", nargs="*", default=[])
    ask.add_argument("--runs", type=int, default=1)
    asked = ask.parse_args()
    print("| load | table | asked | wall s | held | peak MB | metric | score | family | trials |\n|---:|---|---|---:|---|---:|---|---:|---|---|")
    for entry in asked.tables:
        path, _, target = entry.rpartition("=")
        for seconds in asked.times:
            for _ in range(asked.runs):
                load = os.getloadavg()[0]
                with tempfile.TemporaryDirectory() as folder:
                    row = run(Path(path), target, seconds, asked.memory, asked.drop, Path(folder))
                score = f"{row['score']:.4f}" if row.get("score") is not None else str(row.get("error", "undefined"))
                states = ", ".join(f"{n} {state}" for state, n in row.get("states", {}).items())  # type: ignore[attr-defined]
                print(
                    f"| {load:.1f} | {row['table']} | {seconds} | {row['wall']:.1f} | {'yes' if row['held'] else 'NO'} | {row['peak_mb']:.0f} | "
                    f"{row.get('metric', '')} | {score} | {row.get('family', '')} | {states} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
