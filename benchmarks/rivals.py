"""Runs a harness of rivals with ours among them, each table searched with a portfolio that was learned without it.

    BENCH_VENVS=DIR python benchmarks/rivals.py HARNESS --datasets DIR --systems automl_blind,flaml --budget 60 --folds 0 --out results.jsonl

HARNESS is the folder of its `run.py`; all options after it are those of `run.py`, which also says how the virtual environments are
made. `automl_blind` is the harness's own adapter of ours with one key more: search.portfolio, an order without the table where there
is one (benchmarks/portfolio/orders), else the shipped one.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ORDERS = Path(__file__).resolve().parent / "portfolio" / "orders"


def adapt() -> None:
    """Act as the adapter: the harness's own, with the order of the table that `--meta` names."""
    sys.path.insert(0, str(Path(os.environ["BENCH_HARNESS"]) / "adapters"))
    import automl_ as ours
    import common

    name = json.loads(Path(sys.argv[sys.argv.index("--meta") + 1]).read_text())["name"]
    order = ORDERS / f"without_{name}.json"
    run = subprocess.run

    def blind(command: list[str], **options: Any) -> Any:
        return run([*command, *(["--set", f"search.portfolio={order}"] if order.is_file() else [])], **options)

    ours.subprocess.run = blind
    common.main("automl_blind", ours.version, ours.fit, ours.predict_proba, ours.save, ours.load)


def main() -> None:
    """Call the harness with a system more."""
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    harness = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        systems = Path(folder) / "systems.json"
        systems.write_text(json.dumps({"automl_blind": {"adapter": str(Path(__file__).resolve()), "venv": "automl", "config": "default"}}))
        command = [sys.executable, str(harness / "run.py"), *sys.argv[2:], "--systems-file", str(systems)]
        sys.exit(subprocess.run(command, env={**os.environ, "BENCH_HARNESS": str(harness)}).returncode)


if __name__ == "__main__":
    adapt() if "--meta" in sys.argv else main()
