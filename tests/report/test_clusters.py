"""The report of a clustering in words."""

import pytest

from automl.report.clusters import clusters_view

EVALUATION = {
    "n_clusters": 2, "family": "kmeans", "structure": True, "noise_share": 0.1, "score": 0.7, "baseline_score": 0.6, "metric": "silhouette", "metric_summary": "",
    "agreement": 0.99, "n_rows": 100, "evidence": {"stability": 0.95},
}  # fmt: skip
EXPLANATION = {
    "clusters": [
        {"cluster": 0, "rows": 50, "share": 0.5, "strength": 0.9, "words": [{"text": "`size` is far higher: 4 in the middle, 2 elsewhere"}, {"text": "a\u202eb"}],
         "rule": {"text": "`size` > 3", "precision": 0.98, "recall": 0.9}},
        {"cluster": 1, "rows": 40, "share": 0.4, "strength": 0.8, "words": [], "rule": None},
    ],
    "noise_rows": 10, "map": {"points": [[0.0, 0.0], [1.0, 1.0]], "clusters": [0, -1], "share": 0.8}, "tree": {"leaves": [0, 1], "merges": [[0, 1, 1.0, 90]]},
    "odd_rows": {"rows": [{"row": 7, "cluster": 0, "factor": 3.0, "distance": None}], "looked_at": 90},
    "known": {"column": "k", "rows": 90, "n_groups": 2, "adjusted_rand": 0.6, "adjusted_mutual_information": 0.5, "groups": ["a", "b"], "clusters": [0, -1],
              "table": [[1, 2], [3, 4]]},
}  # fmt: skip


def test_the_verdict_counts_groups_and_says_what_is_in_none():
    view = clusters_view(EVALUATION, EXPLANATION, {})
    assert view["verdict"]["headline"] == "2 groups" and "10.0% of the rows are in no group" in view["verdict"]["sentence"]
    assert view["verdict"]["trust"]["light"] == "green" and "k-means 0.6" in view["verdict"]["score"] and view["noise"].startswith("10 rows")


@pytest.mark.parametrize(
    ("change", "light"),
    [
        ({"structure": False}, "red"),
        ({"evidence": {"stability": 0.95, "dip": {"p": 0.17}}}, "amber"),
        ({"evidence": {"dip": {"p": 0.001}}}, "green"),
        ({"evidence": {"stability": 0.7}}, "amber"),
        ({"evidence": {"stability": 0.2}}, "red"),
        ({"agreement": 0.5}, "amber"),
    ],
)
def test_doubts_turn_the_light(change, light):
    assert clusters_view({**EVALUATION, **change}, EXPLANATION, {})["verdict"]["trust"]["light"] == light


@pytest.mark.parametrize(("agreement", "light"), [(0.97, "green"), (0.3, "amber")])
def test_new_rows_are_said_to_be_placed_and_how_alike(agreement, light):
    evidence = {"stability": 0.95, "placed": {"by": "the nearest centre"}, "new_rows": {"rows": 1000, "agreement": agreement}}
    trust = clusters_view({**EVALUATION, "evidence": evidence}, EXPLANATION, {})["verdict"]["trust"]
    said = trust["reasons"][-1]
    assert trust["light"] == light and "the nearest centre. Of 1,000 rows a model" in said and f"with an agreement of {agreement:.2f}" in said


def test_a_test_that_speaks_against_groups_is_told_first():
    told = clusters_view({**EVALUATION, "evidence": {"dip": {"p": 0.17}}}, EXPLANATION, {})["verdict"]["trust"]["reasons"]
    assert "one heap (p 0.17)" in told[0]


def test_a_doubt_does_not_lift_a_graver_one():
    evaluation = {**EVALUATION, "evidence": {"dip": {"p": 0.17}}, "fresh_process": {"agrees": False, "why": "it did not load"}}
    assert clusters_view(evaluation, EXPLANATION, {})["verdict"]["trust"]["light"] == "red"


def test_plain_k_means_is_not_set_beside_itself():
    assert "k-means itself" in clusters_view({**EVALUATION, "score": 0.6}, EXPLANATION, {})["verdict"]["score"]


def test_no_structure_is_said_first():
    view = clusters_view({**EVALUATION, "structure": False}, EXPLANATION, {})["verdict"]
    assert view["headline"] == "No clear groups" and view["big"] == "–"


def test_groups_are_described_in_words_that_can_be_read():
    first, second = clusters_view(EVALUATION, EXPLANATION, {})["clusters"]
    assert first["says"] == ["`size` is far higher: 4 in the middle, 2 elsewhere", "a‹202E›b"] and first["rule"]["text"] == "`size` > 3"
    assert second["says"] == [] and second["rule"] is None


def test_map_odd_rows_tree_and_known_groups():
    view = clusters_view(EVALUATION, EXPLANATION, {})
    assert (
        [k["name"] for k in view["map"]["chart"]["legend"]] == ["in no group", "group 0"]
        and view["odd"]["rows"][0]["row"] == 7
        and view["why"]["tree"]["x_ticks"][0][1] == "0 (50 rows)"
    )
    assert "Adjusted Rand index 0.60" in view["known"]["sentence"] and view["known"]["clusters"] == ["0", "none"]


def test_parts_that_were_left_out_are_left_out():
    view = clusters_view(EVALUATION, {**EXPLANATION, "odd_rows": None, "known": None}, {})
    assert view["odd"] is None and view["known"] is None
