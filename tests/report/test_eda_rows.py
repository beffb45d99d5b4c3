import pytest

from automl.report.eda_rows import LISTED, dates_part, drift_part, outliers_part

from .looks import mixed_profile


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return mixed_profile(tmp_path_factory.mktemp("rows"))


def test_dates_are_a_timeline_with_a_table_and_facts(profile):
    day = dates_part(profile, {"no": 0, "yes": 1})["columns"][0]
    periods = profile["dates"]["columns"][0]["periods"]
    assert len(day["bars"]) == len(day["table"]) == len(periods["counts"]) and max(day["bars"]) == 1.0 and day["unit"] == periods["unit"]
    facts = {f["label"]: f["value"] for f in day["facts"]}
    assert facts["told to the"] == "day" and facts["usual step"].rstrip("s").endswith("day") and "from" in facts["largest gap"] and "in the future" not in facts
    assert [line["colour"] for line in day["drift"]["lines"]] in ([0, 1], [1, 0]) and day["drift"]["words"]


@pytest.mark.parametrize(
    ("change", "label", "value"),
    [
        ({"order": "ascending"}, "order", "the rows are in its order"), ({"order": "none", "order_correlation": -0.8}, "order", "rank correlation with the row number −0.80"),
        ({"order": "none", "order_correlation": 0.01}, "order", "unrelated to that of the rows"), ({"future": 3, "future_share": 0.1}, "in the future", "3 (10 %)"),
        ({"granularity": "fraction"}, "told to the", "fraction of a second"),
    ],
)  # fmt: skip
def test_what_is_odd_about_dates_is_told(profile, change, label, value):
    found = profile["dates"]["columns"][0] | change
    assert {f["label"]: f["value"] for f in dates_part({"dates": {"columns": [found]}}, {})["columns"][0]["facts"]}[label] == value


def test_dates_that_were_not_looked_at_say_why():
    part = dates_part({"dates": {"columns": [{"column": "d", "rows": 0}], "columns_skipped": "the time ran out after 1 of 2 dates"}}, {})
    assert part["columns"] == [{"name": "d", "note": "it has no date."}] and part["note"] == "the time ran out after 1 of 2 dates"
    assert dates_part({"dates": {"skipped": "no time"}}, {}) == {"note": "Dates were not looked at: no time.", "columns": []}
    assert dates_part({}, {}) == {"note": "", "columns": []}


def test_outliers_are_bars_and_rows():
    columns = [{"column": f"c{i}", "rows": 20 - i, "share": (20 - i) / 100} for i in range(21)]
    lof = {
        "share": 0.05,
        "factor": 1.5,
        "rows": 100,
        "columns": 3,
        "top": [{"row": 7, "factor": 2.5, "columns": ["c1"]}, {"row": 8, "factor": 1.2, "columns": []}],
    }
    part = outliers_part({"outliers": {"columns": columns, "lof": lof}})
    assert len(part["bars"]) == LISTED and part["more"] == 20 - LISTED and part["bars"][0]["width"] == 100.0
    assert part["rows"] == [{"row": 7, "factor": "2.5", "columns": ["c1"]}] and part["lof"].startswith("5.0 % of 100 rows")


def test_outliers_that_were_not_looked_for_say_why():
    assert outliers_part({})["note"] == "Outliers were not looked at."
    assert "no numbers" in outliers_part({"outliers": {"columns": [], "lof": {"skipped": "x"}}})["note"]
    part = outliers_part({"outliers": {"columns": [{"column": "a", "rows": 0, "share": 0.0}], "lof": {"skipped": "fewer than 60 rows"}}})
    assert part["bars"] == [] and part["lof"] == "Rows far from all others were not looked for: fewer than 60 rows."


def _moved(psi, chance=0.02, **more):
    return {"column": "c", "psi": psi, "psi_by_chance": chance, "distance": 0.1, **more}


@pytest.mark.parametrize(
    ("psi", "chance", "word"), [(0.05, 0.01, "alike"), (0.15, 0.06, "unsure"), (0.15, 0.04, "moved"), (0.3, 0.02, "moved"), (0.3, 0.4, "alike")]
)
def test_a_column_has_moved_beyond_the_usual_bound_and_beyond_chance(psi, chance, word):
    part = drift_part({"drift": {"columns": [_moved(psi, chance)]}})
    assert part["rows"][0]["word"] == word and part["moved"] == (word == "moved") and ("1 of 1 pass" in part["sentence"]) == (word == "unsure")


def test_levels_of_test_rows_alone_are_named():
    part = drift_part({"drift": {"columns": [_moved(0.3, unseen={"levels": 2, "rows": 9, "named": [["new", 7]]})]}})
    assert (
        part["rows"][0]["unseen"] == "2 levels in 9 test rows only: new"
        and part["sentence"] == "1 column has moved far: a stability index above 0.1, and three times what chance stays below."
    )


def test_rows_on_both_sides_are_counted_against_chance():
    overlap = {"holdout_rows": 100, "exact": {"rows": 3, "by_chance": 2.6}, "near": {"skipped": "the time ran out"}}
    first, second = drift_part({"drift": {"columns": [], "overlap": overlap}})["overlap"]
    assert first == "3 of 100 test rows have the inputs of a training row; by chance it would be about 3."
    assert second.endswith("was not looked at: the time ran out.")


def test_without_test_rows_there_is_a_sentence():
    assert drift_part({"drift": {"skipped": "no rows are held out"}}) == {"note": "Training and test rows were not looked at: no rows are held out."}
