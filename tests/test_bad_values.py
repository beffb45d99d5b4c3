"""Tables whose cells are odd: what each row of the list of bad inputs must give, found by the plan, and survived by a run."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from .test_run import call

N = 240
RNG = np.random.default_rng(0)
HEAD = "data: t.csv\ntask: {type: classification, target: y}\nconstraints: {time: 90s, trials: 2}\n"


def table(n: int = N, seed: int = 1, **columns) -> pd.DataFrame:
    """Return a number that tells a target in part, and further columns."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n).round(3)
    frame = pd.DataFrame({"a": a, "y": np.where(a + rng.normal(0, 0.7, n) > 0, "yes", "no")})
    for name, values in columns.items():
        frame[name] = values
    return frame


def every(k: int, special: object, usual: list) -> list:
    return [special if i % k == 0 else v for i, v in enumerate(usual)]


NUMBERS = RNG.normal(10, 2, N).round(2).tolist()
DAYS = [f"2023-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(N)]
CASES = {
    "B064 nothing in a column": (table(x=None), 0, [("constant", "x")]),
    "B065 a constant column": (table(x=7), 0, [("constant", "x")]),
    "B065 only constant columns": (table().assign(a=1), 4, []),
    "B066 infinite numbers": (table(x=every(40, "inf", NUMBERS)), 0, [("infinite", "x")]),
    "B066 a number beyond all floats": (table(x=every(40, "1e999", NUMBERS)), 0, [("infinite", "x")]),
    "B067 integers above 2 to the 64": (table(x=[str(2**64 + i % 7) for i in range(N)]), 0, []),
    "B068 words among numbers": (table(x=every(60, "unknown", NUMBERS)), 0, [("mixed_types", "x")]),
    "B071 dates that cannot be": (table(x=every(48, "2023-02-30", DAYS)), 0, []),
    "B071 years far away": (table(x=every(48, "9999-12-31", every(50, "0001-01-01", DAYS))), 0, []),
    "B072 types mixed": (table(x=[(1, "b", "true", "2024-01-01")[i % 4] for i in range(N)]), 0, []),
    "B074 a level per row": (table(x=[f"k{i:05d}" for i in RNG.permutation(N)]), 0, [("id_like", "x")]),
    "B076 five rows": (table(5), 3, ["at least 20"]),
    "B076 one row": (table(1), 3, []),
    "B077 all rows alike": (table().assign(a=1, y="yes"), 3, ["the one class"]),
    "B078 the target once more": (table().pipe(lambda f: f.assign(x=f.y)), 1, ["target_leakage", "`x`"]),
    "B079 yes and no": (table(x=["Y", "N"] * (N // 2), z=["True", "true", "FALSE"] * (N // 3)), 0, []),
    "B080 sorted by the target": (table().sort_values("y"), 0, []),
    "B081 no target at all": (table().assign(y=None), 3, ["no value"]),
    "B082 a third without target": (table().pipe(lambda f: f.assign(y=f.y.where(np.arange(N) % 3 > 0))), 0, [("missing_target", "y")]),
    "B083 one class": (table().assign(y="yes"), 3, ["the one class `yes`"]),
    "B084 a class with one row": (table().pipe(lambda f: f.assign(y=["rare", *f.y[1:]])), 0, [("rare_class", "y")]),
    "B085 a continuous target": (table(N).assign(y=RNG.normal(size=N)), 3, ["classes"]),
    "B086 a class per row": (table(N).assign(y=[f"c{i}" for i in range(N)]), 3, [f"{N} classes"]),
    "B087 classes that spell one another": (table().assign(y=["a", "a ", "b"] * (N // 3)), 0, [("category_variants", "y")]),
    "B087 1 and 1.0": (table().assign(y=["1", "1.0", "2"] * (N // 3)), 0, [("category_variants", "y")]),
    "B088 classes of markup": (table().assign(y=["<b>x</b>", "two,\nlines", "😀" + "l" * 9000] * (N // 3)), 0, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_plan_says_what_is_odd(name, tmp_path):
    frame, code, expected = CASES[name]
    frame.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "s.yaml").write_text(HEAD)
    done = call("run" if code == 1 else "plan", tmp_path / "s.yaml", *(["--out", tmp_path / "run"] if code == 1 else ["--json"]))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code == 0:
        found = [(f["check"], f["column"]) for f in json.loads(done.stdout)["findings"]]
        for item in expected:
            assert item in found, found
    else:
        assert len(done.stderr.splitlines()) <= 20
        for word in expected:
            assert word in done.stderr, done.stderr


def odd_everywhere(n: int = N) -> pd.DataFrame:
    """Return every odd column in one table, with hostile names."""
    frames = [f for f, code, _ in CASES.values() if code == 0 and len(f) == N and "x" in f]
    return table(n, **{
        f"{('__index__', 'target', 'predict', 'class', '0', 'a.b', 'a[b]', '<a>', 'a quote', 'a comma,', '😀', 'naïve', 'a b')[i % 13]}{i}": f["x"].tolist()[:n]
        for i, f in enumerate(frames)
    })  # fmt: skip


@pytest.fixture(scope="module")
def odd_run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    odd_everywhere().to_csv(folder / "t.csv", index=False)
    (folder / "s.yaml").write_text(HEAD.replace("trials: 2", "trials: 4"))
    done = call("run", folder / "s.yaml", "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_run_survives_all_of_it_and_predicts(odd_run, tmp_path):
    leaderboard = pd.read_csv(odd_run / "run" / "leaderboard.csv")
    assert set(leaderboard["state"]) - {"pruned"} == {"ok"} and leaderboard["family"].nunique() >= 3
    done = call("predict", odd_run / "run", odd_run / "t.csv", "-o", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "out.csv")) == N


def test_a_new_row_is_read_as_the_training_rows_were(odd_run):
    """One row at a time gives what the whole table gives: words among numbers, infinities and levels never seen included."""
    import automl

    model = automl.load(odd_run / "run")
    frame = pd.read_csv(odd_run / "t.csv", dtype=str, keep_default_na=False).drop(columns="y").replace("", None)
    whole = model.predict_proba(frame)
    for i in (0, 40, 60, 7):
        row = {k: v for k, v in frame.iloc[i].to_dict().items() if v is not None}
        got = model.predict_row({**dict.fromkeys(frame.columns), **row})["proba"]
        np.testing.assert_allclose([got[c] for c in model.classes_], whole[i], atol=1e-6)
    unseen = {**dict.fromkeys(frame.columns), "a": "0.3", next(c for c in frame if c.startswith("class")): "never seen"}
    assert sum(model.predict_row(unseen)["proba"].values()) == pytest.approx(1, abs=1e-5)


def test_sorted_rows_score_like_shuffled_ones(tmp_path):
    scores = {}
    for name, frame in (("sorted", table(600).sort_values("y")), ("shuffled", table(600).sample(frac=1, random_state=0))):
        (tmp_path / name).mkdir()
        frame.to_csv(tmp_path / name / "t.csv", index=False)
        (tmp_path / name / "s.yaml").write_text(HEAD + "models: {include: [logistic_regression]}\n")
        assert call("run", tmp_path / name / "s.yaml", "--out", tmp_path / name / "run").returncode == 0
        scores[name] = json.loads((tmp_path / name / "run" / "evaluation.json").read_text())["score"]
    assert abs(scores["sorted"] - scores["shuffled"]) < 0.12


def test_a_class_that_only_the_test_file_has_decides_nothing_and_is_told(tmp_path):
    table(300).to_csv(tmp_path / "t.csv", index=False)
    table(100, seed=2).assign(y=lambda f: np.where(np.arange(100) < 10, "maybe", f.y)).to_csv(tmp_path / "new.csv", index=False)
    (tmp_path / "s.yaml").write_text(HEAD.replace("data: t.csv", "data: {train: t.csv, test: new.csv}"))
    done = call("run", tmp_path / "s.yaml", "--out", tmp_path / "run")
    assert done.returncode == 0 and "`maybe`" in done.stderr and "10 rows are not scored" in done.stderr, done.stderr
    found = json.loads((tmp_path / "run" / "evaluation.json").read_text())
    assert found["metric"] == "roc_auc" and found["n_scored"] == 90
    assert json.loads((tmp_path / "run" / "artifact" / "manifest.json").read_text())["classes"] == ["no", "yes"]


@pytest.mark.slow
def test_a_hundred_thousand_columns(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 100_000)).astype(np.float32).round(3)).add_prefix("v").assign(y=["yes", "no"] * 100)
    frame.to_parquet(tmp_path / "t.parquet")
    done = call("eda", tmp_path / "t.parquet", "--target", "y", "--out", tmp_path / "eda", "--time", "60s")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "eda" / "eda.html").stat().st_size < 3_000_000


@pytest.mark.slow
def test_a_million_levels_are_not_made_columns(tmp_path):
    rng = np.random.default_rng(0)
    n = 1_000_000
    frame = pd.DataFrame({"a": rng.normal(size=n), "k": [f"k{i}" for i in rng.integers(0, 10**7, n)], "y": rng.choice(["yes", "no"], n)})
    frame.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "s.yaml").write_text(HEAD.replace("t.csv", "t.parquet"))
    done = call("plan", tmp_path / "s.yaml", "--json")
    assert done.returncode == 0, done.stderr
    found = {f["check"]: f["column"] for f in json.loads(done.stdout)["findings"]}
    assert found.get("id_like") == "k" or found.get("high_cardinality") == "k"
