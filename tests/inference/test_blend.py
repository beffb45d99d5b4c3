"""Models that answer together: the mean they make, the views they take, and the way to a file and back."""

import numpy as np
import pytest

from automl.errors import ArtifactError
from automl.inference.blend import BLEND, VIEWS, Views, Voice, blend, holds_rows, load, parts_of, views, views_of, voices_of
from automl.inference.features import Features
from automl.inference.forms import Form, Model
from automl.inference.storage import from_bytes, to_bytes


def linear(seed, width):
    rng = np.random.default_rng(seed)
    return Form("linear", {}, {"weights": rng.normal(size=(width, 3)).astype(np.float32), "bias": rng.normal(size=3).astype(np.float32)})


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    return Views([rng.normal(size=(20, width)).astype(np.float32) for width in (4, 6)])


def three():
    return [Voice("a", linear(1, 4), 0, 2.0), Voice("b", linear(2, 6), 1, 1.0), Voice("a", linear(3, 4), 0, 1.0)]


def test_the_answer_is_the_weighted_mean_of_the_answers(rows):
    expected = sum(v.weight / 4 * Model(v.model).predict(rows.parts[v.view]).astype(float) for v in three())
    found = Model(blend(three())).predict(rows)
    assert found.dtype == np.float32 and np.allclose(found, expected, atol=1e-6) and np.allclose(found.sum(axis=1), 1, atol=1e-6)


def test_a_row_alone_is_answered_as_among_others(rows):
    model = Model(blend(three()))
    assert np.allclose(model.predict(rows[3:4]), model.predict(rows)[3:4], atol=1e-6)


def test_a_blend_survives_a_file(rows):
    made = blend(three())
    again = from_bytes(to_bytes(made), "m")
    assert np.array_equal(Model(again).predict(rows), Model(made).predict(rows))
    assert [(v.family, v.view, v.weight) for v in voices_of(again)] == [("a", 0, 0.5), ("b", 1, 0.25), ("a", 0, 0.25)]
    assert [part.kind for part in parts_of(again)] == ["linear"] * 3


def test_a_model_alone_is_its_only_part():
    alone = linear(1, 4)
    (part,) = parts_of(alone)
    assert part is alone


def test_views_pick_rows_in_all_of_their_matrices(rows):
    assert rows.shape == (20, 10) and len(rows) == 20
    picked = rows[np.array([5, 1])]
    assert picked.shape == (2, 10) and all(np.array_equal(a, b[[5, 1]]) for a, b in zip(picked.parts, rows.parts, strict=True))


def test_features_of_several_views_survive_a_file():
    steps = [{"kind": "raw", "column": name} for name in ("x", "y")]
    forms = [Form("features", {"steps": steps[:n], "sparse": False}, {"select": np.arange(n)}) for n in (1, 2)]
    bundle = from_bytes(to_bytes(views(forms)), "f")
    assert bundle.kind == VIEWS and [Features(f).names() for f in views_of(bundle)] == [["x"], ["x", "y"]]
    assert views_of(forms[0]) == [forms[0]]


def test_a_blend_of_nothing_and_one_inside_another_are_refused():
    with pytest.raises(ValueError):
        blend([])
    with pytest.raises(ArtifactError):
        load(blend([Voice("x", blend(three()), 0, 1.0)]))


def test_what_holds_training_rows_is_found_inside_a_blend():
    rows = Form("neighbours", {}, {})
    assert holds_rows(rows) and not holds_rows(blend(three()))
    assert holds_rows(blend([*three(), Voice("knn", rows, 0, 1.0)])) and blend(three()).kind == BLEND
