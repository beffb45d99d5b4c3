import pytest

from automl.report.eda_geometry import GREY
from automl.report.eda_text import MARKS, MOST_CLASSES, MOST_TEXTS, SHOWN, text_part

from .looks import mixed_profile


@pytest.fixture(scope="module")
def comment(tmp_path_factory):
    return mixed_profile(tmp_path_factory.mktemp("text"))["text"]["columns"][0]


def _shown(text, colours=None):
    return text_part({"text": {"columns": [text]}}, colours or {})["columns"][0]


def test_words_and_runs_are_bars_of_the_texts_that_hold_them(comment):
    shown = _shown(comment)
    assert [entry["title"] for entry in shown["lists"]] == ["words", "pairs of words", "runs of three words"]
    for entry in shown["lists"]:
        assert len(entry["bars"]) <= SHOWN and entry["bars"][0]["width"] == 100.0
        widths = [b["width"] for b in entry["bars"]]
        assert widths == sorted(widths, reverse=True)
    assert {f["label"] for f in shown["facts"]} >= {"texts", "words each", "different words", "language", "words alone reach"}


def test_words_that_only_carry_grammar_are_left_to_the_runs(comment):
    text = {**comment, "cloud": [{"word": "free", "rows": 20, "x": 1, "y": 1, "size": 12}], "ngrams": {"1": [["the", 90, 80]], "2": [["the free", 9, 8]]}}
    assert [[b["word"] for b in entry["bars"]] for entry in _shown(text)["lists"]] == [["free"], ["the free"]]
    assert [b["word"] for b in _shown({**text, "cloud": []})["lists"][0]["bars"]] == ["the"]


def test_two_classes_stand_back_to_back_in_their_colours(comment):
    marks = _shown(comment, {"no": 0, "yes": 1})["marks"]
    assert marks["back_to_back"] and sorted(s["colour"] for s in marks["sides"]) == [0, 1]
    assert max(w["width"] for s in marks["sides"] for w in s["words"]) == 100.0 and all(len(s["words"]) <= MARKS for s in marks["sides"])


def test_many_classes_are_lists_and_those_without_a_word_are_left_out(comment):
    by_class = [{"class": f"c{i}", "words": [["w", 3.0 + i, 5, 1]] if i else []} for i in range(10)]
    marks = _shown({**comment, "by_class": by_class})["marks"]
    assert not marks["back_to_back"] and len(marks["sides"]) == MOST_CLASSES and marks["more"] == 9 - MOST_CLASSES
    assert {s["colour"] for s in marks["sides"]} == {GREY}
    assert (
        _shown({**comment, "by_class": [{"class": "a", "words": []}]})["marks"] is None
        and _shown({k: v for k, v in comment.items() if k != "by_class"})["marks"] is None
    )


def test_what_is_odd_about_texts_is_told_in_a_sentence(comment):
    text = {
        **comment,
        "of": 10 * comment["texts"],
        "empty": 1,
        "without_words": 2,
        "language": {"guess": "en", "texts": {"en": 10, "de": comment["texts"], "fr": 1}},
    }
    sentence = _shown(text)["sentence"]
    assert (
        "Counted in" in sentence
        and "1 text is empty" in sentence
        and "2 texts hold no word at all" in sentence
        and "German" in sentence
        and "French" not in sentence
    )


def test_a_word_of_the_cloud_never_leaves_its_box(comment):
    words = [{"word": w, "rows": 9, "x": 100.0, "y": 50.0, "size": 20.0} for w in ("ill", "mmmm", "word")]
    assert all(w["width"] <= 0.58 * w["size"] * len(w["word"]) for w in _shown({**comment, "cloud": words})["cloud"])


@pytest.mark.parametrize(("text", "note"), [({"column": "t", "skipped": "no time"}, "no time."), ({"column": "t", "texts": 0}, "there is no text in it.")])
def test_a_text_that_was_not_read_says_why(text, note):
    assert _shown(text) == {"name": "t", "note": note}


def test_tables_without_texts_have_no_such_part():
    assert text_part({}, {}) == {"note": "", "columns": []} == text_part({"text": {"columns": []}}, {})
    assert text_part({"text": {"skipped": "no time"}}, {})["note"] == "The texts were not looked at: no time."


def test_many_text_columns_are_counted():
    part = text_part({"text": {"columns": [{"column": f"t{i}", "texts": 0} for i in range(50)]}}, {})
    assert len(part["columns"]) == MOST_TEXTS and part["more"] == 50 - MOST_TEXTS
