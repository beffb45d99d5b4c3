"""Odd and bad tables under tasks without a label: what is told, what is refused, and that a run and its model take the rest."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import automl
from automl.errors import AutoMLError, DataError, NoModelError, SpecError
from automl.spec.load import read_spec
from automl.unlabelled import prepare

from .test_bad_values import DAYS, NUMBERS, RNG, N, every, odd_everywhere

TASKS = {
    "clustering": "task: {type: clustering}\nmodels: {include: [kmeans]}\n",
    "reduction": "task: {type: dimensionality_reduction, purpose: compress, n_components: 2}\nmodels: {include: [pca, truncated_svd]}\n",
}
each_task = pytest.mark.parametrize("task", TASKS)


def table(n: int = N, **columns) -> pd.DataFrame:
    """Return rows of two numbers and a category, with more columns."""
    rng = np.random.default_rng(1)
    return pd.DataFrame({"a": rng.normal(size=n).round(4), "b": rng.normal(size=n).round(4), "c": rng.choice(["u", "v", "w"], n), **columns})


def ready(folder, frame, task, more=""):
    """Return the state of a run before its search."""
    frame.to_csv(folder / "t.csv", index=False)
    (folder / "s.yaml").write_text(f"data: t.csv\n{TASKS.get(task, task)}constraints: {{time: 20s}}\n{more}")
    return prepare(read_spec(folder / "s.yaml", {}), folder)


HOSTILE = ["__index__", "target", "predict", "class", "cluster", "strength", "c1", "0", "a.b", "a[b]", "<img src=x onerror=alert(1)>", "'", "a,b", "a\nb", "😀"]
ODD = {
    "B064 nothing in a column": (table(x=None), ("constant", "x")),
    "B065 a constant column": (table(x=7), ("constant", "x")),
    "B066 infinite numbers": (table(x=every(40, "inf", NUMBERS)), ("infinite", "x")),
    "B066 a number beyond all floats": (table(x=every(40, "1e999", NUMBERS)), ("infinite", "x")),
    "B067 integers above 2 to the 64": (table(x=[str(2**64 + i % 7) for i in range(N)]), None),
    "B068 words among numbers": (table(x=every(60, "unknown", NUMBERS)), ("mixed_types", "x")),
    "B069 a country called NA": (table(x=["NA", "DE", "FR"] * (N // 3)), None),
    "B070 decimal commas": (table(x=[str(v).replace(".", ",") for v in NUMBERS]), None),
    "B071 dates that cannot be": (table(x=every(48, "2023-02-30", DAYS)), None),
    "B071 years far away": (table(x=every(48, "9999-12-31", every(50, "0001-01-01", DAYS))), None),
    "B072 types mixed": (table(x=[(1, "b", "true", "2024-01-01")[i % 4] for i in range(N)]), None),
    "B074 a level per row": (table(x=[f"k{i:05d}" for i in RNG.permutation(N)]), ("id_like", "x")),
    "B075 hostile names": (table().assign(**{name: RNG.normal(size=N).round(3) for name in HOSTILE}), None),
    "B079 yes and no": (table(x=["Y", "N"] * (N // 2), z=["True", "true", "FALSE"] * (N // 3)), None),
    "B080 sorted rows": (table().sort_values(["c", "a"]), None),
    "B090 a single column": (table()[["a"]], None),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_told_and_becomes_numbers(name, tmp_path):
    """Both tasks see the same matrix, so that one of them is enough here."""
    frame, expected = ODD[name]
    found = ready(tmp_path, frame, "clustering" if frame.shape[1] == 1 else "reduction")
    assert found.view.x.shape[0] == len(frame) and np.isfinite(found.view.x).all() and found.plan.n_features >= 1
    findings = [(f.check, f.column) for f in found.seen.profile.findings]
    assert expected is None or expected in findings, findings


ALIKE = pd.DataFrame({"a": [1.0] * 30, "b": ["x"] * 30})
BAD = {
    "B043 an empty file": ("", "no header"),
    "B044 a header only": ("a,b\n", "no rows"),
    "B045 a long row": ("a,b\n" + "1,2\n" * 30 + "1,2,3\n", "line 32"),
    "B064 nothing anywhere": (pd.DataFrame({"a": [None] * 30, "b": [None] * 30}).to_csv(index=False), "no column is left"),
    "B065 constant columns": (ALIKE.to_csv(index=False), "no column is left"),
    "B076 five rows": (table(5).to_csv(index=False), "at least 20"),
    "B076 one row": (table(1).to_csv(index=False), "at least 20"),
    "B077 one distinct row": (pd.concat([table(1)] * 30).to_csv(index=False), "no column is left"),
}  # fmt: skip


@each_task
@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused_with_a_place(name, task, tmp_path):
    content, words = BAD[name]
    (tmp_path / "t.csv").write_text(content)
    (tmp_path / "s.yaml").write_text(f"data: t.csv\n{TASKS[task]}")
    with pytest.raises(DataError, match=words) as fault:
        automl.run(tmp_path / "s.yaml", out=tmp_path / "run")
    assert fault.value.exit_code == 3 and not (tmp_path / "run").exists() and len(fault.value.render().splitlines()) <= 20


ASKED = {
    "B090 more groups than rows": ("task: {type: clustering, n_clusters: 31}\n", DataError, r"31 groups .*30 rows"),
    "B090 a range beyond the rows": ("task: {type: clustering, n_clusters: {min: 31, max: 40}}\n", DataError, "31 groups"),
    "more columns than there are": ("task: {type: dimensionality_reduction, n_components: 99}\n", DataError, "the table gives"),
    "B025 a column of known groups that is not there": ("task: {type: clustering, compare_with: d}\n", DataError, "`d` is not in t.csv"),
    "B025 a label that is not there": ("task: {type: dimensionality_reduction, target: d}\n", DataError, "`d` is not in t.csv"),
    "B023 a metric of another task": ("task: {type: clustering, metric: roc_auc}\n", SpecError, "silhouette"),
    "a range upside down": ("task: {type: clustering, n_clusters: {min: 5, max: 3}}\n", SpecError, "must rise"),
    "half a group": ("task: {type: clustering, n_clusters: 2.5}\n", SpecError, "whole number"),
    "B029 no number of groups": ("task: {type: clustering, n_clusters: .nan}\n", SpecError, "whole number"),
    "B027 no family left": ("task: clustering\nmodels: {include: [kmeans], exclude: [kmeans]}\n", SpecError, "leave no family"),
    "B027 a family of another task": ("task: clustering\nmodels: {include: [pca]}\n", SpecError, "pca"),
    "B023 a purpose that nobody knows": ("task: {type: dimensionality_reduction, purpose: visualise}\n", SpecError, "visualize"),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_and_cannot_be_is_refused(name, tmp_path):
    task, kind, words = ASKED[name]
    with pytest.raises(kind, match=words) as fault:
        ready(tmp_path, table(30), task)
    assert fault.value.exit_code == (3 if kind is DataError else 2) and re.search(r"s\.yaml:[23]:\d+", fault.value.render())


@pytest.fixture(scope="module", params=TASKS)
def odd_run(request, tmp_path_factory):
    """Return the folder of a run on every odd column at once, under hostile names."""
    folder = tmp_path_factory.mktemp("odd")
    odd_everywhere().drop(columns="y").to_csv(folder / "t.csv", index=False)
    (folder / "s.yaml").write_text(f"data: t.csv\n{TASKS[request.param]}constraints: {{time: 90s, trials: 3}}\n")
    automl.run(folder / "s.yaml", out=folder / "run")
    return folder


def raw(folder) -> pd.DataFrame:
    return pd.read_csv(folder / "t.csv", dtype=str, keep_default_na=False).replace("", None)


def test_a_run_survives_all_of_it_and_places_the_same_rows_alike(odd_run):
    evaluation, model, frame = json.loads((odd_run / "run" / "evaluation.json").read_text()), automl.load(odd_run / "run"), raw(odd_run)
    assert evaluation["n_rows"] == N and evaluation["trials"]["failed"] == 0
    whole = model.predict(frame).to_numpy(dtype=np.float64)
    assert whole.shape[0] == N and np.isfinite(whole).all()
    turned = frame[frame.columns[::-1]].assign(more=1)  # B138
    assert np.allclose(model.predict(turned).to_numpy(dtype=np.float64), whole, atol=1e-5)
    some = [40, 7, 7, 3]  # B144: rows stay in their order, copies too
    assert np.allclose(model.predict(frame.iloc[some]).to_numpy(dtype=np.float64), whole[some], atol=1e-5)


def test_new_rows_that_are_odd_get_an_answer_or_a_reason(odd_run):
    model, frame = automl.load(odd_run / "run"), raw(odd_run)
    empty = pd.DataFrame([dict.fromkeys(frame.columns)] * 3)  # B140
    found = model.predict(empty)
    assert len(found) == 3 and np.isfinite(found.to_numpy(dtype=np.float64)).all()
    unseen = frame.iloc[:2].assign(**{next(c for c in frame if c.startswith("class")): "never seen"})
    assert len(model.predict(unseen)) == 2
    assert len(model.predict(frame.iloc[:0])) == 0  # B141
    with pytest.raises(AutoMLError) as fault:  # B137
        model.predict(frame.drop(columns="a"))
    assert fault.value.exit_code == 3 and "`a`" in str(fault.value)


def test_hostile_names_reach_the_page_as_text(odd_run):
    page = (odd_run / "run" / "report.html").read_text()
    assert "&lt;a&gt;" in page and not re.search(r"<a>\d", page)
    json.loads((odd_run / "run" / "evaluation.json").read_text(), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))  # B120


@pytest.mark.slow
@each_task
def test_time_that_is_too_short_for_a_search_gives_a_result_or_the_reason(task, tmp_path):
    """B096: the least budget, and a table that the search must sample."""
    rng = np.random.default_rng(0)
    pd.DataFrame(rng.normal(size=(8000, 6)).astype(np.float32) + 5 * (np.arange(8000) % 2)[:, None], columns=list("abcdef")).to_parquet(tmp_path / "t.parquet")
    (tmp_path / "s.yaml").write_text(f"data: t.parquet\n{TASKS[task]}constraints: {{time: 10s}}\n")
    try:
        done = automl.run(tmp_path / "s.yaml", out=tmp_path / "run")
    except NoModelError as fault:
        assert fault.exit_code == 4
    else:
        assert done.evaluation["search_rows"] < 8000 == done.evaluation["n_rows"]
        kept = pd.read_parquet(tmp_path / "run" / ("labels.parquet" if task == "clustering" else "embedding.parquet"))
        assert len(kept) == 8000 and np.isfinite(kept.to_numpy(dtype=np.float64)).all()
