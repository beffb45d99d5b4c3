"""Torch lives here: networks, their training and their optimizers."""
