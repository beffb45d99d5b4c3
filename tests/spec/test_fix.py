"""`fmt --fix` changes what is certain and nothing else."""

import pytest

from automl.spec.fix import fixed
from automl.spec.load import load

from .bad_specs import BAD, BASE


def repaired(bad, tmp_path) -> bool:
    path = tmp_path / "s.yaml"
    text, _ = fixed(bad.text, path)
    path.write_text(text)
    return load(path, with_data=False).spec is not None


@pytest.mark.parametrize("bad", [b for b in BAD if b.fixed], ids=lambda b: f"{b.code}-{b.text[-40:]!r}")
def test_a_certain_fix_makes_the_spec_valid(bad, tmp_path):
    assert repaired(bad, tmp_path), fixed(bad.text, tmp_path / "s.yaml")[0]


def test_seven_of_ten_that_say_what_was_meant_are_repaired(tmp_path):
    meant = [b for b in BAD if b.near or b.fixed]
    assert sum(repaired(b, tmp_path) for b in meant) >= 0.7 * len(meant)


def test_comments_and_order_stay(tmp_path):
    text = "# churn\ndata: a.csv  # the table\ntask:\n  # what\n  type: classification\n  tagret: y # who\nconstrains: {time: 10 min}  # soon\n"
    after, done = fixed(text, tmp_path / "s.yaml")
    assert after == text.replace("tagret", "target").replace("constrains", "constraints").replace("10 min", "10m")
    assert len(done) == 3


def test_a_key_moves_to_where_it_belongs(tmp_path):
    after, _ = fixed("data:\n  train: a.csv\n  seperator: ';'  # semicolons\n" + BASE[12:], tmp_path / "s.yaml")
    assert "csv: {separator: ';'}" in after and "seperator" not in after


def test_what_only_the_user_can_decide_is_left(tmp_path):
    for text in (BASE + "data: b.csv\n", BASE + "target: z\n", BASE + "seed: many\n"):
        assert fixed(text, tmp_path / "s.yaml")[0] == text


def test_a_good_spec_is_left_alone(tmp_path):
    assert fixed(BASE, tmp_path / "s.yaml") == (BASE, [])


@pytest.mark.parametrize(
    "text",
    [
        BASE + "checks:\n  default: >-\n    Warn\n",
        BASE + "checks:\n  default: wa\n    rn\n",
        "notes: &p no\ndata: a.csv\ntask: {type: classification, target: y, positive_class: *p}\n",
        BASE + "notes: 'a\n%b'\n",
        BASE + "notes: see\n  http://x.y\n",
        BASE + "notes: |\n  a\n  \tb\n",
        BASE + "notes: 'a\u00a0b'\n",
        BASE + 'notes: "a\\"b\\q"\n',
        BASE + "quantize: {max_drop: '1,000'}\n",
    ],
)
def test_what_is_not_certain_is_not_touched(text, tmp_path):
    assert fixed(text, tmp_path / "s.yaml")[0].replace('"no"', "no") == text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (BASE + "timeout: 5m  # five minutes\n", BASE + "constraints: {time: 5m}  # five minutes\n"),
        (BASE + "constraints.time: 5m\n", BASE + "constraints: {time: 5m}\n"),
        (BASE.replace("\n", "\r\n") + "sed: 1\r\n", BASE.replace("\n", "\r\n") + "seed: 1\r\n"),
        (BASE.replace("\n", "\r") + "sed: 1\r", BASE.replace("\n", "\r") + "seed: 1\r"),
    ],
)
def test_comments_and_line_ends_go_along(text, after, tmp_path):
    assert fixed(text, tmp_path / "s.yaml")[0] == after
