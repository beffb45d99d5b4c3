import pytest

from automl.families import FAMILIES
from automl.metrics import METRICS
from automl.neural.optimizers import OPTIMIZERS
from automl.report.words import sentence_case, words


@pytest.mark.parametrize("name", [*FAMILIES.names("classification"), *METRICS.names("classification"), *OPTIMIZERS.options])
def test_no_reader_meets_an_underscore(name):
    assert words(name) and "_" not in words(name)


def test_known_names_are_written_as_their_makers_do():
    assert [words(n) for n in ("xgboost", "roc_auc", "logistic_regression", "adamw")] == ["XGBoost", "ROC AUC", "logistic regression", "AdamW"]


@pytest.mark.parametrize(("text", "expected"), [("random forest", "Random forest"), ("XGBoost", "XGBoost"), ("mLP of ours", "MLP of ours"), ("", "")])
def test_only_the_first_letter_is_raised(text, expected):
    assert sentence_case(text) == expected
