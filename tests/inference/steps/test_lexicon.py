"""Forms that share the texts of a table: each gets what it would have found alone, and the texts are read once."""

import numpy as np
import pytest

from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.steps import lexicon
from automl.inference.steps.lexicon import Lexicon, Looked
from automl.inference.steps.texts import count
from automl.inference.table import Column, Table

TEXTS = ("Free entry now, free", "call me now", "", "entry entry call now")


def table():
    return Table({"t": Column("text", np.array([0, 1, 2, 3, -1, 0]), TEXTS)}, 6)


def form(terms, ngrams=(1, 2)):
    steps = [{"kind": "length", "column": "t"}, {"kind": "tfidf", "column": "t", "ngrams": list(ngrams), "terms": terms}]
    return Form("features", {"steps": steps, "sparse": False}, {"idf.t": np.linspace(1, 2, len(terms)).astype(np.float32)})


FORMS = [form(["free", "entry now", "call"]), form(["now", "free", "never", "entry entry"]), form(["call", "now"], (1, 1))]


def test_each_form_gets_what_it_would_have_alone():
    alone = [Features(f).transform(table()) for f in FORMS]
    shared = Lexicon()
    ready = [Features(f, shared) for f in FORMS]
    looked = Looked(shared, table())
    for own, features in zip(alone, ready, strict=True):
        assert np.array_equal(features.transform(table(), looked=looked), own)
    assert alone[0][:, 4:].any() and np.array_equal(alone[0][0], alone[0][5])


def test_texts_are_read_once_for_all_forms_that_count_alike(monkeypatch):
    calls = []
    monkeypatch.setattr(lexicon, "count", lambda texts, ngrams, known: calls.append(tuple(ngrams)) or count(texts, ngrams, known))
    shared = Lexicon()
    ready = [Features(f, shared) for f in FORMS]
    looked = Looked(shared, table())
    for features in ready:
        features.transform(table(), looked=looked)
    assert calls == [(1, 2), (1, 1)]


def test_counts_keep_to_the_texts_and_to_the_form():
    shared = Lexicon()
    first, second = shared.add("t", (1, 1), ["now", "free"]), shared.add("t", (1, 1), ["entry", "now"])
    assert (first.tolist(), second.tolist()) == ([0, 1], [2, 0])
    found = Looked(shared, table()).counts("t", (1, 1), second)
    rows = [
        dict(zip(found.indices[a:b].tolist(), found.counts[a:b].tolist(), strict=True)) for a, b in zip(found.pointers[:-1], found.pointers[1:], strict=True)
    ]
    assert rows == [{0: 1, 1: 1}, {1: 1}, {}, {0: 2, 1: 1}]


def test_a_source_that_no_form_named_is_not_looked_up():
    with pytest.raises(KeyError):
        Looked(Lexicon(), table()).counts("t", (1, 2), np.zeros(0, np.int32))
