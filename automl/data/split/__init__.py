"""Stage 2b, Dataset to Split: which rows are learned from, which choices are judged on, and which report the score."""

from automl.data.split.contract import check
from automl.data.split.make import make_split
from automl.data.split.record import Split
from automl.data.split.ties import learnable

__all__ = ["Split", "check", "learnable", "make_split"]
