"""The card and the next steps of a task without a label."""

from automl.report.unlabelled_card import unlabelled_card, unlabelled_steps

EVALUATION = {
    "family": "kmeans", "chosen_precision": "int8", "model_made_by": "a fit on all rows", "n_rows": 178, "n_components": 3,
    "budget": {"asked_seconds": 60, "used_seconds": 10},
}  # fmt: skip
PROFILE = {"source": "t.csv", "findings": [{"check": "personal_data", "column": "mail"}]}
PLAN = {"task": "clustering", "columns": [{"name": "a"}], "asked": {}}
VERDICT = {"score": "silhouette 0.4", "trust": {"light": "amber", "reasons": ["Doubt."]}}


def test_the_card_says_what_it_is_for_and_what_not():
    card = {row["name"]: " ".join(row["sentences"]) for row in unlabelled_card(EVALUATION, PROFILE, PLAN, {"description": ""}, VERDICT)}
    assert "`description:`" in card["Intended use"] and "group" in card["Intended use"] and card["Learned from"] == "178 rows of t.csv with 1 column."
    assert (
        card["How good"] == "Silhouette 0.4. Trust: amber. Doubt." and "mail" in card["Personal data"] and "as if groups were facts" in card["Not intended for"]
    )
    told = unlabelled_card(EVALUATION, PROFILE, PLAN | {"task": "dimensionality_reduction"}, {"description": "For\u202e maps"}, VERDICT)
    use = next(row for row in told if row["name"] == "Intended use")["sentences"]
    assert use[0] == "For‹202E› maps" and "3 columns" in use[1]


def test_more_time_is_advised_where_it_was_short_and_a_comparison_where_there_was_none():
    pastes = [s["paste"] for s in unlabelled_steps(EVALUATION, PLAN)]
    assert pastes[0].endswith("groups.csv") and "compare_with" in pastes[1] and "resolved" in pastes[2]
    short = EVALUATION | {"budget": {"asked_seconds": 60, "used_seconds": 58}}
    assert unlabelled_steps(short, PLAN | {"asked": {"compare_with": "k"}})[1]["paste"] == "constraints: {time: 3m}"
