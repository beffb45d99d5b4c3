"""Names as a reader writes them: identifiers of families and metrics in plain words."""

_KNOWN = {
    "xgboost": "XGBoost", "mlp": "MLP", "roc_auc": "ROC AUC", "f1": "F1", "f1_macro": "F1, mean over classes",
    "sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSProp", "adagrad": "Adagrad",
}  # fmt: skip


def words(name: str) -> str:
    """Return an identifier in words."""
    return _KNOWN.get(name, name.replace("_", " "))


def sentence_case(text: str) -> str:
    """Return the text with its first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]
