"""How much a covariance is pulled towards a sphere, declared without loading numpy."""

from automl.families.space import Choice, Float, Space

LEAST_SHRINKAGE = 1e-4  # without any the covariance of columns that depend on each other would be singular

SHRINKAGE = Choice({"ledoit_wolf": Space(), "fixed": Space({"amount": Float(LEAST_SHRINKAGE, 1.0, 0.1, log=True)})}, "ledoit_wolf")
"""By the formula of Ledoit and Wolf (2004), or any amount."""
