import json

import numpy as np

from automl.eda.shown import MASK
from automl.evaluate.explain.examples import COLUMNS, examples
from automl.evaluate.explain.scored import Scored
from automl.inference.decision import Decision

from .planted import logistic, names, scored_of, values

RNG = np.random.default_rng(0)


def planted(n=400, units=None):
    columns = {"x": RNG.normal(size=n), "mail": (np.arange(n), [f"person{i}@mail.example" for i in range(n)])}
    return scored_of(columns, lambda t: logistic(3 * values(t, "x")), units=units)


def told(scored, n=5, personal=("mail",), cells=True, of=None):
    return examples(scored, n, of or names(scored), "y", ["no", "yes"], set(personal), cells=cells)


def test_wrong_rows_are_the_surest_ones_first():
    scored = planted()
    found = told(scored)
    margin = scored.proba.max(axis=1) - scored.proba[np.arange(scored.n_rows), scored.y]
    assert [w["row"] - 1 for w in found["wrong"]] == np.argsort(-margin, kind="stable")[:5].tolist()
    assert all(w["prediction"] != w["true"] and w["probability"] > w["probability_of_true"] for w in found["wrong"])
    assert found["wrong_rows"] == int((scored.proba.argmax(axis=1) != scored.y).sum())


def test_typical_rows_are_near_the_middle_of_their_class_and_of_each_class():
    scored = planted()
    found = told(scored, 4)
    assert {t["true"] for t in found["typical"]} == {"no", "yes"} and all(t["prediction"] == t["true"] for t in found["typical"])
    for t in found["typical"]:
        own = scored.proba[scored.y == ["no", "yes"].index(t["true"]), ["no", "yes"].index(t["true"])]
        assert abs(t["probability_of_true"] - np.median(own)) < 0.05


def test_personal_cells_are_masked_and_a_personal_target_too():
    found = told(planted())
    assert found["masked"] == ["mail"] and all(row["cells"][1] == MASK for row in found["wrong"] + found["typical"])
    assert "mail.example" not in json.dumps(found)
    hidden = told(planted(), personal=["mail", "y"])
    assert {row["true"] for row in hidden["wrong"]} == {row["prediction"] for row in hidden["wrong"]} == {MASK}


def test_an_address_in_a_column_that_is_not_known_as_personal_is_masked_as_in_sample_rows():
    assert "mail.example" not in json.dumps(told(planted(), personal=[])) and "[e-mail]" in json.dumps(told(planted(), personal=[]))


def test_without_cells_there_is_a_number_and_an_answer_and_nothing_of_the_data():
    found = told(planted(), cells=False)
    assert found["columns"] == [] and set(found["wrong"][0]) == {"row", "prediction", "probability"} == set(found["typical"][0])


def test_one_row_of_a_unit():
    units = np.arange(400) // 100
    scored = planted(units=units)
    found = told(scored, 50)
    assert len(found["wrong"]) <= 4 and len({(w["row"] - 1) // 100 for w in found["wrong"]}) == len(found["wrong"])


def test_the_first_columns_are_shown_and_none_is_too_many():
    wide = scored_of({f"x{i}": RNG.normal(size=60) for i in range(20)}, lambda t: logistic(values(t, "x0")))
    assert told(wide)["columns"] == [f"x{i}" for i in range(COLUMNS)]
    assert told(wide, 0)["wrong"] == [] == told(wide, 0)["typical"]


def test_nothing_wrong_and_nothing_right():
    scored = planted()
    right = Scored(**{**vars(scored), "y": scored.proba.argmax(axis=1)})
    assert told(right)["wrong"] == [] and told(right)["wrong_rows"] == 0
    wrong = Scored(**{**vars(scored), "y": 1 - scored.proba.argmax(axis=1)})
    assert told(wrong)["typical"] == [] and len(told(wrong)["wrong"]) == 5


def test_the_prediction_is_the_class_that_is_answered():
    scored = Scored(**{**vars(planted()), "decision": Decision(threshold=0.9)})
    found = told(scored, 50)
    assert {w["prediction"] for w in found["wrong"]} == {"no", "yes"} and all(w["probability"] > 0.9 for w in found["wrong"] if w["prediction"] == "yes")
    assert found["wrong_rows"] == int(((scored.proba[:, 1] > 0.9) != scored.y).sum())
