"""The text of a spec: places, limits, and scalars that surprise (rows B001 to B018 of the list of bad inputs)."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.spec.nodes import parse, scalar


def problem(text: str):
    node, found = parse(text)
    assert found, f"nothing found; read {node}"
    return found[0]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("data: a\ntask:\n\ttype: x\n", 3, 1, "tab"),
        ("task:\n  target: a\n  target: b\n", 3, 3, "set twice"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second document"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, 4, "tag"),
        ("a: *nothing\n", 1, 4, "alias"),
        ("a: &x [*x]\n", 1, 8, "itself"),
        ("a: b\x07c\n", 1, 5, "U+0007"),
        ("%YAML 1.1\n---\na: 1\n", 1, 1, "directive"),
        ("task:\n  type:classification\n  target: y\n", 2, 7, "space is missing"),
        ('a: "C:\\data"\n', 1, 7, "backslash"),
    ],
)
def test_places(text, line, column, words):
    found = problem(text)
    assert (found.span.line, found.span.column) == (line, column)
    assert words in found.message + found.label


def test_both_places_of_a_key_set_twice():
    found = problem("a: 1\nb: 2\na: 3\n")
    assert found.second is not None and found.second[0].line == 1


def test_hostile_texts_end_soon_and_are_refused():
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    for text in (bomb, "[" * 500, "a: " + "{a: " * 200, "x" * 300_000):
        began = time.process_time()
        problem(text)
        assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("on", "on"), ("true", True), ("1e-3", 1e-3), ("007", 7), ("0o17", 15), ("1_000", "1_000"), ("2026-02-30", "2026-02-30"),
     ("12:30:45", "12:30:45"), ("~", None), ("", None), ("=", "="), ("1,5", "1,5"), ("-0x1f", "-0x1f")],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text, value):
    assert scalar(text) == value


def test_merge_keys_apply_and_the_own_key_wins():
    node, found = parse("base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\n")
    assert not found and node is not None
    assert node.value()["own"] == {"y": 3, "x": 1}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from([*"ab:- {}[]&*!#|>'\"\n\t,?%@\\0", "é", "\x00"]), max_size=60))
def test_no_text_makes_it_fail_otherwise(text):
    parse(text)
