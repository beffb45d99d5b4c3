import numpy as np

from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.screen import moves, screen

from .planted import logistic, names, scored_of, values

RNG = np.random.default_rng(0)


def test_blocks_are_parted_until_the_columns_that_are_used_stand_alone():
    scored = scored_of({f"x{i}": RNG.normal(size=300) for i in range(256)}, lambda t: logistic(3 * values(t, "x7") + values(t, "x200")))
    found = screen(scored, names(scored), 10, 0, Pace())
    assert found.chosen == ("x7", "x200") and len(found.unused) == 254 and found.asked <= 16 + 2 * 8 * 2


def test_without_time_the_columns_believed_to_matter_come_first():
    scored = scored_of({f"x{i}": RNG.normal(size=300) for i in range(50)}, lambda t: logistic(values(t, "x7")))
    pace = Pace(1.0)
    pace.call = 100.0
    found = screen(scored, [f"x{49 - i}" for i in range(50)], 3, 0, pace)
    assert found.chosen == ("x49", "x48", "x47") and found.unused == () and found.asked == 0


def test_columns_that_only_tell_together_are_found():
    """A product of two: each alone tells nothing of the class, but moves answers."""
    scored = scored_of({f"x{i}": RNG.normal(size=300) for i in range(100)}, lambda t: logistic(3 * values(t, "x10") * values(t, "x90")))
    assert set(screen(scored, names(scored), 5, 0, Pace()).chosen) == {"x10", "x90"}


def test_how_far_answers_move():
    scored = scored_of({"x": np.array([0.0, 1.0, 0.0, 1.0])}, lambda t: np.stack([values(t, "x"), 1 - values(t, "x")], axis=1))
    assert moves(scored, scored.predict(), ["x"], np.array([1, 0, 3, 2])) == 1.0
    assert moves(scored, scored.predict(), ["x"], np.array([2, 3, 0, 1])) == 0.0
