"""Model families, one file each; this table is all that knows which there are, and loads none of them."""

from typing import TYPE_CHECKING

from automl.registry import Registry

if TYPE_CHECKING:
    from automl.families.base import Family

FAMILIES: "Registry[Family]" = Registry("model family", group="automl.families")
FAMILIES.add("classification", "logistic_regression", "automl.families.classifiers.logistic_regression:FAMILY")
FAMILIES.add("classification", "xgboost", "automl.families.classifiers.xgboost:FAMILY")
FAMILIES.add("classification", "random_forest", "automl.families.classifiers.random_forest:FAMILY")
FAMILIES.add("classification", "mlp", "automl.families.classifiers.mlp:FAMILY")
FAMILIES.add("classification", "lda", "automl.families.classifiers.lda:FAMILY")
FAMILIES.add("classification", "naive_bayes", "automl.families.classifiers.naive_bayes:FAMILY")
FAMILIES.add("classification", "knn", "automl.families.classifiers.knn:FAMILY")
FAMILIES.add("classification", "linear_svm", "automl.families.classifiers.linear_svm:FAMILY")
FAMILIES.add("classification", "qda", "automl.families.classifiers.qda:FAMILY")
FAMILIES.add("classification", "svm", "automl.families.classifiers.svm:FAMILY")
