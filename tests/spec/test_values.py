import pytest

from automl.spec.values import suggest_value


@pytest.mark.parametrize(
    ("word", "allowed", "near"),
    [
        ("kmeans", ["clustering"], "clustering"),
        ("Off", ["on", "off"], "off"),
        ("fp16", ["float16"], "float16"),
        ("auc", ["f1", "roc_auc"], "roc_auc"),
        ("q", ["a"], ""),
    ],
)
def test_values(word, allowed, near):
    assert suggest_value(word, allowed) == near
