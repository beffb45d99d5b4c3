"""Which of some allowed words was meant, by likeness or by what other tools call it."""

from automl.errors import did_you_mean

VALUE_SYNONYMS = {
    "kmeans": "clustering", "segmentation": "clustering", "pca": "dimensionality_reduction", "umap": "dimensionality_reduction",
    "classifier": "classification", "binary": "classification", "multiclass": "classification", "auc": "roc_auc", "logloss": "log_loss",
    "cross_entropy": "log_loss", "acc": "accuracy", "fp16": "float16", "fp32": "float32", "half": "float16", "cv": "kfold", "ignore": "off", "error": "fail",
    "cuda": "auto", "none": "off", "xgb": "xgboost", "rf": "random_forest", "lr": "logistic_regression", "logreg": "logistic_regression", "logistic": "logistic_regression",
    "neural": "mlp", "nn": "mlp", "forest": "random_forest", "numerical": "number", "string": "category", "str": "category", "float": "number", "int": "number",
}  # fmt: skip


def suggest_value(word: str, allowed: list[str]) -> str:
    """Return the allowed word that was meant, or nothing."""
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    if plain in allowed:
        return plain
    if VALUE_SYNONYMS.get(plain) in allowed:
        return VALUE_SYNONYMS[plain]
    return did_you_mean(word, allowed)
