"""The report of a clustering in words."""

import pytest

from automl.report.clusters import clusters_view

EVALUATION = {
    "n_clusters": 2, "family": "kmeans", "structure": True, "noise_share": 0.1, "score": 0.7, "baseline_score": 0.6, "metric": "silhouette", "metric_summary": "",
    "agreement": 0.99, "n_rows": 100, "evidence": {"stability": 0.95},
}  # fmt: skip
EXPLANATION = {
    "clusters": [
        {"cluster": 0, "rows": 50, "share": 0.5, "strength": 0.9, "differs": [
            {"column": "size", "kind": "number", "mean": 4.0, "of_all": 2.0, "gap": 1.7, "weight": 1.7},
            {"column": "day", "kind": "date", "mean": 1.7e9, "of_all": 1.6e9, "gap": -0.8, "weight": 0.8},
            {"column": "shade", "kind": "category", "level": "<b>dark", "share": 0.9, "of_all": 0.3, "weight": 1.8}]},
        {"cluster": 1, "rows": 40, "share": 0.4, "strength": 0.8, "differs": []},
    ],
    "noise_rows": 10, "map": {"x": [0.0, 1.0], "y": [0.0, 1.0], "cluster": [0, -1], "variance": 0.8},
    "rules": {"right": 0.93, "rows": 90, "rules": [{"cluster": 0, "rows": 50, "pure": 0.98, "conditions": ["size above 3", "shade is dark"]}]},
    "odd_rows": {"rows": [{"row": 7, "cluster": 0, "factor": 3.0, "distance": None}], "count": 1, "looked_at": 90},
    "known": {"column": "k", "rows": 90, "n_groups": 2, "adjusted_rand": 0.6, "adjusted_mutual_information": 0.5, "groups": ["a", "b"], "clusters": [0, -1],
              "table": [[1, 2], [3, 4]]},
}  # fmt: skip


def test_the_verdict_counts_groups_and_says_what_is_in_none():
    view = clusters_view(EVALUATION, EXPLANATION, {})
    assert view["verdict"]["headline"] == "2 groups" and "10.0% of the rows are in no group" in view["verdict"]["sentence"]
    assert view["verdict"]["trust"]["light"] == "green" and "k-means 0.6" in view["verdict"]["score"] and view["noise"].startswith("10 rows")


@pytest.mark.parametrize(
    ("change", "light"),
    [({"structure": False}, "red"), ({"evidence": {"stability": 0.7}}, "amber"), ({"evidence": {"stability": 0.2}}, "red"), ({"agreement": 0.5}, "amber")],
)
def test_doubts_turn_the_light(change, light):
    assert clusters_view({**EVALUATION, **change}, EXPLANATION, {})["verdict"]["trust"]["light"] == light


def test_no_structure_is_said_first():
    view = clusters_view({**EVALUATION, "structure": False}, EXPLANATION, {})["verdict"]
    assert view["headline"] == "No clear groups" and view["big"] == "–"


def test_groups_are_described_in_words():
    first, second = clusters_view(EVALUATION, EXPLANATION, {})["clusters"]
    assert first["says"] == ["size much higher: 4 (all rows 2)", "day earlier", "shade is <b>dark in 90% (of all rows 30%)"] and second["says"] == []


def test_rules_map_odd_rows_and_known_groups():
    view = clusters_view(EVALUATION, EXPLANATION, {})
    assert view["rules"]["rules"][0]["words"] == "size above 3 and shade is dark" and "93%" in view["rules"]["sentence"]
    assert [k["name"] for k in view["map"]["key"]] == ["in no group", "group 0"] and view["odd"]["rows"][0]["row"] == 7
    assert "Adjusted Rand index 0.60" in view["known"]["sentence"] and view["known"]["clusters"] == ["0", "none"]


def test_parts_that_were_left_out_are_left_out():
    view = clusters_view(EVALUATION, {**EXPLANATION, "rules": None, "odd_rows": None, "known": None}, {})
    assert view["rules"] is None and view["odd"] is None and view["known"] is None
