"""CPU seconds, peak memory and output size of the look at the data, ours and skrub's, each in a fresh process.

    python benchmarks/eda.py [--skrub-python PATH] [--tables 100k 1m wide] [--repeats 3] [--tables-in DIR]

Makes its tables (mixed columns at 100,000 and 1,000,000 rows; 20,000 x 1,000 numbers) as parquet. CPU seconds are user + system
of the whole process (imports, reading, statistics, every check, the page), the least of the repeats. `loaded` is the resident memory after reading and
dividing the table, `peak` the most the process ever had. skrub (pip install skrub) must stand in an environment of its own.
Prints, never asserts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TABLES = {"100k": 100_000, "1m": 1_000_000, "wide": 20_000}

OURS = """
import json, sys, time
from pathlib import Path
def status(key):
    return int(next(l for l in open("/proc/self/status") if l.startswith(key)).split()[1]) / 1024
from automl.spec.model import Spec
from automl.data.dataset import describe, load_dataset
from automl.data.split import make_split
from automl.eda.profile import profile_dataset
from automl.report.render import render_eda
from automl.run import Examined, described
from automl.rundir import EdaDir
spec = Spec.model_validate({"data": sys.argv[1], "task": {"type": "classification", "target": "target"}})
dataset = load_dataset(spec, Path())
split = make_split(dataset, spec)
loaded, began, read_peak = status("VmRSS"), time.process_time(), status("VmHWM")
profile = profile_dataset(dataset, split, spec.checks, describe(dataset))
files = EdaDir(Path(sys.argv[2]))
files.create()
render_eda(described(spec, Examined(dataset, split, profile)), files)
print(json.dumps({"loaded": loaded, "peak": status("VmHWM"), "read_peak": read_peak, "eda": time.process_time() - began}))
"""

SKRUB = """
import json, sys
from pathlib import Path
def status(key):
    return int(next(l for l in open("/proc/self/status") if l.startswith(key)).split()[1]) / 1024
import pandas, skrub
frame = pandas.read_parquet(sys.argv[1])
loaded, read_peak = status("VmRSS"), status("VmHWM")
every = {"plot_distributions": True, "compute_associations": True} if sys.argv[3] == "all" else {}
report = skrub.TableReport(frame, verbose=0, **every)
Path(sys.argv[2]).mkdir()
Path(sys.argv[2], "report.html").write_text(report.html())
print(json.dumps({"loaded": loaded, "peak": status("VmHWM"), "read_peak": read_peak, "eda": 0.0}))
"""

MAKE = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parent))
import eda
eda.make(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
"""


def make(name: str, n: int, path: Path) -> None:
    """Write a table: mixed columns, or 1,000 numbers."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    if name == "wide":
        x = rng.normal(size=(n, 20)) @ rng.normal(size=(20, 1000)) * 0.5 + rng.normal(size=(n, 1000))
        frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(1000)])
        frame["target"] = np.where(x[:, 0] + x[:, 1] + rng.normal(size=n) > 0, "yes", "no")
        frame.to_parquet(path)
        return
    columns = {}
    for i in range(16):
        values = (rng.normal(size=n), rng.lognormal(size=n), rng.integers(0, 500, n).astype(float), rng.gamma(2.0, size=n).round(2))[i % 4]
        if i % 5 == 0:
            values = np.where(rng.random(n) < 0.03, np.nan, values)
        columns[f"number{i}"] = values
    for i, levels in enumerate((4, 12, 60, 400, 2000)):
        names = np.array([f"level {j}" for j in range(levels)], dtype=object)
        values = names[np.minimum((rng.exponential(size=n) * levels / 4).astype(int), levels - 1)]
        if i == 1:
            values = np.where(rng.random(n) < 0.05, None, values)
        columns[f"category{i}"] = values
    vocabulary = np.array(["".join(rng.choice(list("abcdefghilmnoprstu"), rng.integers(3, 10))) for _ in range(3000)], dtype=object)
    lengths = rng.integers(4, 17, n)
    words = vocabulary[np.minimum(rng.zipf(1.4, lengths.sum()) - 1, 2999)]
    ends = np.cumsum(lengths)
    columns["text"] = [" ".join(words[e - k : e]) for e, k in zip(ends, lengths, strict=True)]
    day = np.datetime64("2020-01-01", "s")
    columns["day"] = (day + rng.integers(0, 1500, n) * np.timedelta64(86400, "s")).astype("datetime64[ms]")
    columns["moment"] = (day + rng.integers(0, 1500 * 86400, n) * np.timedelta64(1, "s")).astype("datetime64[ms]")
    columns["id"] = [f"c{i:08d}" for i in rng.permutation(n)]
    columns["constant"] = np.ones(n)
    columns["copy"] = columns["number1"]
    columns["flag"], columns["other_flag"] = rng.random(n) < 0.3, rng.random(n) < 0.7
    margin = np.nan_to_num(columns["number0"]) + (columns["category0"] == "level 0") + 0.5 * columns["flag"] + rng.normal(size=n)
    columns["target"] = np.where(margin > 1, "yes", "no")
    pd.DataFrame(columns).to_parquet(path)


def measure(python: str, program: str, arguments: list[str], folder: Path) -> dict[str, float]:
    """Return CPU seconds and what the program printed of itself; `out` is the size of its page in kB."""
    out = folder / f"out{len(list(folder.iterdir()))}"
    process = subprocess.Popen([python, "-c", program, arguments[0], str(out), *arguments[1:]], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{python} ended with {status}")
    return {**json.loads(printed.splitlines()[-1]), "cpu": usage.ru_utime + usage.ru_stime, "out": next(out.glob("*.html")).stat().st_size / 1000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skrub-python", help="an interpreter that has skrub")
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=list(TABLES))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tables-in", type=Path, help="where the tables are kept; a temporary folder when left out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.tables_in or Path(temporary)
        print("| table | tool | CPU s | of it after reading | loaded MB | peak MB | peak / loaded | peak while reading MB | page kB |")
        print("|---|---|---|---|---|---|---|---|---|")
        for name in options.tables:
            path = folder / f"{name}.parquet"
            if not path.exists():
                subprocess.run([sys.executable, "-c", MAKE, __file__, name, str(TABLES[name]), str(path)], check=True)
            tools = {"automl": (sys.executable, OURS, [str(path)])}
            if options.skrub_python:
                tools["skrub"] = (options.skrub_python, SKRUB, [str(path), "default"])
                if name == "wide":
                    tools["skrub, every column"] = (options.skrub_python, SKRUB, [str(path), "all"])
            for tool, (python, program, arguments) in tools.items():
                r = min((measure(python, program, arguments, Path(temporary)) for _ in range(options.repeats)), key=lambda m: m["cpu"])
                print(
                    f"| {name} | {tool} | {r['cpu']:.1f} | {r['eda']:.1f} | {r['loaded']:.0f} | {r['peak']:.0f} | {r['peak'] / r['loaded']:.2f} "
                    f"| {r['read_peak']:.0f} | {r['out']:.0f} |", flush=True,
                )  # fmt: skip


if __name__ == "__main__":
    main()
