"""Steps on texts: weights of chosen words, weights of hashed words, and lengths; all of it once per distinct text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl.inference.steps.numbers import CLIP
from automl.inference.table import Column, Floats

Step = dict[str, Any]
Out = NDArray[np.float32]
Words = NDArray[np.uint32]

TOKEN = re.compile(r"(?u)\b\w\w+\b")  # scikit-learn's default token pattern
LENGTHS = ("characters", "words", "share of digits", "share of upper case")
CHUNK_TEXTS, CHUNK_CHARACTERS = 10_000, 1_000_000  # hashed and measured at a time


def tokens(text: str, ngrams: Sequence[int]) -> list[str]:
    """Return lower-cased word n-grams, lengths ngrams[0] to ngrams[1]."""
    words = TOKEN.findall(text.lower())
    out = list(words) if ngrams[0] == 1 else []
    for n in range(max(2, ngrams[0]), ngrams[1] + 1):
        out += [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
    return out


class Counts(NamedTuple):
    """How often terms occur in texts: of text i those at pointers[i] to pointers[i + 1], in the order of their first place."""

    indices: NDArray[np.int32]
    counts: NDArray[np.int64]
    pointers: NDArray[np.int64]


def count(texts: Sequence[str], ngrams: Sequence[int], vocabulary: dict[str, int]) -> Counts:
    """Return how often each term of the vocabulary occurs in each text."""
    pointers: list[int] = [0]
    indices: list[int] = []
    counts: list[int] = []
    place = vocabulary.get
    for text in texts:
        seen: dict[int, int] = {}
        for token in tokens(text, ngrams):
            if (at := place(token)) is not None:
                seen[at] = seen.get(at, 0) + 1
        indices += seen.keys()
        counts += seen.values()
        pointers.append(len(indices))
    return Counts(np.array(indices, np.int32), np.array(counts, np.int64), np.array(pointers, np.int64))


def tfidf(found: Counts, column: Column, idf: NDArray[np.float32]) -> Any:
    """Return (n_rows, n_terms) CSR float32: as scikit-learn's TfidfVectorizer with sublinear counts and L2 norm."""
    weights = (1.0 + np.log(found.counts)) * idf[found.indices]
    return _rows(weights, found.indices, found.pointers, len(idf), column)


def _rows(weights: Floats, indices: NDArray[np.int32], pointers: NDArray[np.int64], width: int, column: Column) -> Any:
    """Return the rows of a column from the weights of its levels, each level at length 1; a missing text has none."""
    from scipy import sparse

    lengths = np.append(np.diff(pointers), 0)
    level = np.repeat(np.arange(len(lengths)), lengths)
    norm = np.sqrt(np.bincount(level, weights**2, minlength=len(lengths)))
    shares = (weights / np.where(norm > 0, norm, 1.0)[level]).astype(np.float32)
    by_level = sparse.csr_matrix((shares, indices, np.append(pointers, pointers[-1])), shape=(len(lengths), width))
    by_level.sort_indices()
    return by_level[column.values]


def names_tfidf(step: Step) -> list[str]:
    """Return the names of the terms."""
    return [f"{step['column']}: {term}" for term in step["terms"]]


def hashes(words: Sequence[str]) -> Words:
    """Return 32-bit hashes (n_words,) of words in UTF-8: MurmurHash3 (x86, 32 bits, seed 0; Appleby 2011), all words at once."""
    coded = [word.encode("utf-8", "surrogatepass") for word in words]
    length = np.array([len(c) for c in coded], dtype=np.int64)
    start = np.cumsum(length) - length
    content = np.frombuffer(b"".join(coded) + b"\0\0\0\0", dtype=np.uint8).astype(np.uint32)
    out = np.zeros(len(words), dtype=np.uint32)
    for block in range(int(length.max(initial=0)) // 4):
        live = np.flatnonzero(length >= 4 * (block + 1))
        at = start[live] + 4 * block
        four = content[at] | content[at + 1] << 8 | content[at + 2] << 16 | content[at + 3] << 24
        out[live] = _turn(out[live] ^ _mix(four), 13) * np.uint32(5) + np.uint32(0xE6546B64)
    rest = np.zeros(len(words), dtype=np.uint32)
    for place in range(3):
        live = np.flatnonzero(length % 4 > place)
        rest[live] |= content[start[live] + length[live] // 4 * 4 + place] << np.uint32(8 * place)
    out ^= _mix(rest)  # a rest of zero mixes to zero
    out ^= length.astype(np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        out = (out ^ out >> np.uint32(shift)) * np.uint32(factor)
    return out ^ out >> np.uint32(16)


def _turn(x: Words, bits: int) -> Words:
    return x << np.uint32(bits) | x >> np.uint32(32 - bits)


def _mix(x: Words) -> Words:
    return _turn(x * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)


def hashed(step: Step, column: Column) -> Any:
    """Return (n_rows, buckets) CSR float32: signed counts of hashed words at length 1, as scikit-learn's HashingVectorizer.

    Each word adds 1 or -1, by the sign of its hash, to one bucket, so that words that meet in one cancel on average and
    products of rows are unbiased (Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning, section 2).
    No word is stored.
    """
    buckets: int = step["buckets"]
    weights, indices, lengths = [], [], [np.zeros(1, dtype=np.int64)]
    for first in range(0, len(column.levels), CHUNK_TEXTS):
        found, found_lengths, words = _numbered(column.levels[first : first + CHUNK_TEXTS], step["ngrams"])
        signed = hashes(words).view(np.int32).astype(np.int64)
        keys = np.repeat(np.arange(len(found_lengths)), found_lengths) * buckets + (np.abs(signed) % buckets)[found]
        cells, cell = np.unique(keys, return_inverse=True)
        weights.append(np.bincount(cell, np.where(signed >= 0, 1.0, -1.0)[found], minlength=len(cells)).astype(np.float64))
        indices.append(cells % buckets)
        lengths.append(np.bincount(cells // buckets, minlength=len(found_lengths)))
    joined: Floats = np.concatenate(weights) if weights else np.zeros(0)
    places = np.concatenate(indices).astype(np.int32) if indices else np.zeros(0, np.int32)
    return _rows(joined, places, np.cumsum(np.concatenate(lengths)), buckets, column)


def _numbered(texts: Sequence[str], ngrams: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    """Return the numbers of all words of some texts, how many each text has, and the distinct words."""
    known: dict[str, int] = {}
    found: list[int] = []
    lengths: list[int] = []
    for text in texts:
        every = tokens(text, ngrams)
        found += [known.setdefault(word, len(known)) for word in every]
        lengths.append(len(every))
    return np.array(found, dtype=np.int64), np.array(lengths, dtype=np.int64), list(known)


def names_hash(step: Step) -> list[str]:
    """Return the names of the buckets."""
    return [f"{step['column']}: words {bucket}" for bucket in range(step["buckets"])]


def lengths(column: Column) -> Floats:
    """Return (n_rows, 4): characters, words, and the shares of digits and of upper case among the characters; 0 where missing."""
    parts = [_measure(texts) for texts in _portions(column.levels)]
    by_level = np.concatenate([*parts, np.zeros((1, len(LENGTHS)))])
    by_row: Floats = by_level[column.values]
    return by_row


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield runs of texts that are together not much longer than a chunk."""
    first, size = 0, 0
    for i, text in enumerate(texts):
        size += len(text)
        if size >= CHUNK_CHARACTERS:
            yield texts[first : i + 1]
            first, size = i + 1, 0
    if first < len(texts):
        yield texts[first:]


def _measure(texts: Sequence[str]) -> Floats:
    size = np.array([len(text) for text in texts], dtype=np.int64)
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    seen = np.zeros(int(letters.max(initial=0)) + 1, dtype=bool)
    seen[letters] = True
    facts = np.zeros((len(seen), 3), dtype=bool)  # what Python says of each character that occurs: in a word, digit, upper case
    for code in np.flatnonzero(seen).tolist():
        facts[code] = (c := chr(code)).isalnum() or c == "_", c.isdigit(), c.isupper()
    found = facts[letters]
    first = (np.cumsum(size) - size)[size > 0]
    before = np.append(False, found[:-1, 0]) if len(found) else np.zeros(0, dtype=bool)
    before[first] = False
    found[:, 0] &= ~before  # a word counts where it begins
    sums = np.concatenate([np.zeros((1, 3), np.int64), np.cumsum(found, axis=0, dtype=np.int64)])
    end = np.cumsum(size)
    words, digits, upper = (sums[end] - sums[end - size]).T
    return np.stack([size, words, digits / np.maximum(size, 1), upper / np.maximum(size, 1)], axis=1)


def write_length(out: Out, step: Step, found: Floats) -> None:
    """Write lengths and shares (n_rows, 4); the lengths as logarithms, all of it scaled, where the step has scales."""
    out[:] = np.clip((logged(found) - step["centre"]) / step["scale"], -CLIP, CLIP) if "scale" in step else found


def logged(found: Floats) -> Floats:
    """Return lengths with ln(1 + n) in place of the two counts: they are spread over powers of ten."""
    return np.concatenate([np.log1p(found[:, :2]), found[:, 2:]], axis=1)


def names_length(step: Step) -> list[str]:
    """Return the names of the lengths."""
    return [f"{step['column']}: {name}" for name in LENGTHS]
