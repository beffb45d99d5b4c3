"""What a user gets for a wrong spec or a wrong table: one message with its place, the right code, nothing written."""

import gzip
import re
from pathlib import Path

import pytest

from .conftest import mixed_frame
from .test_run import call

HEAD = "task: {type: classification, target: kept}\nconstraints: {time: 20s}\n"


def _csv(text: str):
    def make(folder: Path) -> str:
        (folder / "t.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        return "data: t.csv\n" + HEAD

    return make


def _raw(name: str, content: bytes):
    def make(folder: Path) -> str:
        (folder / name).write_bytes(content)
        return f"data: {name}\n" + HEAD

    return make


def _frame(spec: str = "", **columns):
    def make(folder: Path) -> str:
        frame = mixed_frame(60).assign(**columns)
        frame.to_csv(folder / "t.csv", index=False)
        return "data: t.csv\n" + (spec or HEAD)

    return make


ROWS = "".join(f"{i},{'yes' if i % 2 else 'no'}\n" for i in range(40))
CASES = {
    "unknown key": (_frame("task: {type: classification, tagret: kept}\n"), 2, ["s.yaml:2:30", "did you mean `task.target`"]),
    "wrong type": (_frame(HEAD + "seed: many\n"), 2, ["s.yaml:4:7", "whole number"]),
    "unknown family": (_frame(HEAD + "models: {include: [xgbost]}\n"), 2, ["s.yaml:4:20", "did you mean `xgboost`"]),
    "unknown option": (_frame(HEAD + "models: {space: {xgboost: {max_dept: 3}}}\n"), 2, ["s.yaml:4", "did you mean `max_depth`"]),
    "range upside down": (_frame(HEAD + "models: {space: {xgboost: {max_depth: {min: 9, max: 3}}}}\n"), 2, ["s.yaml:4", "not below"]),
    "no family left": (_frame(HEAD + "models: {include: [mlp], exclude: [mlp]}\n"), 2, ["leave no family"]),
    "gpu required": (_frame("task: {type: classification, target: kept}\nconstraints: {gpu: required}\n"), 6, ["no CUDA device"]),
    "missing file": (lambda folder: "data: nowhere.csv\n" + HEAD, 3, ["s.yaml:1:7", "no file nowhere.csv"]),
    "near file": (lambda folder: (folder / "tabel.csv").write_text("a") and "data: table.csv\n" + HEAD, 3, ["s.yaml:1:7", "did you mean `tabel.csv`"]),
    "missing target": (_frame("task: {type: classification, target: kpet}\n"), 3, ["s.yaml:2:38", "did you mean `kept`"]),
    "one class": (_frame(kept="yes"), 3, ["the one class `yes`", "s.yaml:2"]),
    "no target value": (_frame(kept=""), 3, ["no value"]),
    "a number as target": (_frame(kept=range(60)), 3, ["60 classes"]),
    "positive class": (_frame("task: {type: classification, target: kept, positive_class: 'Yes'}\n"), 3, ["did you mean `yes`", "yes ("]),
    "empty file": (_csv(""), 3, ["no header"]),
    "header only": (_csv("a,kept\n"), 3, ["no rows"]),
    "few rows": (_csv("a,kept\n1,yes\n2,no\n"), 3, ["at least 20"]),
    "long row": (_csv("a,kept\n" + ROWS + "1,yes,3\n"), 3, ["t.csv, line 42", "2 names", "3 values"]),
    "every row long": (_csv("a,kept\n" + ROWS.replace("\n", ",x\n")), 3, ["line 2", "2 names", "3 values"]),
    "twice the same name": (_csv("a,kept,kept\n1,2,3\n"), 3, ["`kept` occurs twice"]),
    "latin-1": (_raw("t.csv", ("a,kept\nö,yes\n" + ROWS).encode("latin-1")), 3, ["line 2", "encoding"]),
    "utf-16 without its mark": (_raw("t.csv", ("a,kept\n" + ROWS).encode("utf-16-le")), 3, ["NUL bytes", "utf-16-le"]),
    "truncated gzip": (_raw("t.csv.gz", gzip.compress(b"a,kept\n" * 500)[:-12]), 3, ["incomplete"]),
    "truncated parquet": (_raw("t.parquet", b"PAR1" + b"x" * 100), 3, ["parquet"]),
    "excel": (_raw("t.xlsx", b"PK\x03\x04xxxx"), 3, ["Excel"]),
    "all constant": (_csv("a,kept\n" + re.sub(r"^\d+", "1", ROWS, flags=re.M)), 4, ["no column is left"]),
    "a failed check": (_frame(HEAD + "checks: {missing_values: fail}\n"), 1, ["missing_values", "checks: {missing_values: warn}"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_one_message_the_right_code_and_nothing_written(name, tmp_path):
    make, code, words = CASES[name]
    spec = tmp_path / "s.yaml"
    spec.write_text(make(tmp_path))
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    done = call("run", spec)
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) <= 22 and done.stdout == ""
    if code != 1:  # a failed check leaves its evidence
        assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["rnu", "x.yaml"], 2, "did you mean `run`"),
        (["x.yaml"], 2, "automl run x.yaml"),
        (["run", "nowhere.yaml"], 2, "cannot read the spec"),
        (["run", "s.yaml", "--set", "x"], 2, "KEY=VALUE"),
        (["run", "s.yaml", "--set", "a.b.c=1"], 2, "unknown key `a`"),
        (["run", "s.yaml", "--set", "seed.x=1"], 2, "seed"),
        (["run", "s.yaml", "--time", "5 parsecs"], 2, "90s"),
        (["run"], 2, "SPEC"),
        (["validate", "s.yaml", "--nonsense"], 2, "--nonsense"),
        (["predict", "nowhere", "t.csv", "-o", "o.csv"], 7, "no artifact"),
        (["report", "nowhere"], 2, "nowhere does not exist"),
        (["leaderboard", "."], 2, "is not a run folder"),
        (["run", "t.csv"], 2, "automl init t.csv writes a spec for it"),
        (["explain", "compare"], 2, "see automl compare --help"),
    ],
)
def test_the_command_line_says_what_is_wrong(arguments, code, words, tmp_path):
    (tmp_path / "s.yaml").write_text("data: t.csv\n" + HEAD)
    mixed_frame(60).to_csv(tmp_path / "t.csv", index=False)
    done = call(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="size"), "column `size` is missing"),
        (lambda f: f.drop(columns=["size", "day"]), "columns `size`, `day` are missing"),
        (lambda f: f.rename(columns={"size": "Size"}), "did you mean `Size`"),
        (lambda f: f.assign(size=f["size"].astype(object).where(f.index != 7, "big")), "data row 8"),
    ],
)
def test_predict_refuses_a_table_that_does_not_fit(finished_run, change, words, tmp_path):
    change(mixed_frame(30)).to_csv(tmp_path / "in.csv", index=False)
    done = call("predict", finished_run, tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert done.returncode == 3 and words in done.stderr, done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_predict_will_not_write_an_unknown_form(finished_run, mixed_csv, tmp_path):
    done = call("predict", finished_run, mixed_csv, "-o", tmp_path / "out.txt")
    assert done.returncode == 2 and not (tmp_path / "out.txt").exists()


@pytest.mark.parametrize("part", ["model.safetensors", "features.safetensors.zlib", "manifest.json"])
def test_a_changed_artifact_is_refused(finished_run, mixed_csv, tmp_path, part):
    import shutil

    shutil.copytree(finished_run / "artifact", tmp_path / "artifact")
    content = bytearray((tmp_path / "artifact" / part).read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "artifact" / part).write_bytes(bytes(content))
    done = call("predict", tmp_path / "artifact", mixed_csv, "-o", tmp_path / "out.csv")
    assert done.returncode == 7 and part.partition(".")[0] in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["artifact"]
