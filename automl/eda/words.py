"""Columns of texts: lengths, words and runs of words, language, boilerplate, and the words that mark a class.

A word is named when at least five rows have it; what fewer have may tell who a row is about.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.eda.cloud import word_cloud
from automl.eda.columns import BINS, LEAST_NAMED, LONGEST_NAME, shown_classes
from automl.eda.languages import LANGUAGES, STOP_WORDS
from automl.eda.ranks import auc_by_class, macro_auc, mean_known, midranks
from automl.inference.features import tokens
from automl.inference.table import Column

MOST_TEXTS = 20_000
MOST_CHARACTERS = 5_000_000
SHOWN = 20
SHOWN_BY_CLASS = 15
CLOUD = 60
BOILERPLATE = 0.2
PRIOR_WORDS = 1000.0  # weight of the prior, as so many words spread as in all texts
SURE = 1.96
FOLDS = 2
_LINE = re.compile(r"[\r\n]+")


@dataclass(frozen=True)
class Tokens:
    """Words of texts in order: `word` and `text` (n_tokens,) are positions in `words` and in the texts (0 to n_texts - 1)."""

    words: list[str]
    word: NDArray[np.int64]
    text: NDArray[np.int64]
    n_texts: int


def describe_texts(dataset: Dataset, rows: NDArray[np.int64], clock: Clock) -> dict[str, Any]:
    """Return `columns`, one mapping per text column, from a sample of its rows."""
    names = [f.name for f in dataset.fields if f.kind == "text"]
    out = []
    for k, name in enumerate(names):
        with clock.share(name, 1 / (len(names) - k)) as own:
            out.append({"column": name} | describe_text(dataset, name, rows, own))
    return {"columns": out}


def describe_text(dataset: Dataset, name: str, rows: NDArray[np.int64], clock: Clock) -> dict[str, Any]:
    """Return what one column of texts is like; counts are of the `texts` that were read out of `of`."""
    column = dataset.table.columns[name]
    present = rows[column.values[rows] >= 0]
    chosen = _readable(column, sample(present, MOST_TEXTS))
    texts = [column.levels[code] for code in column.values[chosen]]
    found = tokenize(texts, clock)
    if found.n_texts < len(texts):
        chosen, texts = chosen[: found.n_texts], texts[: found.n_texts]
    clock.sampled(f"words of {name}", len(texts), len(present), "counting words takes long")
    out: dict[str, Any] = {"texts": len(texts), "of": len(present), "empty": sum(not text.strip() for text in texts)} | _lengths(texts, found)
    out |= {"vocabulary": len(found.words), "words_total": len(found.word), "boilerplate": boilerplate(texts), "language": language(found)}
    rows_with = rows_having(found.word, found)
    out["ngrams"] = {"1": _top(found, found.word, rows_with, SHOWN), "2": _runs(found, 2), "3": _runs(found, 3)}
    telling = [entry for entry in _top(found, found.word, rows_with, CLOUD + len(STOP_WORDS)) if entry[0] not in STOP_WORDS]
    out["cloud"] = word_cloud([(word, n) for word, _, n in telling[:CLOUD]])
    if dataset.classes and len(texts):
        y, labels = shown_classes(dataset, chosen, 10)
        out["by_class"] = log_odds(found, y, labels, rows_with)
        out["auc"] = words_auc(found, dataset.y[chosen], len(dataset.classes))
    return out


def _readable(column: Column, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return rows whose texts together have at most `MOST_CHARACTERS`, drawn at random where not all can be."""
    lengths = np.cumsum([len(column.levels[code]) for code in column.values[rows]])
    if not len(rows) or lengths[-1] <= MOST_CHARACTERS:
        return rows
    return sample(rows, max(1, int(len(rows) * MOST_CHARACTERS / lengths[-1])))


def tokenize(texts: list[str], clock: Clock) -> Tokens:
    """Return the lower-cased words of texts, as the features take them; of the first texts only when time runs out."""
    place: dict[str, int] = {}
    word: list[int] = []
    sizes: list[int] = []
    for k, text in enumerate(texts):
        if k % 500 == 499 and clock.left() <= 0:
            break
        before = len(word)
        word += [place.setdefault(w, len(place)) for w in tokens(text, (1, 1))]
        sizes.append(len(word) - before)
    return Tokens(list(place), np.array(word, dtype=np.int64), np.repeat(np.arange(len(sizes)), sizes), len(sizes))


def rows_having(item: NDArray[np.int64], found: Tokens, text: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Return (n_items,) in how many texts an item occurs; `item` (n,) its codes in the texts `text` (n,)."""
    text = found.text if text is None else text
    width = int(item.max(initial=-1)) + 1
    pairs = np.sort(text * width + item)
    first = np.concatenate(([True], pairs[1:] != pairs[:-1])) if len(pairs) else np.zeros(0, dtype=bool)
    return np.bincount(pairs[first] % max(1, width), minlength=width)


def _lengths(texts: list[str], found: Tokens) -> dict[str, Any]:
    characters = np.array([len(text) for text in texts] or [0], dtype=np.int64)
    words = np.bincount(found.text, minlength=max(1, len(texts)))
    histogram, edges = np.histogram(characters, bins=BINS) if texts else (np.zeros(0), np.zeros(0))
    return {
        "characters_mean": float(characters.mean()), "characters_max": int(characters.max()), "words_mean": float(words.mean()),
        "words_median": float(np.median(words)), "words_max": int(words.max()), "without_words": int((words[: len(texts)] == 0).sum()),
        "histogram": histogram.tolist(), "edges": [float(e) for e in edges],
    }  # fmt: skip


def _top(found: Tokens, item: NDArray[np.int64], rows_with: NDArray[np.int64], most: int) -> list[list[Any]]:
    """Return the most frequent words as [word, count, rows]."""
    counts = np.bincount(item, minlength=len(rows_with))
    often = np.flatnonzero(rows_with >= LEAST_NAMED)
    best = often[np.lexsort((often, -counts[often]))[:most]]
    return [[found.words[i], int(counts[i]), int(rows_with[i])] for i in best]


def _runs(found: Tokens, length: int) -> list[list[Any]]:
    """Return the most frequent runs of `length` words as [run, count, rows]."""
    n = len(found.word) - length + 1
    if n < 1:
        return []
    inside = np.flatnonzero(found.text[:n] == found.text[length - 1 :])
    code = found.word[inside]
    for k in range(1, length):
        code = code * len(found.words) + found.word[inside + k]
        codes, code = np.unique(code, return_inverse=True)  # anew for each word, so that long vocabularies do not overflow
    if not len(inside):
        return []
    first = np.empty(len(codes), dtype=np.int64)
    first[code[::-1]] = inside[::-1]
    rows_with, counts = rows_having(code, found, found.text[inside]), np.bincount(code)
    often = np.flatnonzero(rows_with >= LEAST_NAMED)
    best = often[np.lexsort((first[often], -counts[often]))[:SHOWN]]
    return [[" ".join(found.words[w] for w in found.word[first[i] : first[i] + length]), int(counts[i]), int(rows_with[i])] for i in best]


def boilerplate(texts: list[str]) -> list[dict[str, Any]]:
    """Return lines that more than a fifth of the texts share, and the rows that have them, the most frequent first."""
    seen: Counter[str] = Counter()
    for text in texts:
        seen.update({line for part in _LINE.split(text) if (line := part.strip())})
    least = max(LEAST_NAMED, BOILERPLATE * len(texts))
    often = [(line, n) for line, n in seen.most_common(SHOWN) if n >= least and n > BOILERPLATE * len(texts)]
    return [{"line": line[:LONGEST_NAME], "rows": n, "share": n / len(texts)} for line, n in often]


def language(found: Tokens) -> dict[str, Any]:
    """Return a guess of the language from words that only carry grammar: `unknown` below one word in twelve.

    `texts` counts the texts by their own guess.
    """
    member = np.array([[word in LANGUAGES[name] for name in LANGUAGES] for word in found.words], dtype=np.float64).reshape(-1, len(LANGUAGES))
    if not len(found.word):
        return {"guess": "unknown", "share": 0.0, "texts": {}}
    hits = np.stack([np.bincount(found.text, member[found.word, k], minlength=found.n_texts) for k in range(len(LANGUAGES))])
    shares = hits.sum(axis=1) / len(found.word)
    sizes = np.bincount(found.text, minlength=found.n_texts)
    known = hits.max(axis=0) >= np.maximum(1, sizes / 12)
    names = list(LANGUAGES)
    by_text = np.bincount(hits.argmax(axis=0)[known], minlength=len(names))
    counted = {names[k]: int(by_text[k]) for k in np.argsort(-by_text, kind="stable") if by_text[k]}
    return {
        "guess": names[int(shares.argmax())] if shares.max() >= 1 / 12 else "unknown", "share": round(float(shares.max()), 4),
        "texts": counted | {"unknown": int((~known).sum())},
    }  # fmt: skip


def log_odds(found: Tokens, y: NDArray[np.int64], labels: tuple[str, ...], rows_with: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return per class the words that mark it against all others: [word, z, count in the class, count elsewhere].

    Log-odds ratio with an informative Dirichlet prior over its standard deviation (Monroe, Colaresi & Quinn 2008, eqs. 16,
    20 and 22); the prior are the words of all texts, as 1,000 words. `y` (n_texts,) are positions in `labels`, -1 others.
    """
    wide = len(labels) + 1
    of = np.where(y < 0, len(labels), y)[found.text]
    counts = np.bincount(found.word * wide + of, minlength=len(found.words) * wide).reshape(-1, wide).astype(np.float64)
    total = counts.sum(axis=1)
    prior = PRIOR_WORDS * total / max(1.0, total.sum())
    often = rows_with >= LEAST_NAMED
    if len(total) < 2:
        return [{"class": label, "words": []} for label in labels]
    out = []
    for k, label in enumerate(labels):
        inside = counts[:, k] + prior
        outside = total - counts[:, k] + prior
        delta = np.log(inside / (inside.sum() - inside)) - np.log(outside / (outside.sum() - outside))
        z = np.where(often, delta / np.sqrt(1 / inside + 1 / outside), -np.inf)
        best = [i for i in np.argsort(-z, kind="stable")[:SHOWN_BY_CLASS] if z[i] > SURE]
        words = [[found.words[i], round(float(z[i]), 2), int(counts[i, k]), int(total[i] - counts[i, k])] for i in best]
        out.append({"class": label, "words": words})
    return out


def words_auc(found: Tokens, y: NDArray[np.int64], n_classes: int) -> float | None:
    """Return the mean area of one class against the rest that words alone reach: naive Bayes, counted on the other half.

    `y` (n_texts,) are class codes. Each text is scored by the mean log-odds of its words, one word of each kind added.
    """
    size = np.bincount(y, minlength=n_classes)
    shown = np.argsort(-size, kind="stable")[: 10 if n_classes > 2 else 1]
    fold = np.random.default_rng(0).integers(0, FOLDS, len(y))
    place = fold[found.text] * len(found.words) + found.word
    shape = (FOLDS, len(found.words))
    every = np.bincount(place, minlength=FOLDS * len(found.words)).reshape(shape)
    areas = np.full(n_classes, np.nan)
    lengths = np.maximum(1, np.bincount(found.text, minlength=len(y)))
    for label in shown:
        if not 0 < size[label] < len(y):
            continue
        inside = np.bincount(place[(y == label)[found.text]], minlength=FOLDS * len(found.words)).reshape(shape)
        known, rest = inside.sum(axis=0) - inside + 1.0, (every - inside).sum(axis=0) - (every - inside) + 1.0
        odds = np.log(known / known.sum(axis=1, keepdims=True)) - np.log(rest / rest.sum(axis=1, keepdims=True))
        score = np.bincount(found.text, odds.ravel()[place], minlength=len(y)) / lengths
        by_fold = [auc_by_class(midranks(score[fold == k]), (y[fold == k] == label).astype(np.int64), 2)[0][1] for k in range(FOLDS)]
        areas[label] = mean_known(by_fold)
    return macro_auc(areas, size, undirected=False)
