from hypothesis import given
from hypothesis import strategies as st

from automl.spec.nodes import parse
from automl.spec.text import plain


@given(st.text(min_size=1, max_size=30).filter(lambda t: t.isprintable() and "\ufeff" not in t))
def test_what_is_written_is_read_back(text):
    node, found = parse(f"a: {plain(text)}\n")
    if not found:  # characters that YAML forbids are refused, not changed
        assert node is not None and node.value() == {"a": text}


def test_words_that_look_like_something_else_are_quoted():
    assert [plain(w) for w in ("no", "007", "1e3", "a: b", "plain words", "x#y")] == ['"no"', '"007"', '"1e3"', '"a: b"', "plain words", '"x#y"']
