"""The report of a reduction in words."""

import pytest

from automl.report.reduction import curve_view, reduction_view

EVALUATION = {
    "n_components": 2, "family": "tsne", "n_features": 40, "objective": "a map", "metric": "map_quality", "score": 0.95, "baseline_score": 0.9,
    "greater_is_better": True, "places": False,
    "evidence": {
        "objective": "the mean of trustworthiness", "because": "a map is drawn on paper", "fidelity": {"way": "neighbours", "r2": 0.97, "neighbours": 0.8},
        "dimensions": {"intrinsic_dimension": 3.31, "pca_share": [0.5, 0.8, 0.9], "pca_components": {"80%": 2, "95%": 7}},
        "curve": {"pca": [0.5, 0.3, 0.2], "autoencoder": {"1": 0.4, "3": 0.1}},
    },
}  # fmt: skip
MAP = {"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0]}
EXPLANATION = {
    "maps": [{**MAP, "family": None, "colour": {"column": "k", "kind": "category", "levels": ["a", "b"], "codes": [0, 1, -1]}},
             {**MAP, "family": "pca", "scores": {"trustworthiness": 0.91234}, "colour": {"column": "k", "kind": "number", "values": [1.0, None, 3.0]}}],
    "components": 2, "colour": "k", "loadings": [{"component": "c1", "columns": [{"column": "size", "correlation": -0.5}]}],
    "lost": {"variance": 0.05, "way_back": "linear", "neighbours": 0.2, "columns": [{"column": "size", "lost": 0.3}, {"column": "none", "lost": 0.0}]},
}  # fmt: skip


def test_the_verdict_and_how_far_to_trust_it():
    view = reduction_view(EVALUATION, EXPLANATION, {})["verdict"]
    assert view["headline"] == "2 columns by t-SNE" and "of 40" in view["sentence"] and "PCA 0.9" in view["score"] and view["trust"]["light"] == "green"
    assert "97%" in view["trust"]["reasons"][1]


@pytest.mark.parametrize(("change", "light"), [({"score": 0.8}, "amber"), ({"evidence": {"fidelity": {"r2": 0.4}}}, "amber"), ({"places": True}, "green")])
def test_doubts_turn_the_light(change, light):
    assert reduction_view({**EVALUATION, **change}, EXPLANATION, {})["verdict"]["trust"]["light"] == light


def test_a_comparison_without_an_interval_says_so():
    first = reduction_view(EVALUATION, EXPLANATION, {})["verdict"]["trust"]["reasons"][0]
    assert "0.95" in first and "PCA with as many columns" in first and "without an interval" in first and "best of those tried" in first


def test_what_was_compared_with_nothing_is_not_trusted():
    found = reduction_view({**EVALUATION, "places": True}, EXPLANATION, {"counts": {"complete": 0}})["verdict"]["trust"]
    assert found["light"] == "red" and "No trial finished" in found["reasons"][0] and "without an interval" not in " ".join(found["reasons"])
    assert reduction_view(EVALUATION, EXPLANATION, {"counts": {"complete": 3}})["verdict"]["trust"]["light"] == "green"


def test_maps_stand_side_by_side_with_one_legend_and_their_numbers():
    view = reduction_view(EVALUATION, EXPLANATION, {})["map"]
    assert [m["name"] for m in view["maps"]] == ["t-SNE", "PCA"] and view["maps"][1]["chart"]["caption"] == "trustworthiness 0.912"
    assert [entry["name"] for entry in view["legend"]] == ["other or missing", "a", "b"] and not view["maps"][0]["chart"]["legend"]
    assert sum(m["path"].count("M") for m in view["maps"][0]["chart"]["marks"]) == 3
    assert view["maps"][0]["chart"]["table"]["rows"][0] == ["a", "0", "0"] and view["maps"][0]["chart"]["label"] == "Map of 3 rows by t-SNE, coloured by k"


def test_numbers_are_shades_in_their_order():
    maps = [{"x": [0.0] * 71, "y": [0.0] * 71, "family": None, "colour": {"column": "k", "kind": "number", "values": [float(i) for i in range(70)] + [None]}}]
    legend = reduction_view(EVALUATION, {**EXPLANATION, "maps": maps}, {})["map"]["legend"]
    assert [entry["look"] for entry in legend] == ["dot noise", *(f"dot s{i}" for i in range(7))] and legend[1]["name"].startswith("0 to ")


def test_the_curve_has_a_line_per_method_and_the_reason():
    view = curve_view(EVALUATION)
    assert view["sentences"][0] == "2 columns: a map is drawn on paper." and "2 for 80%" in view["sentences"][1] and "about 3.3 dimensions" in view["dimension"]
    chart = view["charts"][0]["chart"]
    assert [entry["name"] for entry in chart["legend"]] == ["PCA", "autoencoder"] and len(view["charts"]) == 2 and "2 was chosen" in chart["label"]
    bare = curve_view({**EVALUATION, "evidence": {}})
    assert bare == {"sentences": [], "charts": [], "dimension": None}


def test_what_is_lost_and_what_is_followed():
    view = reduction_view(EVALUATION, EXPLANATION, {})
    assert view["columns"][0]["bars"][0]["left"] == 25 and view["columns"][0]["bars"][0]["width"] == 25
    assert [c["column"] for c in view["lost"]["columns"]] == ["size"] and "best linear way back" in view["lost"]["sentences"][0]
