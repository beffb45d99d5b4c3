import pytest

from automl.families import FAMILIES
from automl.metrics import METRICS
from automl.neural.optimizers import OPTIMIZERS
from automl.report.words import figure, listed, part_of, percent, plural, sentence_case, signed, span, visible, words


@pytest.mark.parametrize("name", [*FAMILIES.names("classification"), *METRICS.names("classification"), *OPTIMIZERS.options])
def test_no_reader_meets_an_underscore(name):
    assert words(name) and "_" not in words(name)


def test_known_names_are_written_as_their_makers_do():
    assert [words(n) for n in ("xgboost", "roc_auc", "logistic_regression", "adamw")] == ["XGBoost", "ROC AUC", "logistic regression", "AdamW"]


@pytest.mark.parametrize(("text", "expected"), [("random forest", "Random forest"), ("XGBoost", "XGBoost"), ("mLP of ours", "MLP of ours"), ("", "")])
def test_only_the_first_letter_is_raised(text, expected):
    assert sentence_case(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"), ("", "‹empty›"), ("  ", "‹spaces›"), ("a\nb\tc", "a⏎b⇥c"), ("\u202eabc", "‹202E›abc"), ("a\u200bb", "a‹200B›b"), ("\x1b[0m", "‹001B›[0m"),
        ("שלום", "שלום"), ("می\u200cخواهم", "می\u200cخواهم"), ("é", "é"), ("\ud800", "‹D800›"), (7, "7"),
    ],
)  # fmt: skip
def test_marks_that_hide_or_turn_text_are_named_and_scripts_stay(text, expected):
    assert visible(text) == expected


def test_long_text_and_heaps_of_marks_are_cut():
    assert visible("x" * 10_000, 60) == "x" * 59 + "…"
    assert visible("z" + "\u0301" * 50 + "y", 100) == "z" + "\u0301" * 3 + "y"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "–"), ("2024-01-01", "2024-01-01"), (0, "0"), (3, "3"), (1234567, "1,234,567"), (1084.3, "1,084"), (0.123456, "0.1235"), (-2.5, "−2.5"), (1e300, "1.00e+300"),
     (1e-7, "1.00e−07"), (float("nan"), "–"), (float("inf"), "–")],
)  # fmt: skip
def test_figures_have_the_digits_that_matter(value, expected):
    assert figure(value) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(None, "–"), (0, "0 %"), (1, "100 %"), (0.0001, "< 0.1 %"), (0.9999, "> 99.9 %"), (0.0123, "1.2 %"), (0.0996, "10 %"), (0.5, "50 %"), (0.914, "91.4 %")],
)  # fmt: skip
def test_no_share_is_rounded_to_nothing_or_all(share, expected):
    assert percent(share) == expected


def test_changes_counts_rows_of_names_and_lengths_of_time():
    assert (signed(0.0123), signed(-0.0123), signed(0.0001), signed(-0.5, 1)) == ("+0.012", "−0.012", "0.000", "−0.5")
    assert (plural(1, "row"), plural(2, "row"), plural(2, "category", "categories"), plural(1234, "row")) == ("1 row", "2 rows", "2 categories", "1,234 rows")
    assert (listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c", "d"])) == ("", "a", "a and b", "a, b, c and 1 more")
    assert (span(0.5), span(60), span(5400), span(86400), span(4 * 86400), span(36 * 3600), span(3 * 365.25 * 86400)) == (
        "0.5 s", "1 minute", "1.5 hours", "1 day", "4 days", "1.5 days", "3 years",
    )  # fmt: skip


def test_a_part_that_is_absent_or_was_skipped_is_one_sentence():
    assert part_of({}, "drift", "Drift was") == ({}, "Drift was not looked at.")
    assert part_of({"drift": {"skipped": "no time"}}, "drift", "Drift was")[1] == "Drift was not looked at: no time."
    assert part_of({"drift": {"a": 1}}, "drift", "Drift was") == ({"a": 1}, "")
