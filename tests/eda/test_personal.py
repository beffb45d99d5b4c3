"""Personal data: what a column holds, and what is masked."""

import pytest

from automl.eda.personal import kind_of_column, masked
from automl.inference.table import column_of


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        ("contact", [f"a{i}.b@mail.example" for i in range(30)], "e-mail addresses"),
        ("tel", [f"+49 30 12{i:02d} 34567" for i in range(30)], "phone numbers"),
        ("tel", [f"(555) 123-{i:04d}" for i in range(30)], "phone numbers"),
        ("card", ["4111 1111 1111 1111", "5500-0000-0000-0004", "4012888888881881"] * 3, "card numbers"),
        ("ssn", [f"123-45-{i:04d}" for i in range(30)], "social security numbers"),
        ("last_name", [n + s for n in ("Braund", "Cumings", "Heikkinen", "Futrelle") for s in ("", "s", "-Lee", "er")], "names of persons"),
        ("customerName", [f"Anna Berg{c}" for c in "abcdefghijklmn"], "names of persons"),
    ],
)
def test_columns_of_personal_data_are_known(name, values, what):
    found = kind_of_column(name, column_of(values), "category")
    assert found is not None and found[0] == what and found[1] and found[2] >= 0.5


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("product_name", [f"Chair {c}" for c in "abcdefghijklmn"]), ("city", ["Paris", "Rome", "Oslo"] * 5), ("day", [f"2024-01-{d:02d}" for d in range(1, 29)]),
        ("price", [str(i * 1.5) for i in range(40)]), ("code", [f"{i:07d}" for i in range(40)]), ("number", [float(i) for i in range(40)]),
        ("ip", [f"10.0.0.{i}" for i in range(40)]), ("name", ["x1", "x2", "x3"] * 9), ("when", [f"12:{i:02d}:00" for i in range(40)]),
    ],
)  # fmt: skip
def test_other_columns_are_left_alone(name, values):
    assert kind_of_column(name, column_of(values), "category") is None


def test_running_text_with_phones_is_told_apart_from_a_column_of_phones():
    texts = [f"call me at 0871 240 5{i:03d} now" if i % 5 == 0 else f"see you at {i} there friend" for i in range(100)]
    assert kind_of_column("message", column_of(texts), "text") == ("phone numbers", False, pytest.approx(0.2))


def test_masking_replaces_the_data_and_keeps_the_rest():
    text = "write to a.b@c.example or 0171 2345678, card 4111 1111 1111 1111, id 123-45-6789, room 12, 3.50 euro, 2024-01-31"
    out = masked(text)
    assert out == "write to [e-mail] or [phone], card [card], id [number], room 12, 3.50 euro, 2024-01-31"
    assert masked(out) == out


def test_a_wrong_check_digit_is_no_card():
    assert kind_of_column("n", column_of([f"4111 1111 1111 111{i}" for i in (2, 3, 4)] * 9), "category") is None
    assert masked("4111 1111 1111 1112") == "4111 1111 1111 1112"
