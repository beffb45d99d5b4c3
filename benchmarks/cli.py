"""CPU seconds (user + system) of the light commands, the least of nine runs each. Prints, never asserts.

python benchmarks/cli.py
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

GOOD = "data: t.csv\ntask: {type: classification, target: y}\nconstraints: {time: 5m}\nmodels: {include: [xgboost, mlp]}\n"


def cpu_ms(arguments: list[str], folder: Path) -> float:
    times = []
    for _ in range(9):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", "from automl.cli import main; main()", *arguments], cwd=folder, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return 1000 * min(times)


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    (folder / "t.csv").write_text("a,y\n1,2\n")
    (folder / "good.yaml").write_text(GOOD)
    (folder / "bad.yaml").write_text(GOOD.replace("target", "tagret"))
    subprocess.run([sys.executable, "-c", "import pandas; pandas.DataFrame({'y': [1]}).to_parquet('t.parquet')"], cwd=folder, check=True)
    (folder / "parquet.yaml").write_text(GOOD.replace("t.csv", "t.parquet"))
    print("| command | CPU ms |\n|---|---|")
    for name, arguments in {
        "automl --help": ["--help"], "automl --version": ["--version"], "automl explain S101": ["explain", "S101"],
        "automl validate, a good spec": ["validate", "good.yaml"], "automl validate, a bad spec": ["validate", "bad.yaml"],
        "automl validate, a parquet header": ["validate", "parquet.yaml"],
    }.items():  # fmt: skip
        print(f"| `{name}` | {cpu_ms(arguments, folder):.0f} |")
    print(f"| python itself | {_bare():.0f} |")


def _bare() -> float:
    times = []
    for _ in range(9):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", "pass"])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return 1000 * min(times)


if __name__ == "__main__":
    main()
