"""Formats and kernels that predict: numpy first, nothing of a training library, nothing of ours but errors and vocabulary."""
