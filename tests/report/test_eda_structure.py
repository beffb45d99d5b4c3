import pytest

from automl.report.eda_structure import structure_part

from .looks import mixed_profile

WHOLE = {
    "rows": 500, "scale": {"ratio": 253.4, "largest": {"column": "a", "std": 9.0}, "smallest": {"column": "b", "std": 0.1}},
    "pca": {"columns": 5, "shares": [0.6, 0.3, 0.1], "for_90": 2, "for_95": 3, "effective": 2.2}, "intrinsic_dimension": {"two_nn": 3.46, "columns": 5, "rows": 500},
    "clusterability": {"structure": True, "dip": {"p": 0.0001, "statistic": 0.1, "seen_in": "column a", "tests": 12}, "hopkins": {"mean": 0.81}},
}  # fmt: skip


def _cards(**changes):
    return {c["label"]: c for c in structure_part({"structure": {**WHOLE, **changes}})["cards"]}


def test_each_measure_says_what_it_means():
    cards = _cards()
    assert (
        cards["groups to be found"]["value"] == "yes"
        and "p below 0.001 after 12 tests" in cards["groups to be found"]["words"]
        and "0.81" in cards["groups to be found"]["words"]
    )
    assert cards["intrinsic dimension"]["value"] == "3.5" and "3.5 of 5" in cards["intrinsic dimension"]["words"]
    assert cards["components for 90 % of the variance"]["value"] == "2" and cards["largest over smallest spread"]["value"] == "253×"
    assert "need scaling" in cards["largest over smallest spread"]["words"]


def test_one_heap_is_not_called_groups():
    card = _cards(clusterability={"structure": False, "dip": {"p": 0.4, "seen_in": "x", "tests": 3}, "hopkins": {"skipped": "no time"}})["groups to be found"]
    assert card["value"] == "no" and "one heap" in card["words"] and "Hopkins" not in card["words"]


def test_bars_of_the_components_add_up():
    part = structure_part({"structure": WHOLE})
    assert (
        [b["label"] for b in part["bars"]] == ["60 %, together 60 %", "30 %, together 90 %", "10 %, together 100 %"]
        and part["top"] == 0.6
        and part["rows"] == "500"
    )


def test_what_was_left_out_says_why():
    cards = _cards(clusterability={"skipped": "the time ran out"}, intrinsic_dimension={"skipped": "the time ran out"}, scale={"ratio": 1.0})
    assert cards["groups"]["words"] == cards["intrinsic dimension"]["words"] == "Not looked at: the time ran out." and len(cards) == 3


@pytest.mark.parametrize(
    ("part", "note"),
    [(None, "The shape of the table was not looked at."), ({"skipped": "fewer than 50 rows"}, "The shape of the table was not looked at: fewer than 50 rows.")],
)
def test_no_shape_is_a_sentence(part, note):
    assert structure_part({"structure": part})["note"] == note


def test_a_real_table_has_every_card(tmp_path):
    assert len(structure_part(mixed_profile(tmp_path, None))["cards"]) >= 3
