"""Words of texts: counted as by hand, told apart by class, in their language, and never named when few rows have them."""

import json
import math
from collections import Counter

import numpy as np
import pytest

from automl.eda.clock import Clock
from automl.eda.words import boilerplate, describe_text, describe_texts, language, tokenize
from tests.eda.made import Hand, made, rows_of

RNG = np.random.default_rng(0)
VOCABULARY = [f"word{i}" for i in range(40)]
N = 500
SHARES = 1 / np.arange(1, 41) / (1 / np.arange(1, 41)).sum()
TEXTS = [" ".join(RNG.choice(VOCABULARY, RNG.integers(1, 12), p=SHARES)) for _ in range(N)]
Y = RNG.integers(0, 2, N)


def described(texts, y=Y, clock=None):
    dataset = made(y, texts={"t": texts}, n=len(texts))
    out = describe_text(dataset, "t", rows_of(dataset), clock or Clock())
    json.dumps(out, allow_nan=False)
    return out


def test_words_and_runs_of_words_are_counted():
    out = described(TEXTS)
    for length in (1, 2, 3):
        split = [text.split() for text in TEXTS]
        runs = [[" ".join(t[i : i + length]) for i in range(len(t) - length + 1)] for t in split]
        counts, rows = Counter(r for t in runs for r in t), Counter(r for t in runs for r in set(t))
        found = out["ngrams"][str(length)]
        assert found and all(counts[run] == n and rows[run] == m >= 5 for run, n, m in found)
        assert [n for _, n, _ in found] == sorted((n for run, n in counts.items() if rows[run] >= 5), reverse=True)[:20]
    assert out["vocabulary"] == 40 and out["words_total"] == sum(map(len, split))


def test_lengths_and_empty_texts():
    texts = ["", "  ", "- !", "one", "two words", None] * 20
    out = described(texts, np.arange(120) % 2)
    assert (out["texts"], out["of"], out["empty"], out["without_words"]) == (100, 100, 40, 60)
    assert out["words_mean"] == pytest.approx(0.6) and out["words_max"] == 2 and out["characters_max"] == 9
    assert sum(out["histogram"]) == 100 and len(out["edges"]) == 21


def test_words_that_few_rows_have_are_not_named():
    texts = [f"{text} secret{i % 200}" for i, text in enumerate(TEXTS[:400])] + ["rare rare rare rare rare rare"] * 4 + ["known known"] * 5
    out = described(texts, np.arange(409) % 2)
    text = json.dumps(out)
    assert "secret" not in text and "rare" not in text and "known" in text


def test_words_that_mark_a_class():
    texts = [f"{text} {'alpha' if y else 'beta'} shared" for text, y in zip(TEXTS, Y, strict=True)]
    out = described(texts)
    by = {entry["class"]: {w: (z, a, b) for w, z, a, b in entry["words"]} for entry in out["by_class"]}
    assert next(iter(by["class1"])) == "alpha" and next(iter(by["class0"])) == "beta" and "shared" not in by["class0"] | by["class1"]
    assert by["class1"]["alpha"][1:] == ((Y == 1).sum(), 0) and by["class1"]["alpha"][0] > 8
    assert out["auc"] == pytest.approx(1, abs=0.001) and 0.5 <= described(TEXTS)["auc"] < 0.57


def test_the_log_odds_are_those_of_the_formula():
    texts, y = ["red red blue"] * 30 + ["blue green"] * 50, np.repeat([0, 1], [30, 50])
    found = {w: z for w, z, _, _ in described(texts, y)["by_class"][1]["words"]}  # the less frequent class is the second
    counts, total = {"red": (60, 0), "blue": (30, 50), "green": (0, 50)}, 190
    (n, m), a0 = (90, 100), 1000.0
    prior = {w: a0 * sum(c) / total for w, c in counts.items()}
    inside, outside = counts["red"][0] + prior["red"], counts["red"][1] + prior["red"]
    delta = math.log(inside / (n + a0 - inside)) - math.log(outside / (m + a0 - outside))
    assert found["red"] == pytest.approx(delta / math.sqrt(1 / inside + 1 / outside), abs=0.01)
    assert "green" not in found


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("The cat sat on the mat and it was not amused by what you said to them", "en"),
        ("Die Katze saß auf der Matte und war nicht froh über das, was sie auch sagten", "de"),
        ("Le chat est sur le tapis et il ne veut pas que les autres soient dans la maison", "fr"),
        ("El gato está en la casa y no quiere que los otros se queden con él para siempre", "es"),
        ("Il gatto è sul tappeto e non vuole che gli altri siano nella casa con lui", "it"),
        ("lorem dolor amet consectetur adipiscing", "unknown"),
    ],
)
def test_languages(text, guess):
    found = language(tokenize([text] * 3, Clock()))
    assert found["guess"] == guess and found["texts"] == ({guess: 3, "unknown": 0} if guess != "unknown" else {"unknown": 3})


def test_lines_that_texts_share():
    texts = [f"{text}\nSent from my phone\n--" for text in TEXTS[:200]] + TEXTS[200:]
    assert boilerplate(texts) == [{"line": "Sent from my phone", "rows": 200, "share": 0.4}, {"line": "--", "rows": 200, "share": 0.4}] or {
        b["line"] for b in boilerplate(texts)
    } == {"Sent from my phone", "--"}
    assert boilerplate(TEXTS) == [] and boilerplate([]) == [] and boilerplate(["a", "a", "b"]) == []


def test_the_cloud_leaves_out_words_that_carry_grammar():
    out = described([f"the {text}" for text in TEXTS])
    words = [c["word"] for c in out["cloud"]]
    assert "the" not in words and "the" in [w for w, _, _ in out["ngrams"]["1"]] and len(words) > 35 and all({"x", "y", "size"} <= set(c) for c in out["cloud"])


def test_many_texts_are_sampled_and_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr("automl.eda.words.MOST_TEXTS", 100)
    clock = Clock()
    out = described(TEXTS, clock=clock)
    assert (out["texts"], out["of"]) == (100, N) and clock.sampling[0]["rows"] == 100
    monkeypatch.setattr("automl.eda.words.MOST_CHARACTERS", 300)
    assert sum(map(len, TEXTS)) / N * described(TEXTS)["texts"] < 450


def test_out_of_time_it_stops_between_texts():
    out = described(TEXTS * 5, np.tile(Y, 5), Clock(2.5, Hand(1.0)))
    assert 499 <= out["texts"] < 2500 and out["of"] == 2500 and out["by_class"]


def test_columns_without_a_text_or_a_target():
    dataset = made(n=20, texts={"a": [None] * 20, "b": ["x y z"] * 20})
    out = describe_texts(dataset, rows_of(dataset), Clock())["columns"]
    assert out[0]["texts"] == 0 and out[0]["histogram"] == [] and out[1]["vocabulary"] == 0 and "by_class" not in out[1]
    assert "by_class" not in describe_text(made(np.arange(20) % 2, texts={"a": [None] * 20}), "a", np.arange(20), Clock())
