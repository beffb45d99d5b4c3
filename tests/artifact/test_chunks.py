"""A table in chunks is answered as a whole one is, in order, on any number of threads."""

import numpy as np
import pytest

from automl.artifact import chunks
from automl.artifact.chunks import in_chunks
from automl.inference.table import Column, Table


def table(n):
    codes = (np.arange(n) % 3 - 1).astype(np.int32)
    return Table({"a": Column("number", np.arange(n, dtype=np.float64)), "b": Column("coded", codes, ("x", "y"))}, n)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("n", [0, 1, 10, 11, 95])
def test_the_answers_are_in_order(monkeypatch, threads, n):
    monkeypatch.setattr(chunks, "CHUNK", 10)
    seen = []

    def answer(part):
        seen.append(part.n_rows)
        return np.stack([part.columns["a"].values, part.columns["b"].values], axis=1)

    found = in_chunks(table(n), answer, threads)
    assert found[:, 0].tolist() == list(range(n)) and found[:, 1].tolist() == [i % 3 - 1 for i in range(n)]
    assert max(seen) <= 10 and sum(seen) == n


def test_a_fault_in_a_thread_is_raised(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 10)

    def answer(part):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_chunks(table(50), answer, 2)
