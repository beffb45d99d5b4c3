"""A package that is really installed beside automl: what it adds works everywhere, and what it does wrong harms nothing but itself."""

import json
import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl.testing.contract import CHECKS

from .test_run import AUTOML

ROOT = Path(__file__).resolve().parents[1]
SHM = Path("/dev/shm")
QUICK = {  # family: its state, and words of its cause
    "toy_abort": ("killed", "SIGABRT"), "toy_segfault": ("killed", "SIGSEGV"), "toy_exit3": ("crashed", "code 3"),
    "toy_exit0": ("crashed", "code 0, before it had a result"), "toy_orphans": ("crashed", "code 5"), "toy_nan": ("error", "not numbers"),
    "toy_shape": ("error", "shape (80, 5), not (80, 2)"), "toy_sum": ("error", "do not sum to 1"), "toy_shout": ("error", "ValueError: no! no!"),
    "toy_unwritable": ("error", "not JSON serializable"), "toy_loud": ("ok", ""), "toy_forks": ("ok", ""),
}  # fmt: skip
SLOW = {"toy_hang": ("timeout", ""), "toy_hog": ("memory", "MB a worker may use")}


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("data") / "toys.csv"
    rng = np.random.default_rng(0)
    n = 200
    y = rng.integers(0, 2, n)
    domain = np.where(rng.random(n) < 0.8, np.array(["work.example", "home.example"])[y], "else.example")
    frame = pd.DataFrame({"amount": np.exp(rng.normal(5, 2, n) + y).round(2), "size": (rng.normal(size=n) + y).round(3)})
    frame.loc[:9, "amount"] = np.nan
    frame["email"] = [f"p{i}@{d}" for i, d in enumerate(domain)]
    frame.assign(kept=np.where(y == 1, "yes", "no")).to_csv(path, index=False)
    return path


@pytest.fixture
def call(plugin_site):
    """Return a function that runs the command in a process of its own, the plug-in installed unless `plugged` is false."""

    def call(*arguments: object, plugged: bool = True, **variables: str) -> "subprocess.CompletedProcess[str]":
        path = os.pathsep.join([str(ROOT), *([str(plugin_site)] if plugged else [])])
        environment = {**os.environ, **variables, "PYTHONPATH": path}
        return subprocess.run([*AUTOML, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, env=environment)

    return call


def write(folder: Path, table: Path, families: list[str], limits: str, more: str = "") -> Path:
    spec = folder / "s.yaml"
    columns = "{drop: [email]}" if "email" not in more else "{types: {email: text}}"
    spec.write_text(
        f"data: {{train: {table}, columns: {columns}}}\ntask: {{type: classification, target: kept{', metric: recall_gmean' if more else ''}}}\n"
        f"validation: {{folds: 2}}\nmodels: {{include: [{', '.join(families)}]}}\nconstraints: {{{limits}}}\n{more}"
    )
    return spec


def board_of(folder: Path) -> pd.DataFrame:
    board = pd.read_csv(folder / "leaderboard.csv", keep_default_na=False)
    return board[board["reference"] == "False" if board["reference"].dtype == object else ~board["reference"]].set_index("family")


def running(word: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True).stdout.splitlines()
    return [line for line in listed if word in line and not line.startswith("Z")]


def holds(folder: Path, families: dict[str, tuple[str, str]]) -> None:
    board = board_of(folder)
    report = (folder / "report.html").read_text()
    for name, (state, words) in families.items():
        rows = board.loc[[name]]
        rows = rows[rows["state"] != "pruned"]  # later trials of a family that works may be weaker ones
        assert set(rows["state"]) == {state} and all(words in cause for cause in rows["cause"]), rows[["state", "cause"]].to_dict("records")
    assert set(board.loc[["logistic_regression"], "state"]) - {"pruned"} == {"ok"}
    failed = sum(state not in ("ok", "pruned") for state in board["state"])
    assert f"{failed} failed" in report and all(state in report for state, _ in families.values())
    evaluation = json.loads((folder / "evaluation.json").read_text())
    members = {member["family"] for member in evaluation["members"]} or {evaluation["family"]}
    assert members <= set(board[board["state"] == "ok"].index) and evaluation["trials"]["failed"] == failed
    assert evaluation["budget"]["used_seconds"] < 1.05 * evaluation["budget"]["asked_seconds"]


class Watch(threading.Thread):
    """Notes every name that appears in /dev/shm while it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before, self.seen, self.over = set(SHM.iterdir()), set(), threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.005):
            self.seen |= set(SHM.iterdir()) - self.before


def test_what_crashes_lies_or_leaves_processes_is_a_row_and_the_run_goes_on(call, table, tmp_path):
    spec = write(tmp_path, table, ["logistic_regression", *QUICK], f"time: 60s, trials: {1 + len(QUICK)}")
    mark = f"{600000 + os.getpid()}"
    watch = Watch() if SHM.is_dir() else None
    if watch is not None:
        watch.start()
    done = call("run", spec, "--out", tmp_path / "run", TOY_SLEEP=mark)
    assert done.returncode == 0, done.stderr
    assert running(f"sleep {mark}") == [], "what a trial started outlived it"
    holds(tmp_path / "run", QUICK)
    log = (tmp_path / "run" / "run.log").read_text()
    assert "Segmentation fault" in log and "Traceback" in log and "words words" in log
    assert log.count("no! ") < 10_000, "a message without measure was kept whole"
    if watch is not None:
        seen, own = set(watch.seen), SHM / f"automl-test-{os.getpid()}"
        own.touch()
        while own not in watch.seen:  # it does see what comes
            time.sleep(0.005)
        own.unlink()
        watch.over.set()
        assert seen == set(), "a small /dev/shm would not do"


def test_what_hangs_or_fills_the_memory_is_ended(call, table, tmp_path):
    spec = write(tmp_path, table, ["logistic_regression", *SLOW], "time: 14s, trials: 3, memory: 2GB")
    began = time.monotonic()
    done = call("run", spec, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 14 * 1.05 + 2  # the interpreter's start and end lie outside of what a run can measure
    holds(tmp_path / "run", SLOW)
    assert running(str(tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_each_of_them_alone_beside_a_good_one(name, call, table, tmp_path):
    spec = write(tmp_path, table, ["logistic_regression", name], "time: 12s, trials: 4, memory: 2GB")
    done = call("run", spec, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    holds(tmp_path / "run", {name: (QUICK | SLOW)[name]})


def test_where_every_trial_fails_the_baseline_is_reported_and_the_code_is_4(call, table, tmp_path):
    spec = write(tmp_path, table, ["toy_exit3", "toy_shout"], "time: 90s, trials: 4")
    done = call("run", spec, "--out", tmp_path / "run")
    assert done.returncode == 4 and done.stdout == ""
    assert "all 4 trials failed" in done.stderr and "crashed  toy_exit3: the worker process ended with code 3" in done.stderr
    assert "error    toy_shout: ValueError: no!" in done.stderr and "report.html" in done.stderr and len(done.stderr) < 4000
    assert "Traceback" in (tmp_path / "run" / "run.log").read_text()
    report = json.loads((tmp_path / "run" / "report.json").read_text())
    assert report["trust"]["light"] == "red"
    assert json.loads((tmp_path / "run" / "artifact" / "manifest.json").read_text())["family"] == "baseline"
    assert call("predict", tmp_path / "run", table, "-o", tmp_path / "o.csv").returncode == 0
    again = call("run", spec, "--out", tmp_path / "run")
    assert again.returncode == 4 and "all 4 trials failed" in again.stderr


@pytest.mark.slow
def test_a_family_that_only_hangs_leaves_no_model(call, table, tmp_path):
    done = call("run", write(tmp_path, table, ["toy_hang"], "time: 12s"), "--out", tmp_path / "run")
    assert done.returncode == 4 and "timeout" in done.stderr and "past its deadline" in done.stderr


def test_family_metric_and_transformers_of_a_package_in_one_run(call, table, tmp_path):
    more = "features: {transform: {amount: log1p, email: email_domain}, text: {encode: none}}\nchecks: {personal_data: warn}\n"
    spec = write(tmp_path, table, ["nearest_centroid", "xgboost"], "time: 60s, trials: 2", more)
    done = call("run", spec, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert set(board_of(tmp_path / "run")["state"]) == {"ok"}
    evaluation = json.loads((tmp_path / "run" / "evaluation.json").read_text())
    assert evaluation["metric"] == "recall_gmean" and evaluation["score"] > evaluation["baseline_score"] + 0.4
    page = (tmp_path / "run" / "report.html").read_text()
    assert "email_domain" in page and "automl-toys 0.1.0" in page
    manifest = json.loads((tmp_path / "run" / "artifact" / "manifest.json").read_text())
    assert {(t["transformer"], t["distribution"], t["version"]) for t in manifest["transformers"]} == {
        ("log1p", "automl-toys", "0.1.0"), ("email_domain", "automl-toys", "0.1.0")
    }  # fmt: skip
    assert call("predict", tmp_path / "run", table, "-o", tmp_path / "o.csv").returncode == 0
    holdout = pd.read_parquet(tmp_path / "run" / "predictions.parquet").sort_values("row")
    again = pd.read_csv(tmp_path / "o.csv").iloc[holdout["row"] - 1]
    assert np.abs(again["proba_yes"].to_numpy() - holdout["proba_yes"].to_numpy()).max() < 1e-5

    without = call("predict", tmp_path / "run", table, "-o", tmp_path / "p.csv", plugged=False)
    assert without.returncode == 5 and "pip install automl-toys==0.1.0" in without.stderr and not (tmp_path / "p.csv").exists()
    assert call("validate", spec, plugged=False).returncode == 2


def test_the_model_of_a_packages_family_predicts_without_the_package(call, table, tmp_path):
    done = call("run", write(tmp_path, table, ["nearest_centroid"], "time: 90s, trials: 2"), "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "run" / "artifact" / "manifest.json").read_text())
    assert manifest["family"] == "nearest_centroid" and manifest["transformers"] == []
    for plugged in (True, False):
        assert call("predict", tmp_path / "run", table, "-o", tmp_path / f"{plugged}.csv", plugged=plugged).returncode == 0
    assert (tmp_path / "True.csv").read_bytes() == (tmp_path / "False.csv").read_bytes()
    assert call("report", tmp_path / "run", plugged=False).returncode == 0


def test_lists_name_the_package_and_what_cannot_be_imported(call):
    done = call("models")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("nearest_centroid")]
    assert line.endswith("[from automl-toys 0.1.0]") and "toy_broken" not in done.stdout and "this module never works" in done.stderr
    listed = {m["name"]: m["package"] for m in json.loads(call("metrics", "--json").stdout)["metrics"]}
    assert listed["recall_gmean"] == "automl-toys 0.1.0" and listed["roc_auc"] == ""
    assert "sharpness" in call("models", "nearest_centroid").stdout
    broken = call("models", "toy_broken")
    assert broken.returncode == 5 and "automl-toys 0.1.0 cannot be imported" in broken.stderr


def test_what_a_spec_asks_of_a_package_in_vain_is_said_at_its_place(call, table, tmp_path):
    spec = write(tmp_path, table, ["logistic_regression"], "time: 15s", "features: {transform: {size: log1, amount: log1p}}\n")
    done = call("validate", spec)
    assert done.returncode == 2 and "s.yaml:6:" in done.stderr and "did you mean `log1p`" in done.stderr
    spec = write(tmp_path, table, ["toy_broken"], "time: 15s")
    assert call("plan", spec).returncode == 5
    spec = write(tmp_path, table, ["logistic_regression"], "time: 15s", "features: {transform: {amount: log1p}}\n")
    done = call("plan", spec, "--set", "task.metric=toy_silent")
    assert done.returncode == 2 and "toy_silent" in done.stderr and "ZeroDivisionError" in done.stderr
    done = call("plan", spec, "--set", "models.include=all")
    assert done.returncode == 0 and "models.toy_broken = skipped: cannot be imported" in done.stdout and "nearest_centroid" in done.stdout


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_family_passes_the_contract(check, plugin):
    from automl_toys.nearest_centroid import FAMILY

    check(FAMILY)


@pytest.mark.parametrize("name", ["nearest_centroid", "recall_gmean", "email_domain"])
def test_the_guide_shows_the_files_as_they_are(name):
    guide = (ROOT / "CONTRIBUTING.md").read_text()
    text = (ROOT / "tests" / "plugin" / "automl_toys" / f"{name}.py").read_text()
    assert f"```python\n{text}```" in guide
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 30


def test_the_guide_shows_the_lines_that_make_them_known():
    guide, lines = (ROOT / "CONTRIBUTING.md").read_text(), (ROOT / "tests" / "plugin" / "pyproject.toml").read_text().splitlines()
    shown = [line for block in guide.split("```toml\n")[1:] for line in block.partition("```")[0].splitlines() if line]
    assert len(shown) == 6 and set(shown) <= set(lines)
