from automl.spec.diagnostics import Diagnostic, Span, render, render_all

TEXT = "data:\n  train: customers.csv\n  seperator: ;\n"


def test_the_caret_stands_under_the_place():
    found = Diagnostic("S101", "unknown key `seperator`", Span(3, 3, 12), "did you mean x?", fix="x: 1", notes=("keys: a",), file="s.yaml")
    assert render(found, TEXT).splitlines() == [
        "error[S101]: unknown key `seperator`", " --> s.yaml:3:3", "  |", "2 |   train: customers.csv", "3 |   seperator: ;",
        "  |   ^^^^^^^^^ did you mean x?", "  |", "  = fix: x: 1", "  = note: keys: a", "  = help: automl explain S101",
    ]  # fmt: skip


def test_a_second_place_is_shown_in_order():
    found = Diagnostic("Y012", "twice", Span(3, 1, 2), "second", second=(Span(1, 1, 2), "first"), file="s.yaml")
    lines = render(found, TEXT).splitlines()
    assert lines.index("  | - first") < lines.index("...") < lines.index("  | ^ second")


def test_long_lines_are_cut_around_the_caret():
    found = Diagnostic("Y005", "x", Span(1, 3001, 3002), file="s")
    assert max(len(line) for line in render(found, "[" * 4000).splitlines()) < 140


def test_at_most_twenty_and_a_count():
    text = render_all([Diagnostic("S101", "x", Span(1, 1, 2), file="s.yaml")] * 25, "a\n")
    assert "… and 5 more" in text and text.endswith("s.yaml: 25 errors. Nothing was run.")
