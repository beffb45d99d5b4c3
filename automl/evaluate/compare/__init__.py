"""Finished runs side by side: what differs between them, and whether that makes a difference on the rows that they share."""

from automl.evaluate.compare.compare import Compared, compare

__all__ = ["Compared", "compare"]
