"""Dimensionality reduction: methods compete for a purpose, on rows they were not fitted on wherever the purpose allows."""
