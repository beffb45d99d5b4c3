import pytest

from automl.report.eda_relations import GAPS, MATRIX, PAIRS, PAIRS_FOLDED, missing_part, relations_part

from .looks import mixed_profile

PAIR = {"a": "x", "b": "y", "measure": "spearman", "value": -0.456}


def _relations(**part):
    matrix = {"columns": ["x", "y", "z"], "values": [[1.0, -0.456, None], [-0.456, 1.0, 0.01], [None, 0.01, 1.0]]}
    return relations_part({"columns": [{}] * 3, "relations": {"matrix": matrix, "pairs": [PAIR], "groups": [], "columns": 3, **part}})


def test_the_map_is_a_lower_triangle_with_values_to_read():
    part = _relations()
    assert [len(r["cells"]) for r in part["rows"]] == [0, 1, 2] and sorted(part["columns"]) == ["x", "y", "z"]
    cells = [c for r in part["rows"] for c in r["cells"]]
    assert {"text": "−.46", "share": 0.46, "sign": "minus"} in cells and {"text": "", "share": 0, "sign": ""} in cells and part["strongest"] == "x and y, −0.46"


def test_pairs_fold_away_and_weak_ones_are_left_out():
    pairs = [{**PAIR, "value": 0.9}] * 50 + [{**PAIR, "value": 0.049}]
    part = _relations(pairs=pairs)
    assert len(part["pairs"]) == PAIRS and len(part["folded"]) == PAIRS_FOLDED
    assert part["pairs"][0] == {"a": "x", "b": "y", "measure": "rank correlation", "width": 90.0, "value": "0.90", "sign": "plus"}


def test_a_large_matrix_is_cut_to_what_can_be_read():
    names = [f"c{i}" for i in range(30)]
    part = _relations(matrix={"columns": names, "values": [[0.5] * 30] * 30}, columns=100)
    assert len(part["columns"]) == MATRIX and part["capped"] and part["looked_at"] == 100


def test_groups_are_listed_whole_up_to_a_number():
    part = _relations(groups=[{"columns": [f"c{i}" for i in range(40)], "least": 0.95}, ["a", "b"]])
    assert len(part["groups"][0]["columns"]) == 12 and part["groups"][0]["more"] == 28 and part["groups"][1] == {"columns": ["a", "b"], "more": 0}


@pytest.mark.parametrize(
    ("part", "note"),
    [
        ({}, "How columns go together was not looked at."), ({"skipped": "no time"}, "How columns go together was not looked at: no time."),
        ({"matrix": {"columns": ["x"], "values": [[1.0]]}}, "Fewer than two columns can be compared."),
        ({"matrix": {"columns": ["x", "y"], "values": [[1, 0], [0, 1]]}, "pairs": [{**PAIR, "value": 0.01}]}, "No two columns are related beyond 0.05."),
    ],
)  # fmt: skip
def test_nothing_to_show_is_a_sentence(part, note):
    assert relations_part({"columns": [], "relations": part}) == {"note": note}


def test_gaps_are_strips_of_the_file_with_what_they_tell(tmp_path):
    profile = mixed_profile(tmp_path)
    part = missing_part(profile)
    assert [s["name"] for s in part["strips"]] == ["size", "colour"] and part["with_auc"] and part["more"] == 0
    assert all(s["blocks"] == 40 and s["strip"] and s["share"].endswith("%") for s in part["strips"])
    complete = profile["missing"]["complete_rows"]
    assert part["complete"].startswith(f"{complete} of {profile['training_rows']} rows") and part["patterns"][0]["columns"] == []


def test_gaps_that_tell_the_target_are_marked_and_many_are_counted():
    columns = [{"column": f"c{i}", "share": 0.5, "auc": 0.7 if i else None} for i in range(40)]
    part = missing_part({"training_rows": 10, "missing": {"columns": columns, "columns_missing": 90}})
    assert len(part["strips"]) == GAPS and part["more"] == 90 - GAPS and [s["tells"] for s in part["strips"][:2]] == [False, True]
    assert part["strips"][0]["strip"] == [] and part["complete"] == ""


@pytest.mark.parametrize(
    ("part", "note"),
    [
        (None, "Where values are missing was not looked at."),
        ({"columns": []}, "Nothing is missing."),
        ({"skipped": "no time"}, "Where values are missing was not looked at: no time."),
    ],
)
def test_no_gaps_are_a_sentence(part, note):
    assert missing_part({"training_rows": 1, "missing": part}) == {"note": note}
