"""CPU per trial of everything but the fits: driver, zygote and workers of a run of many trials of a family that learns nothing.

Run from the root of the project: python benchmarks/overhead.py. With --families, fits of real families are in the workers' part.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

import automl
from automl.families import FAMILIES
from automl.rundir import read_json
from automl.search.workers.local import LocalExecutor

ROWS = 200


def cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def table(path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 5))
    y = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(0, 1, ROWS) > 0).astype(int)
    path.write_text("a,b,c,d,e,y\n" + "".join(",".join(f"{v:.4f}" for v in row) + f",{label}\n" for row, label in zip(x, y, strict=True)))


def measure(family: str, trials: int, search: str, profile: str | None) -> dict[str, float]:
    """Run a spec and return seconds: CPU of the driver while it searched, of the zygote with its start, of the workers; wall time of the folds."""
    workers = {"cpu": 0.0, "jobs": 0}
    marks: dict[str, float] = {}
    whole = LocalExecutor.events

    def events(self: LocalExecutor, timeout: float) -> list:
        found = whole(self, timeout)
        for event in found:
            if event.kind == "exited" and not event.job.startswith("refit"):
                workers["cpu"] += event.data.get("cpu_seconds", 0.0)
                workers["jobs"] += 1
        return found

    def mark(event: dict) -> None:
        if event.get("event") == "phase" and str(event["phase"]).startswith(("search", "fitting the winner")):
            marks[str(event["phase"]).split()[0]] = cpu(resource.RUSAGE_SELF)
            marks[f"{str(event['phase']).split()[0]} wall"] = time.monotonic()
            if profiler is not None and event["phase"] == "search":
                profiler.enable()
            elif profiler is not None:
                profiler.disable()

    profiler = None
    if profile:
        import cProfile

        profiler = cProfile.Profile()
    LocalExecutor.events = events  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        table(folder / "t.csv")
        (folder / "s.yaml").write_text(
            "data: t.csv\ntask: {type: classification, target: y}\nvalidation: {folds: 2}\nquantize: float32\n"
            f"models: {{include: [{family}]}}\nsearch: {{stop_after_no_gain: never{search}}}\n"
            f"constraints: {{trials: {trials}, time: none, cpus: 1}}\n"
        )
        before = cpu(resource.RUSAGE_CHILDREN)
        run = automl.run(folder / "s.yaml", out=folder / "run", on_event=mark)
        zygote = cpu(resource.RUSAGE_CHILDREN) - before  # its own and, as it waits for them, its workers'
        study = read_json(run.folder / "study.json")
    LocalExecutor.events = whole  # type: ignore[method-assign]
    if profiler is not None:
        profiler.dump_stats(profile)
    done = len(study["trials"])
    folds = sum(sum(t["fold_seconds"]) for t in study["trials"])
    return {
        "trials": done, "pruned": study["counts"]["pruned"], "driver": marks["fitting"] - marks["search"], "workers": workers["cpu"], "folds": folds,
        "zygote": max(0.0, zygote - workers["cpu"]), "wall": marks["fitting wall"] - marks["search wall"],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--families", nargs="*", default=["trivial"], help="a run each; several in one run are joined by commas")
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--search", default="", help="further keys of `search`, for example 'pruner: none'")
    parser.add_argument("--profile", help="write a cProfile of the driver's search there")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    FAMILIES.add("classification", "trivial", "benchmarks.trivial:FAMILY")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    print(f"CPU ms per trial of {ROWS} rows, two folds; {os.cpu_count()} cores. The zygote's part holds its start and the refit.\n")
    print("| families | trials (pruned) | driver | zygote | workers | all | wall of the folds | wall |\n|---|---|---|---|---|---|---|---|")
    for family in asked.families:
        found = measure(family, asked.trials, f", {asked.search}" if asked.search else "", asked.profile)
        ms = {k: 1e3 * found[k] / found["trials"] for k in ("driver", "zygote", "workers", "folds", "wall")}
        print(
            f"| {family} | {found['trials']} ({found['pruned']}) | {ms['driver']:.1f} | {ms['zygote']:.1f} | {ms['workers']:.1f} "
            f"| {ms['driver'] + ms['zygote'] + ms['workers']:.1f} | {ms['folds']:.1f} | {ms['wall']:.1f} |", flush=True,
        )  # fmt: skip
        if asked.json:
            print(json.dumps(found))


if __name__ == "__main__":
    main()
