"""Imported for its effect, in the process that workers are forked from: the kernels that float32 trees use are loaded, and forks have them."""

from automl.inference.compiled import kernel

KEYS = (("walk", "float64"), ("boosted", "uint32"))
for _module, _kind in KEYS:
    kernel(_module, _kind, float("inf"))
