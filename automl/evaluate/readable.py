"""Whether a person can follow a packed model: one small tree, or a weight for each of few terms; counted on the model as it ships."""

from dataclasses import dataclass

import numpy as np

from automl.inference.features import Features, columns_of
from automl.inference.forms import Form, widen

MOST_TERMS = 50
"""Terms of a model that a person can still follow: a column of the table (all levels of a category are one), a pair of them, or a word.

There is no agreed number (Lipton 2018, The mythos of model interpretability); scorecards in use have some dozens.
"""
MOST_LEAVES = 32  # of one tree: five questions deep


@dataclass(frozen=True)
class Readable:
    """`words` say what there is to follow, for example "12 terms"."""

    met: bool
    words: str


def readable(features: Form, model: Form, family_can: bool) -> Readable:
    """Return whether a person can follow this model; `family_can` says that its family has such models at all."""
    if not family_can:
        return Readable(False, "nobody can follow this kind of model")
    if model.kind == "constant":
        return Readable(True, "a constant")
    if model.kind == "trees":
        n_trees, n_nodes = int(model.config["n_trees"]), int(model.config["n_nodes"])
        leaves = (n_nodes + n_trees) // 2
        trees = "one tree" if n_trees == 1 else f"{n_trees:,} trees"
        return Readable(n_trees == 1 and leaves <= MOST_LEAVES, f"{trees} of {leaves:,} lea{'f' if leaves == 1 else 'ves'}")
    terms = _terms(features, model)
    if terms is None:
        return Readable(False, "nobody can follow this kind of model")
    return Readable(terms <= MOST_TERMS, f"{terms:,} term{'s' if terms != 1 else ''}")


def _terms(features: Form, model: Form) -> int | None:
    """Return how many terms have a weight; None where the model is no sum of terms."""
    if model.kind == "linear":
        used = np.flatnonzero(np.any(widen(model.arrays, "weights") != 0, axis=1))
    elif model.kind == "naive_bayes":
        used = np.concatenate([model.arrays["numbers"], model.arrays["marks"]]).astype(np.int64)
    else:
        return None
    ready = Features(features)
    select = features.arrays.get("select")
    places = used if select is None else np.asarray(select)[used]
    terms: set[tuple[str, ...]] = set()
    for i, first, width in ready.places():
        inside = places[(places >= first) & (places < first + width)]
        step = features.config["steps"][i]
        if len(inside) and step["kind"] in ("tfidf", "hash"):
            terms |= {(step["column"], str(at)) for at in inside.tolist()}
        elif len(inside):
            terms.add(tuple(columns_of(step)))
    return len(terms)
