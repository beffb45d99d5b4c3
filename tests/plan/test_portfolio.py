"""What a search begins with: the shipped list within the families and options of a run, a user's list, and errors that name the entry."""

import json

import pytest

from automl.errors import SpecError
from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.space import Fixed, Float
from automl.plan.portfolio import UNNAMED_AFTER, resolve_portfolio, shipped
from automl.spec.load import read_spec

TASK = "classification"
CONTEXT = Context(TASK, 800, 12, 2)


def spaces_of(*names):
    return {name: FAMILIES.get(TASK, name).space(CONTEXT) for name in names}


def spec_at(folder, asked="auto"):
    (folder / "a.csv").write_text("y,x\n")
    (folder / "s.yaml").write_text(f"data: a.csv\ntask: {{type: classification, target: y}}\nsearch:\n  portfolio: {asked}\n")
    return read_spec(folder / "s.yaml")


def resolved(folder, spaces, asked="auto", entries=None):
    if entries is not None:
        (folder / "first.json").write_text(entries if isinstance(entries, str) else json.dumps(entries))
        asked = "first.json"
    said = []
    points = resolve_portfolio(spec_at(folder, asked), TASK, spaces, CONTEXT, lambda key, value, because: said.append((key, value, because)))
    [(key, value, because)] = said
    assert key == "search.portfolio" and because
    return points, f"{value}: {because}"


@pytest.mark.parametrize("n_rows", [300, 100_000])
def test_every_shipped_entry_lies_within_the_space_of_its_family(n_rows):
    """The options of a network follow the length of the table; all other entries are for any table."""
    context = Context(TASK, n_rows, 12, 2)
    for entry in shipped():
        space = FAMILIES.get(TASK, entry["family"]).space(context)
        params = space.fitted(entry["params"])
        within = all(params.get(name) == value for name, value in entry["params"].items())
        assert entry["origin"] and (within or (entry["family"] == "mlp" and n_rows > 10_000)), entry


def test_the_shipped_list_names_every_family_and_no_configuration_twice():
    entries = shipped()
    assert {e["family"] for e in entries} == set(FAMILIES.names(TASK))
    assert len({repr((e["family"], sorted(e["params"].items()))) for e in entries}) == len(entries)
    assert len({e["family"] for e in entries[:5]}) >= 3  # unlike ones in turn


def test_it_is_cut_to_the_families_that_compete_and_keeps_its_order(tmp_path):
    points, said = resolved(tmp_path, spaces_of("extra_trees", "xgboost"))
    wanted = [e["family"] for e in shipped() if e["family"] in ("extra_trees", "xgboost")]
    assert [p.family for p in points] == wanted and "do not compete" in said and str(len(points)) in said
    assert all(p.note.startswith("portfolio, place ") for p in points)


def test_what_lies_outside_of_a_narrowed_space_is_left_out(tmp_path):
    space = spaces_of("xgboost")["xgboost"]
    entries = [{"family": "xgboost", "params": {"learning_rate": 0.2}}, {"family": "xgboost", "params": {"max_depth": 9}}, {"family": "xgboost"}]
    narrowed = space.replace("learning_rate", Float(0.01, 0.1, 0.05)).replace("max_depth", Fixed(4))
    points, said = resolved(tmp_path, {"xgboost": narrowed}, entries=entries)
    assert [p.params for p in points] == [narrowed.default()] and "2 left out: outside of the options of this run" in said
    nothing, said = resolved(tmp_path, {"xgboost": narrowed}, entries=entries[:2])
    assert nothing == () and said.startswith("none")


def test_options_left_out_are_at_the_default_and_nested_ones_are_kept(tmp_path):
    spaces = spaces_of("mlp", "knn")
    entries = [{"family": "mlp", "params": {"optimizer": "adam", "optimizer.adam.lr": 0.005}}, {"family": "knn", "params": {}}, {"family": "knn"}]
    points, _ = resolved(tmp_path, spaces, entries=entries)
    assert [p.family for p in points] == ["mlp", "knn"] and points[1].params == spaces["knn"].default()
    assert points[0].params["optimizer.adam.lr"] == 0.005 and points[0].params["layers"] == spaces["mlp"].default()["layers"]


def test_a_family_that_the_list_does_not_name_has_its_turn_early(tmp_path):
    names = ("knn", "svm", "qda", "mlp", "xgboost", "extra_trees", "random_forest")
    points, _ = resolved(tmp_path, spaces_of(*names, "lda"), entries=[{"family": name} for name in names])
    assert [p.family for p in points].index("lda") == UNNAMED_AFTER and len(points) == 8


def test_it_does_not_wait_for_the_second_of_another(tmp_path):
    entries = [{"family": "knn", "params": {"neighbours": k}} for k in range(1, 9)]
    points, _ = resolved(tmp_path, spaces_of("knn", "lda"), entries=entries)
    assert [p.family for p in points[:3]] == ["knn", "lda", "knn"] and len(points) == 9


def test_none_begins_with_nothing(tmp_path):
    points, said = resolved(tmp_path, spaces_of("xgboost"), "none")
    assert points == () and "default of each family" in said


@pytest.mark.parametrize(("entries", "words"), [
    ("[{", "`first.json` is not JSON"),
    ("{}", "`first.json` holds no list"),
    ("[]", "`first.json` holds no list"),
    ([{"family": "knn"}, 3], "entry 2 of `first.json`: it must have a family and its params"),
    ([{"family": "knn", "params": 3}], "entry 1 of `first.json`: it must have a family and its params"),
    ([{"family": "knn", "parms": {}}], "entry 1 of `first.json`: `parms` is no key"),
    ([{"family": "knn"}, {"family": "xgbost"}], "entry 2 of `first.json`: `xgbost` is not a model family"),
    ([{"family": "xgboost", "params": {"max_dept": 3}}], "entry 1 of `first.json`: `max_dept` is not an option of xgboost"),
])  # fmt: skip
def test_errors_name_the_entry_and_the_line(tmp_path, entries, words):
    with pytest.raises(SpecError) as caught:
        resolved(tmp_path, spaces_of("knn"), entries=entries)
    shown = caught.value.render()
    assert words in shown and "s.yaml:4" in shown and str(tmp_path) not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SpecError, match=r"the file `gone\.json` cannot be read"):
        resolved(tmp_path, spaces_of("knn"), "gone.json")
