"""The part of an e-mail address behind the @: a feature per domain, and how common the domain is."""

from collections import Counter

import numpy as np

from automl.inference.transformer import State, Transformer

RARE = 5  # rows; rarer domains are not stored, as they would say who was there


def domain(value):
    return value.rpartition("@")[2].lower() if value and "@" in value else ""


def fit(values, y):
    counts = Counter(domain(value) for value in values)
    kept = sorted(name for name, count in counts.items() if count >= RARE)
    return State({"domains": kept}, {"share": np.array([counts[name] / len(values) for name in kept])})


def apply(state, values):
    place = {name: i for i, name in enumerate(state.facts["domains"])}
    out = np.zeros((len(values), len(place) + 1), dtype=np.float32)
    for row, value in enumerate(values):  # each distinct address once
        if (at := place.get(domain(value))) is not None:
            out[row, at], out[row, -1] = 1.0, state.arrays["share"][at]
    return out


def names(state):
    return [*state.facts["domains"], "how common"]


TRANSFORMER = Transformer("email_domain", frozenset({"category", "text"}), fit, apply, names, summary="the domain of an e-mail address")
