import pytest

from automl.report.eda_columns import DRAWN, LISTED, OPEN, OPEN_COMPACT, columns_part, strengths
from automl.report.eda_geometry import GREY

from .looks import finding, mixed_profile


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return mixed_profile(tmp_path_factory.mktemp("columns"))


def _column(name="x", **changes):
    return {"name": name, "kind": "category", "missing": 0, "missing_share": 0.0, "distinct": 2, "top": [["a", 30], ["b", 10]], **changes}


def _part(*columns, compact=False, colours=None, **more):
    return columns_part({"columns": list(columns), "findings": [], **more}, colours or {}, compact=compact)


def test_columns_are_ranked_by_what_they_tell(profile):
    part = columns_part(profile, {"no": 0, "yes": 1}, compact=False)
    told = [c["strength"] for c in part["open"]]
    assert part["ranked"] and told == sorted(told, reverse=True) and part["count"] == len(profile["columns"]) == len(part["lines"])
    assert {c["name"] for c in part["open"]} == {"size", "colour", "comment", "day"}


def test_without_a_target_columns_stand_as_in_the_table(tmp_path):
    profile = mixed_profile(tmp_path, None)
    part = columns_part(profile, {}, compact=False)
    assert not part["ranked"] and [c["name"] for c in part["open"]] == [c["name"] for c in profile["columns"]]
    assert all(len(c["chart"]["paths"]) == 1 for c in part["open"] if c["chart"])


def test_a_number_has_one_shape_per_class_and_a_table_of_its_counts(profile):
    size = next(c for c in columns_part(profile, {"no": 0, "yes": 1}, compact=False)["open"] if c["name"] == "size")
    own = next(c for c in profile["columns"] if c["name"] == "size")
    chart = size["chart"]
    assert sorted(p["colour"] for p in chart["paths"]) == [0, 1] and chart["by_class"] and len(chart["table"]["rows"]) == len(own["histogram"])
    first = own["by_class"][0]["counts"]
    assert [row[1] for row in chart["table"]["rows"]] == [f"{n:,}" for n in first] and chart["table"]["head"][0] == own["by_class"][0]["class"]
    assert {f["label"] for f in size["facts"]} >= {"median", "mean", "sd"} and size["missing_share"].endswith("%")


def test_a_short_form_has_no_tables(profile):
    part = columns_part(profile, {}, compact=True)
    assert all(c["chart"]["table"] is None for c in part["open"] if c["chart"]) and part["lines"] == []


def test_a_level_is_divided_by_class_and_of_two_classes_the_rarer_has_its_share():
    c = _column(by_class=[{"class": "no", "counts": [20, 10]}, {"class": "yes", "counts": [10, 0]}])
    classes = [{"label": "no", "rows": 30, "share": 0.75}, {"label": "yes", "rows": 10, "share": 0.25}]
    levels = _part(c, colours={"no": 0, "yes": 1}, classes=classes)["open"][0]["levels"]
    assert levels["rated"] == {"label": "yes", "colour": 1}
    assert [(b["share"], b["rate"], [s["width"] for s in b["segments"]]) for b in levels["bars"]] == [("75 %", "33 %", [66.7, 33.3]), ("25 %", "0 %", [33.3])]


def test_rows_of_classes_without_a_colour_are_grey():
    c = _column(by_class=[{"class": "no", "counts": [20, 10]}])
    classes = [{"label": str(i), "rows": 1, "share": 0.1} for i in range(9)]
    levels = _part(c, colours={"no": 0}, classes=classes)["open"][0]["levels"]
    assert levels["rated"] is None and [s["colour"] for s in levels["bars"][0]["segments"]] == [0, GREY]


def test_levels_that_are_not_drawn_are_counted():
    c = _column(top=[[f"l{i}", 10] for i in range(10)], distinct=25, others={"levels": 15, "rows": 50})
    levels = _part(c)["open"][0]["levels"]
    assert len(levels["bars"]) + levels["more"] == 25 and levels["more_rows"] == "80" and levels["more_share"] == "53 %"


@pytest.mark.parametrize(
    ("column", "words"),
    [(_column(distinct=0, top=[]), "No value at all."), (_column(distinct=99, top=[]), "No level has five rows or more, so none is named.")],
)
def test_what_cannot_be_drawn_says_why(column, words):
    card = _part(column)["open"][0]
    assert card["note"] == words and card["chart"] is None and card["levels"] is None


def test_tails_that_are_not_drawn_are_counted():
    number = _column(
        kind="number", top=[], distinct=30, histogram=[1, 2], edges=[0.0, 1.0, 2.0], below=2, above=1, min=-9.0, median=1.0, max=99.0, mean=1.0, std=1.0
    )
    assert _part(number)["open"][0]["chart"]["beyond"] == "3 rows beyond this range are not drawn"


def test_many_columns_are_drawn_up_to_a_number_and_the_flagged_ones_beyond():
    names = [f"c{i}" for i in range(LISTED + 10)]
    found = [finding("drift", (names[1500],), "warn"), finding("drift", (names[1600],), "fix")]
    part = _part(*(_column(n) for n in names), findings=found)
    drawn = [*part["open"], *part["folded"]]
    assert len(part["open"]) == OPEN and len(drawn) == DRAWN + 1 and drawn[-1]["name"] == names[1500] and part["flagged"] == 1
    assert len(part["lines"]) == LISTED and part["more"] == 10 and part["not_drawn"] == len(names) - len(drawn)
    assert len(_part(*(_column(n) for n in names[:40]), compact=True)["open"]) == OPEN_COMPACT


def test_a_card_shows_what_checks_found_but_not_what_it_shows_itself():
    found = [finding(columns=("x",)), finding("skew_outliers", ("x",))]
    assert [f["words"] for f in _part(_column(), findings=found)["open"][0]["flags"]] == ["long tails"]


def test_masked_values_are_not_in_the_list():
    part = _part(_column(masked=True, top=[["[masked]", 10]]), _column("y"))
    assert part["lines"][0]["summary"] == "masked: personal data" and part["lines"][1]["summary"] == "a (30), b (10)"


def test_what_a_column_tells_is_read_from_wherever_it_stands():
    profile = {
        "columns": [_column("a", association=0.4), _column("b"), _column("c"), _column("d")],
        "relations": {"target": [{"column": "b", "auc": 0.8, "nmi": 0.1}, {"column": "d", "auc": None, "nmi": 0.0}]}, "text": {"columns": [{"column": "c", "auc": 0.9}]},
    }  # fmt: skip
    assert {k: round(v, 3) for k, v in strengths(profile).items()} == {"a": 0.4, "b": 0.6, "c": 0.8, "d": 0.0}
