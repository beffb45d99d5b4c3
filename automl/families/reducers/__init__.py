"""Methods that describe rows by fewer numbers, a file each."""

LABELLED = frozenset({"lda", "gda", "extra_trees", "chi2"})
"""Families that learn from a label: without one they cannot run."""
