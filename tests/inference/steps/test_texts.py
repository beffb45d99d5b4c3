"""Words, hashed words and lengths, against scikit-learn and plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.utils import murmurhash3_32

from automl.inference.steps import texts
from automl.inference.steps.texts import hashes, lengths, tokens
from automl.inference.table import Column, column_of

from . import transformed

word = st.text("abc é-_1\n", max_size=12)


@given(word, st.sampled_from([(1, 1), (1, 2), (2, 2), (1, 3)]))
def test_tokens_are_those_of_scikit_learn(text, ngrams):
    assert sorted(tokens(text, ngrams)) == sorted(TfidfVectorizer(ngram_range=ngrams).build_analyzer()(text))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("ab AB é", max_size=15), min_size=1, max_size=12), st.booleans(), st.data())
def test_texts_are_those_of_scikit_learn(said, in_csr, data):
    every = sorted({t for text in said for t in tokens(text, (1, 2))})
    terms = data.draw(st.lists(st.sampled_from(every), unique=True, min_size=1)) if every else ["none"]
    library = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), vocabulary=terms)
    expected = library.fit_transform(said).toarray()
    step = {"kind": "tfidf", "ngrams": [1, 2], "terms": terms}
    found = transformed(step, column_of([*said, None]), {"idf.a": library.idf_.astype(np.float32)}, in_csr)
    assert sparse.issparse(found) is in_csr
    found = found.toarray() if in_csr else found
    assert np.allclose(found[:-1], expected, atol=1e-6) and not found[-1].any()


def test_a_word_said_often_counts_by_its_logarithm():
    said = ["good good good bad", "bad good", "good"]
    library = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(said)
    terms = sorted(library.vocabulary_, key=library.vocabulary_.get)
    found = transformed({"kind": "tfidf", "ngrams": [1, 2], "terms": terms}, column_of(said), {"idf.a": library.idf_.astype(np.float32)})
    assert np.allclose(found, library.transform(said).toarray(), atol=1e-6)


def test_a_text_column_without_terms_has_no_columns():
    step = {"kind": "tfidf", "ngrams": [1, 2], "terms": []}
    assert transformed(step, column_of(["x y", None]), {"idf.a": np.zeros(0, np.float32)}).shape == (2, 0)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20)))
def test_hashes_are_scikit_learns(words):
    assert hashes(words).tolist() == [murmurhash3_32(word.encode(), positive=True) for word in words]


def test_hashes_of_words_of_every_length():
    words = ["ab" * n for n in range(60)] + ["\U0001f600" * 300]
    assert hashes(words).tolist() == [murmurhash3_32(word.encode(), positive=True) for word in words]


@pytest.mark.parametrize("in_csr", [False, True])
def test_hashed_words_are_scikit_learns_and_chunks_do_not_show(in_csr, monkeypatch):
    rng = np.random.default_rng(0)
    said = [" ".join(rng.choice(["good", "bad", "the", "a1", "é_b"], rng.integers(0, 9))) for _ in range(50)]
    step = {"kind": "hash", "ngrams": [1, 2], "buckets": 16}
    whole = transformed(step, column_of([*said, None]), in_csr=in_csr)
    monkeypatch.setattr(texts, "CHUNK_TEXTS", 7)
    parts = transformed(step, column_of([*said, None]), in_csr=in_csr)
    whole, parts = (x.toarray() if in_csr else x for x in (whole, parts))
    assert np.array_equal(whole, parts) and np.allclose(whole, HashingVectorizer(n_features=16, ngram_range=(1, 2)).transform([*said, ""]).toarray(), atol=1e-6)


def test_a_column_without_any_text_can_be_hashed():
    column = Column("coded", np.array([-1, -1], np.int32))
    assert not transformed({"kind": "hash", "ngrams": [1, 2], "buckets": 8}, column).any()
    assert not transformed({"kind": "length"}, column).any()


def by_hand(text):
    word = [c.isalnum() or c == "_" for c in text]
    begins = sum(now and not before for now, before in zip(word, [False, *word], strict=False))
    return [len(text), begins, sum(map(str.isdigit, text)) / max(len(text), 1), sum(map(str.isupper, text)) / max(len(text), 1)]


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), unique=True, min_size=1), st.integers(1, 40))
def test_lengths_are_those_counted_by_hand(said, chunk):
    column = column_of([*said, None])
    keep, texts.CHUNK_CHARACTERS = texts.CHUNK_CHARACTERS, chunk
    try:
        found = lengths(column)
    finally:
        texts.CHUNK_CHARACTERS = keep
    assert found.tolist() == [*(pytest.approx(by_hand(text)) for text in said), [0, 0, 0, 0]]


def test_lengths_are_scaled_where_the_step_has_scales():
    x = transformed({"kind": "length", "centre": [0, 0, 0, 0.5], "scale": [1, 1, 1, 0.5]}, column_of(["AB cd", None]))
    assert np.allclose(x, [[np.log(6), np.log(3), 0, -0.2], [0, 0, 0, -1]])
