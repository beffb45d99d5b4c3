"""The engine as scikit-learn estimators: `AutoMLClassifier`, `AutoMLClusterer`, `AutoMLReducer`."""

from automl.estimators.classifier import AutoMLClassifier
from automl.estimators.unlabelled import AutoMLClusterer, AutoMLReducer

__all__ = ["AutoMLClassifier", "AutoMLClusterer", "AutoMLReducer"]
