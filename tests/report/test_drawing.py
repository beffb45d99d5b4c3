"""Places on the pictures of tasks without a label."""

import re

from automl.report.drawing import GROUPS, POINTS, TABLE, dendrogram, group_look, lines, scatter, shade_of, shades

NAMES = {-1: "in no group", 0: "group 0", 9: "group 9", 40: "group 40"}


def drawn(xs, ys, groups, **more):
    return scatter("map", "a map", xs, ys, groups, NAMES, **more)


def test_a_map_has_a_path_per_group_the_grey_one_first_and_all_points_inside():
    found = drawn([0, 1, 2, 3, 4], [5, 5, 7, 9, 9], [0, -1, 9, 0, 40], width=100, height=50)
    assert [m["look"] for m in found["marks"]] == ["points noise", "points c0", "points c2 square", "points c7"]
    places = [tuple(map(float, p)) for m in found["marks"] for p in re.findall(r"M([\d.]+) ([\d.]+)h0", m["path"])]
    assert len(places) == 5 and all(0 < x < 100 and 0 < y < 50 for x, y in places)
    assert [entry["name"] for entry in found["legend"]] == ["in no group", "group 0", "group 9", "group 40"]


def test_a_map_has_one_scale_in_both_directions():
    places = re.findall(r"M([\d.]+) ([\d.]+)h0", drawn([0, 10, 0], [0, 0, 1], [0, 0, 0], width=400, height=300)["marks"][0]["path"])
    (a, b), (c, _), (_, f) = (tuple(map(float, p)) for p in places)
    assert abs((c - a) / 10 - (b - f)) < 0.11  # a unit across is a unit up, to the last digit written


def test_groups_are_told_apart_by_hue_and_shape():
    looks = [group_look(g) for g in range(GROUPS)]
    assert len(set(looks)) == GROUPS >= 14 and group_look(GROUPS) == group_look(99) == "c7" and group_look(-1) == "noise"


def test_the_table_of_a_map_has_its_first_points_and_says_so():
    found = drawn([float(i) for i in range(300)], [0.5] * 300, [0] * 300, what="kind")["table"]
    assert found["head"] == ["kind", "across", "up"] and len(found["rows"]) == TABLE and found["rows"][1] == ["group 0", "1", "0.5"]
    assert found["note"] == "The first 100 of 300 points." and drawn([1.0], [2.0], [0])["table"]["note"] == ""


def test_a_map_of_one_place_or_none():
    assert drawn([1, 1], [2, 2], [0, 0])["marks"][0]["path"].count("M") == 2 and drawn([], [], [])["marks"] == []


def test_shades_are_filled_alike():
    found = shades([float(i) for i in range(70)] + [None])
    assert found[-1] == -1 and sorted(set(found[:-1])) == list(range(7)) and all(found.count(s) in range(8, 13) for s in range(7))
    assert shades([None, None]) == [-1, -1] and shade_of(-1) == "noise" and shade_of(3) == "s3"


def curves(series, chosen=None):
    return lines("curve", "error", "number of groups", series, chosen)


def test_curves_share_their_axes_and_have_a_table_of_all():
    found = curves({"a": [(2, 0.1), (4, 0.5)], "b": [(3, 0.9)], "c": [(2, 0.3), (3, 0.4), (4, 0.2)]}, chosen=3)
    assert [entry["name"] for entry in found["legend"]] == ["a", "c"] and [text for _, text in found["x_ticks"]] == ["2", "3", "4"]
    assert found["table"]["head"] == ["number of groups", "a", "c"] and found["table"]["rows"] == [["2", "0.1", "0.3"], ["3", "–", "0.4"], ["4", "0.5", "0.2"]]
    (chosen,) = [m for m in found["marks"] if m["kind"] == "rule"]
    assert chosen["x1"] == found["x_ticks"][1][0] and "3 was chosen" in found["label"]


def test_no_curve_of_one_place_and_no_line_where_the_chosen_one_is_beyond():
    assert curves({"a": [(2, 0.1)]}) is None and curves({}) is None
    assert not [m for m in curves({"a": [(1, 2), (2, 2)]}, chosen=9)["marks"] if m["kind"] == "rule"]


def test_a_long_curve_is_thinned_and_its_ends_stay():
    found = curves({"PCA": [(float(i), i / 1000) for i in range(1, 1001)]})
    rows = found["table"]["rows"]
    assert len(rows) == POINTS and (rows[0][0], rows[-1][0]) == ("1", "1000") and found["table"]["note"] == f"{POINTS} of 1000 points, as drawn."
    ticks = [int(text) for _, text in found["x_ticks"]]
    assert len(ticks) <= 9 and all(t % 100 == 0 for t in ticks[1:])


def test_a_tree_of_merges_crosses_no_lines_and_names_its_leaves():
    found = dendrogram([[0, 2, 1.0, 2], [1, 3, 2.0, 2], [4, 5, 5.0, 4]], {0: 1, 1: 1, 2: 1, 3: 1})
    order = [text.split()[0] for _, text in sorted(found["x_ticks"])]
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset("02"), frozenset("13")} and "(1 row)" in found["x_ticks"][0][1]
    assert found["marks"][0]["path"].count("M") == 3 and dendrogram([]) is None
    assert found["table"]["rows"][-1] == ["join 3", "join 1 and join 2", "5", "4"]
