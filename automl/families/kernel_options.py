"""Kernels of reducers and their widths, declared without loading numpy."""

from automl.families.space import Choice, Float, Space

KERNELS = Choice(
    {
        "rbf": Space({"gamma": Float(0.02, 5.0, 0.5, log=True)}),
        "poly": Space({"gamma": Float(0.1, 10.0, 1.0, log=True)}),
        "cosine": Space(),
    },
    "rbf",
)
"""Widths are multiples of one over the number of columns times their variance."""
