"""Compiled code that predicts: each module is one kernel, imported only when its speed is worth the loading of numba."""
