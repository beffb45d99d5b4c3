import numpy as np
import torch
from scipy.sparse import csr_array

from automl.neural.tables import Dense, Sparse, table


def test_rows_of_a_sparse_matrix_come_as_bags():
    x = csr_array(np.array([[0, 1, 0], [2, 0, 3], [0, 0, 0], [4, 5, 6]], dtype=np.float32))
    bags = table(x, "cpu").take(torch.tensor([3, 2, 1]))
    assert len(bags) == 3 and bags.starts.tolist() == [0, 3, 3]
    assert bags.columns.tolist() == [0, 1, 2, 0, 2] and bags.values.tolist() == [4, 5, 6, 2, 3]


def test_bags_weigh_an_embedding_as_the_product_would():
    x = np.array([[0, 1, 0], [2, 0, 3], [0, 0, 0]], dtype=np.float32)
    weights = torch.arange(6.0).view(3, 2)
    bags = Sparse(csr_array(x), "cpu").take(torch.arange(3))
    found = torch.nn.functional.embedding_bag(bags.columns, weights, bags.starts, per_sample_weights=bags.values, mode="sum")
    assert torch.equal(found, torch.as_tensor(x) @ weights)


def test_rows_without_entries_and_no_rows_at_all():
    x = Sparse(csr_array((3, 4), dtype=np.float32), "cpu")
    for picked in ([0, 2], []):
        bags = x.take(torch.tensor(picked, dtype=torch.int64))
        assert len(bags) == len(picked) and not len(bags.columns) and not len(bags.values)


def test_the_size_of_bags_is_asked_of_the_device_once(monkeypatch):
    told, true = [], torch.repeat_interleave
    monkeypatch.setattr(torch, "repeat_interleave", lambda *given, output_size=None: told.append(output_size) or true(*given, output_size=output_size))
    Sparse(csr_array(np.eye(4, dtype=np.float32)), "cpu").take(torch.tensor([1, 3]))
    assert told == [2]


def test_a_dense_matrix_gives_rows():
    assert Dense(np.eye(3), "cpu").take(torch.tensor([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
