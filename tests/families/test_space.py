"""Options: what is drawn exists under the choices drawn, within its bounds."""

import json
import random

import pytest

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.space import Choice, Fixed, Float, Int, Space


class Draw:
    """Draws at random and remembers what it was asked."""

    def __init__(self, seed):
        self.random, self.asked = random.Random(seed), {}

    def real(self, name, low, high, log):
        self.asked[name] = (low, high, log)
        return self.random.uniform(low, high)

    def whole(self, name, low, high, log):
        self.asked[name] = (low, high, log)
        return self.random.randint(low, high)

    def one_of(self, name, options):
        self.asked[name] = options
        return self.random.choice(options)


SPACE = Space({
    "rate": Float(0.1, 0.9, 0.5, log=True), "depth": Int(1, 4, 2), "seed": Fixed(7),
    "how": Choice({"fast": Space({"speed": Int(1, 3, 2)}), "slow": Space({"care": Choice.of("much", "little")})}, "slow"),
})  # fmt: skip


def test_the_default_is_flat_and_follows_the_default_choice():
    assert SPACE.default() == {"rate": 0.5, "depth": 2, "seed": 7, "how": "slow", "how.slow.care": "much"}


def test_a_draw_has_the_options_of_the_word_drawn_and_no_others():
    seen = set()
    for seed in range(20):
        params = SPACE.sample(Draw(seed))
        seen.add(params["how"])
        nested = {"how.fast.speed"} if params["how"] == "fast" else {"how.slow.care"}
        assert set(params) == {"rate", "depth", "seed", "how"} | nested and params["seed"] == 7
    assert seen == {"fast", "slow"}


def test_bounds_and_scale_are_handed_on_and_a_fixed_value_is_not_drawn():
    draw = Draw(0)
    SPACE.sample(draw)
    assert draw.asked["rate"] == (0.1, 0.9, True) and draw.asked["depth"] == (1, 4, False)
    assert draw.asked["how"] == ["fast", "slow"] and "seed" not in draw.asked


def test_replacing_an_option_leaves_the_space_as_it_was():
    other = SPACE.replace("depth", Fixed(9))
    assert other.default()["depth"] == 9 and SPACE.default()["depth"] == 2 and list(other) == list(SPACE) and len(other) == 4


@pytest.mark.parametrize("name", FAMILIES.names("classification"))
@pytest.mark.parametrize("context", [Context("classification", 100, 3, 2), Context("classification", 100_000, 300, 9, text=True)])
def test_defaults_of_every_family_lie_within_its_bounds(name, context):
    def check(space):
        for option in space.values():
            if isinstance(option, Float | Int):
                assert option.low <= option.default <= option.high and option.low < option.high and (option.low > 0 or not option.log)
            elif isinstance(option, Choice):
                assert option.default in option.options
                for inner in option.options.values():
                    check(inner)

    check(FAMILIES.get("classification", name).space(context))


DEEP = Space({
    "x": Float(0.0, 1.0, 0.5), "k": Int(1, 9, 3, log=True), "kept": Fixed(7),
    "how": Choice({"slow": Space({"k": Int(1, 2, 1)}), "fast": Space()}, "slow"),
})  # fmt: skip


def test_a_space_survives_json():
    again = Space.from_record(json.loads(json.dumps(DEEP.record())))
    assert again == DEEP and type(again["x"]) is Float and type(again["k"]) is Int and again.default() == DEEP.default()


def test_configurations_are_counted():
    assert DEEP.count() == float("inf") and Space().count() == 1
    assert Space({"k": Int(1, 9, 3), "kept": Fixed(7), "how": DEEP["how"]}).count() == 9 * 3
    assert Space({"x": Float(0.5, 0.5, 0.5)}).count() == 1


def test_options_of_another_space_are_fitted():
    fitted = DEEP.fitted({"x": 1, "k": 10, "kept": 1, "how": "slow", "how.slow.k": 2.0, "gone": 4})
    assert fitted == {"x": 1.0, "k": 3, "kept": 7, "how": "slow", "how.slow.k": 2} and isinstance(fitted["how.slow.k"], int)
    assert DEEP.fitted({"how": "fast", "x": True, "k": 2.5}) == {"x": 0.5, "k": 3, "kept": 7, "how": "fast"}
    assert DEEP.fitted({}) == DEEP.default()


def test_an_option_of_one_value_is_not_searched():
    space = Space({"a": Int(1, 1, 1), "b": Float(0.0, 1.0, 0.5), "c": Choice.of("no"), "d": Choice({"yes": Space({"e": Int(1, 2, 1)})}, "yes"), "f": Fixed(3)})
    assert space.searched() == ["b", "d"]
