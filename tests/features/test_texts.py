"""Texts: the terms kept, against scikit-learn; hashing where they are too many; lengths."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import chi2

from automl.families.base import Needs
from automl.features import texts
from automl.features.recipe import TextOptions
from automl.features.texts import fit_text
from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.steps.texts import LENGTHS
from automl.inference.table import Table, column_of

TEXTS = ["good food here", "bad food here", "good place", "bad place", "good good", "the bad"] * 3


def made(values, needs=None, y=None, **options):
    """Return (steps, arrays) of a text."""
    column, arrays = column_of(values), {}
    y = np.arange(len(values)) % 2 if y is None else np.asarray(y)
    return fit_text("a", column, y, needs or Needs(scaled=False), TextOptions(**options), arrays), arrays


def terms_of(values, needs=None, y=None, **options):
    steps, arrays = made(values, needs, y, **options)
    assert [s["kind"] for s in steps] == ["length", "tfidf"]
    return steps[1]["terms"], arrays["idf.a"]


def test_rarity_of_terms_is_scikit_learns():
    terms, idf = terms_of(TEXTS)
    library = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(TEXTS)
    assert sorted(terms) == sorted(library.vocabulary_)
    assert np.allclose(idf, [library.idf_[library.vocabulary_[t]] for t in terms], atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_terms_kept_are_those_that_tell_most_about_the_class(n_classes):
    rng = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(60)])
    y = rng.integers(0, n_classes, 400)
    values = [" ".join(rng.choice(words[k * 5 : k * 5 + 45], 8)) for k in y]
    terms, _ = terms_of(values, Needs(scaled=False, terms=12), y)
    library = TfidfVectorizer(ngram_range=(1, 2), min_df=2).fit(values)
    best = library.get_feature_names_out()[np.argsort(-chi2((library.transform(values) > 0).astype(float), y)[0], kind="stable")[:12]]
    assert set(terms) == set(best)


@pytest.mark.parametrize(("n", "least"), [(999, 2), (1000, 5)])
def test_terms_of_few_rows_are_not_stored(n, least):
    values = [f"common word{i // (least - 1) if i < 40 else 'x'}" for i in range(n)]
    assert all(t in ("common", "wordx", "common wordx") for t in terms_of(values)[0])
    values = [f"common word{i // least if i < 40 else 'x'}" for i in range(n)]
    assert {"word0", "word3"} <= set(terms_of(values)[0])


def test_texts_without_words():
    terms, idf = terms_of(["!", "-", None, ""])
    assert terms == [] and idf.shape == (0,)


def test_a_text_that_repeats_counts_once_per_row():
    terms, idf = terms_of(["alpha beta", "alpha beta", "gamma"])
    assert terms == ["alpha", "beta", "alpha beta"] and np.allclose(idf, np.log(4 / 3) + 1)


def test_terms_of_texts_that_no_training_row_has_are_not_learned():
    column = column_of(["alpha", "alpha", "beta", "beta"]).take(np.array([0, 1, 1]))
    arrays = {}
    assert fit_text("a", column, np.array([0, 1, 0]), Needs(), TextOptions(), arrays)[1]["terms"] == ["alpha"]


@pytest.mark.parametrize(
    ("needs", "asked", "limit"),
    [(Needs(terms=20), None, 20), (Needs(terms=20), 10, 10), (Needs(terms=20), 50, 20), (Needs(terms=20, sparse=True), 50, 50)],
)
def test_the_most_terms_are_what_was_asked_for_within_what_a_dense_family_takes(needs, asked, limit):
    values = [f"w{i % 70} w{i % 63}" for i in range(700)]
    assert len(terms_of(values, needs, max_features=asked)[0]) == limit
    steps, _ = made(values, needs, max_features=asked, encode="hashing")
    assert steps[1]["buckets"] <= limit < 2 * steps[1]["buckets"]


def test_what_is_counted_in_portions_is_what_is_counted_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    values = [" ".join(rng.choice([f"w{i}" for i in range(30)], 5)) for _ in range(300)]
    whole = terms_of(values, y=rng.integers(0, 3, 300))
    monkeypatch.setattr(texts, "PORTION", 17)
    parts = terms_of(values, y=rng.integers(0, 3, 300))
    assert whole[0] == parts[0] and np.array_equal(whole[1], parts[1])


def many_words(n=3000):
    """Return texts of a few words that recur and one that does not."""
    rng = np.random.default_rng(0)
    return [f"{' '.join(rng.choice(['red', 'green', 'blue', 'grey'], 3))} once{i}" for i in range(n)]


def test_words_that_do_not_recur_are_forgotten_when_there_are_too_many(monkeypatch):
    expected = set(terms_of(many_words())[0])
    monkeypatch.setattr(texts, "MOST_TERMS", 100)
    assert set(terms_of(many_words())[0]) == expected and "green" in expected


def test_words_are_hashed_when_too_many_recur_and_no_other_way_was_asked_for(monkeypatch):
    monkeypatch.setattr(texts, "MOST_TERMS", 20)
    values = [f"w{i % 200}" for i in range(2000)]
    steps, arrays = made(values)
    assert [s["kind"] for s in steps] == ["length", "hash"] and not arrays and not any("w1" in str(v) for v in steps[1].values())
    steps, _ = made(values, encode="tfidf")
    assert steps[1]["kind"] == "tfidf" and len(steps[1]["terms"]) <= 40


@pytest.mark.parametrize("in_csr", [False, True])
@pytest.mark.parametrize("ngrams", [(1, 2), (2, 3)])
def test_hashed_words_are_scikit_learns(in_csr, ngrams):
    needs = Needs(scaled=False, terms=40, sparse=in_csr)
    steps, _ = made(TEXTS, needs, encode="hashing", ngrams=ngrams)
    x = Features(Form("features", {"steps": steps, "sparse": in_csr})).transform(Table({"a": column_of([*TEXTS, None, "!"])}, 20))
    assert sparse.issparse(x) is in_csr
    expected = HashingVectorizer(n_features=32, ngram_range=ngrams).transform([*TEXTS, "", "!"]).toarray()
    assert np.allclose((x.toarray() if in_csr else x)[:, len(LENGTHS) :], expected, atol=1e-6)


def test_lengths_stand_beside_the_words_or_alone():
    assert [s["kind"] for s in made(TEXTS, encode="length")[0]] == ["length"]
    assert made(TEXTS, encode="none")[0] == []


def test_lengths_are_scaled_for_families_that_need_it():
    values = ["a" * (3**k) for k in range(6)] * 3
    (step,), _ = made(values, Needs(), encode="length")
    x = Features(Form("features", {"steps": [step], "sparse": False})).transform(Table({"a": column_of(values)}, 18))
    assert x[:, 0].mean() == pytest.approx(0, abs=1e-6) and x[:, 0].std() == pytest.approx(1, abs=1e-6) and not x[:, 1:].any()
    (step,), _ = made(values, encode="length")
    assert step == {"kind": "length", "column": "a"}
