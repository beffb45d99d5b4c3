"""The six messages of the design print as they were drawn, in substance."""

import pytest

from automl.spec.load import load


def shown(tmp_path, text: str, header: str = "") -> str:
    from automl.spec.diagnostics import render_all

    path = tmp_path / "churn.yaml"
    path.write_text(text)
    if header:
        (tmp_path / "customers.csv").write_text(header)
    loaded = load(path, with_data=bool(header))
    return render_all(loaded.found, loaded.text)


CASES = {
    "a key that belongs elsewhere": (
        "version: 1\ndata:\n  train: customers.csv\n  seperator: ';'\ntask: {type: classification, target: churned}\n", "",
        ["error[S101]: unknown key `seperator` in `data`", "churn.yaml:4:3", "^^^^^^^^^ did you mean `data.csv.separator`?", "fix: csv: {separator: ';'}",
         "automl fmt --fix does it", "keys of `data`: train, test, rows, builtin, csv, sql, columns"],
    ),
    "a task type": (
        "version: 1\ntask:\n  type: Classifcation\n  target: churned\ndata: customers.csv\n", "",
        ["error[S103]: `Classifcation` is not a task type", "churn.yaml:3:9", "^^^^^^^^^^^^^ did you mean `classification`?",
         "clustering                groups of similar rows", "dimensionality_reduction  fewer columns, same structure"],
    ),
    "a key of another task": (
        "data: customers.csv\n\ntask:\n  type: classification\n  target: churned\n  n_clusters: 3\n", "",
        ["error[S107]: `n_clusters` is not used by `type: classification`", "this task has no n_clusters", "-----", "^^^^^^^^^^", "is used by `type: clustering`"],
    ),
    "a key set twice": (
        "version: 1\ndata: customers.csv\ntask:\n  target: churned\n  type: classification\nseed: 1\nseed: 2\n", "",
        ["error[Y012]: key `seed` is set twice", "first set here", "second value", "YAML does not merge them"],
    ),
    "an alias that was meant as text": (
        "data:\n  train: *.csv\ntask: {type: classification, target: churned}\n", "",
        ["error[Y009]: `*.csv` is an alias to YAML", "churn.yaml:2:10", "^^^^^ quote it", 'fix: train: "*.csv"'],
    ),
    "a column and a word": (
        "data: customers.csv\ntask:\n  type: classification\n  target: churn\n  positive_class: no\n", "customer_id,churned,plan,city\n1,no,a,b\n",
        ["error[D301]: column `churn` is not in customers.csv", "churn.yaml:4:11", "did you mean `churned`?", "fix: automl run churn.yaml --set task.target=churned",
         "4 columns: customer_id, churned, plan, city", "warning[W202]: `no` is text here", "1 error, 1 warning. Nothing was run."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_message(name, tmp_path):
    text, header, words = CASES[name]
    found = shown(tmp_path, text, header)
    for word in words:
        assert word in found, found
    assert len(found.splitlines()) <= 24 and "pydantic" not in found and "Input should" not in found
