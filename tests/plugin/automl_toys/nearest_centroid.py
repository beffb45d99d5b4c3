"""Nearest centroid: a row is likeliest of the class whose mean is nearest; as the squares of the row cancel, that is a linear model."""

from automl.families.base import Family, Needs, all_classes
from automl.families.linear_forms import linear_form
from automl.families.space import Float, Space


class Centroids:
    def __init__(self, params, context):
        self.sharpness, self.n_outputs = params["sharpness"], context.n_outputs


def fit(estimator, data, progress):
    import numpy as np  # heavy imports stand inside, so that `automl validate` stays quick

    weight = np.ones(len(data.y)) if data.weight is None else data.weight.astype(float)
    estimator.present = np.unique(data.y)
    member = weight * (data.y == estimator.present[:, None])  # (n_present, n_rows)
    estimator.means = member @ data.x / member.sum(axis=1, keepdims=True)
    estimator.log_share = np.log(member.sum(axis=1) / member.sum())
    return estimator


def export(estimator, context):
    bias = estimator.log_share - estimator.sharpness / 2 * (estimator.means**2).sum(axis=1)
    return linear_form(estimator.sharpness * estimator.means.T, bias, estimator.present, context.n_outputs)


def predict(estimator, x):
    from scipy.special import softmax

    squares = ((x[:, None, :].astype(float) - estimator.means) ** 2).sum(axis=2)  # (n_rows, n_present)
    return all_classes(softmax(estimator.log_share - estimator.sharpness / 2 * squares, axis=1), estimator.present, estimator.n_outputs)


FAMILY = Family(
    name="nearest_centroid", summary="The class whose mean is nearest.", tasks=frozenset({"classification"}),
    space=lambda context: Space({"sharpness": Float(0.01, 10.0, 1.0, log=True)}), build=Centroids,
    fit=fit, export=export, predict=predict, needs=Needs(scaled=True, onehot_limit=100, terms=300), scheme="linear",
    cost=lambda context, params: 0.01 + 1e-8 * context.rows_by_columns,
)  # fmt: skip
