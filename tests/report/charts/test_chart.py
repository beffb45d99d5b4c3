from automl.report.charts import chart, dot, line, linear, rect, rule
from automl.report.charts.chart import LETTER


def _chart(**changes):
    x, y = linear([0.0, 1.0], 420), linear([0.1234, 0.1239], 220, flipped=True)
    return chart("id", "what it says", x, y, [dot(1, 2)], ("a", "b"), [("1", "2")], **{"x_title": "time", **changes})


def test_the_box_leaves_room_for_the_longest_label():
    found = _chart()
    left = -float(found["box"].split()[0])
    assert left >= LETTER * max(len(text) for _, text in found["y_ticks"]) and float(found["box"].split()[2]) > 420 + left


def test_the_table_has_as_many_cells_as_its_head():
    found = _chart()
    assert all(len(row) == len(found["table"]["head"]) for row in found["table"]["rows"])


def test_a_picture_without_a_vertical_axis_has_no_ticks_there():
    x = linear([0.0, 1.0], 420)
    assert chart("id", "l", x, None, [], ("a",), [], x_title="t")["y_ticks"] == []


def test_marks_keep_what_they_are_given():
    assert line([(1, 2), (3.5, 4)], "c1")["points"] == "1,2 3.5,4"
    assert rect(0, 0, 1.23456, 2, "c0", "tip")["width"] == 1.23 and rect(0, 0, 1, 1, "c0", "tip")["tip"] == "tip"
    assert rule(0, 1, 2, 3)["look"] == "dashed"
