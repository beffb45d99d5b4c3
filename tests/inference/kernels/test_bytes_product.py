"""Products of bytes on processors that have them, and a clear word on others."""

import numpy as np
import pytest

from automl.inference.kernels import bytes_product, network


def test_a_processor_without_them_is_refused(monkeypatch):
    monkeypatch.setattr(network, "LANES", 0)
    with pytest.raises(RuntimeError, match="no products"):
        network.get("all")


@pytest.mark.skipif(not bytes_product.LANES, reason="this processor has no products of bytes")
def test_largest_and_bytes_are_those_of_numpy():
    from numba import njit

    @njit
    def run(values, factor, out):
        bytes_product.to_bytes(values, 0, len(values) // 16, factor, out, 0)
        return bytes_product.largest(values, 0, len(values) // 16)

    values = np.random.default_rng(0).uniform(0, 9, 64).astype(np.float32)
    out = np.zeros(64, np.uint8)
    top = run(values, np.float32(255) / values.max(), out)
    assert top == values.max() and np.array_equal(out, np.rint(values * (np.float32(255) / values.max())).astype(np.uint8))
