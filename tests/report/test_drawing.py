"""Places on the charts of tasks without a label."""

import re

from automl.report.drawing import dendrogram, lines, scatter, shades


def test_a_map_has_a_layer_per_group_and_all_points_inside():
    found = scatter([0, 1, 2, 3], [5, 5, 7, 9], [0, -1, 9, 0], 100, 50)
    assert [(layer["group"], layer["colour"], layer["points"]) for layer in found["layers"]] == [(-1, "noise", 1), (0, "c0", 2), (9, "c7", 1)]
    places = [tuple(map(float, p)) for layer in found["layers"] for p in re.findall(r"M([\d.]+) ([\d.]+)h0", layer["path"])]
    assert len(places) == 4 and all(0 < x < 100 and 0 < y < 50 for x, y in places)


def test_a_map_of_one_place_or_none():
    assert scatter([1, 1], [2, 2], [0, 0])["layers"][0]["points"] == 2 and scatter([], [], [])["layers"] == []


def test_shades_are_filled_alike():
    found = shades([float(i) for i in range(70)] + [None])
    assert found[-1] == -1 and sorted(set(found[:-1])) == list(range(7)) and all(found.count(s) in range(8, 13) for s in range(7))
    assert shades([None, None]) == [-1, -1]


def test_curves_share_their_axes():
    found = lines({"a": [(2, 0.1), (4, 0.5)], "b": [(3, 0.9)], "c": [(2, 0.3), (4, 0.2)]}, chosen=3, width=100, height=50)
    assert [line["name"] for line in found["lines"]] == ["a", "c"] and found["chosen"] == 50 and found["x_ticks"] == [(0, "2"), (50, "3"), (100, "4")]
    assert lines({"a": [(2, 0.1)]}) is None and lines({}) is None and lines({"a": [(1, 2), (2, 2)]}, chosen=9)["chosen"] is None


def test_a_tree_of_merges_crosses_no_lines():
    found = dendrogram([[0, 2, 1.0, 2], [1, 3, 2.0, 2], [4, 5, 5.0, 4]], 100, 60)
    assert found["leaves"] == 4 and {frozenset(found["order"][:2]), frozenset(found["order"][2:])} == {frozenset({0, 2}), frozenset({1, 3})}
    assert found["path"].count("M") == 3 and dendrogram([]) is None
