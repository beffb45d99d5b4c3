"""Declarative AutoML: `run` a spec, `load` what it made; names are resolved on first use, so importing this costs nothing."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automl.api import run, validate
    from automl.artifact.load import Predictor, load
    from automl.errors import AutoMLError
    from automl.estimators import AutoMLClassifier, AutoMLClusterer, AutoMLReducer
    from automl.result import Run

_HOMES = {
    "Run": "automl.result", "load": "automl.artifact.load", "Predictor": "automl.artifact.load", "AutoMLError": "automl.errors", "validate": "automl.api",
    "AutoMLClassifier": "automl.estimators", "AutoMLClusterer": "automl.estimators", "AutoMLReducer": "automl.estimators",
}  # fmt: skip

__all__ = ["AutoMLClassifier", "AutoMLClusterer", "AutoMLError", "AutoMLReducer", "Predictor", "Run", "load", "run", "validate"]


class _Package(ModuleType):
    """The package, where `automl.run` is the function, also after the module of that name was imported."""

    @property
    def run(self) -> Any:
        return import_module("automl.api").run

    @run.setter
    def run(self, module: object) -> None:
        """Ignore the import system, which would put the module here."""


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'automl' has no attribute {name!r}")
