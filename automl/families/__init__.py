"""Model families, one file each; this table is all that knows which there are, and loads none of them.

Their order is that of first trials: cheap floors first, then unlike ones in turn, packages that not everyone has last.
"""

from typing import TYPE_CHECKING

from automl.registry import Registry

if TYPE_CHECKING:
    from automl.families.base import Family

FAMILIES: "Registry[Family]" = Registry("model family", group="automl.families")
FAMILIES.add("classification", "logistic_regression", "automl.families.classifiers.logistic_regression:FAMILY")
FAMILIES.add("classification", "xgboost", "automl.families.classifiers.xgboost:FAMILY")
FAMILIES.add("classification", "random_forest", "automl.families.classifiers.random_forest:FAMILY")
FAMILIES.add("classification", "extra_trees", "automl.families.classifiers.extra_trees:FAMILY")
FAMILIES.add("classification", "hist_gradient_boosting", "automl.families.classifiers.hist_gradient_boosting:FAMILY")
FAMILIES.add("classification", "mlp", "automl.families.classifiers.mlp:FAMILY")
FAMILIES.add("classification", "lda", "automl.families.classifiers.lda:FAMILY")
FAMILIES.add("classification", "decision_tree", "automl.families.classifiers.decision_tree:FAMILY")
FAMILIES.add("classification", "naive_bayes", "automl.families.classifiers.naive_bayes:FAMILY")
FAMILIES.add("classification", "knn", "automl.families.classifiers.knn:FAMILY")
FAMILIES.add("classification", "linear_svm", "automl.families.classifiers.linear_svm:FAMILY")
FAMILIES.add("classification", "qda", "automl.families.classifiers.qda:FAMILY")
FAMILIES.add("classification", "svm", "automl.families.classifiers.svm:FAMILY")
FAMILIES.add("classification", "tabm", "automl.families.classifiers.tabm:FAMILY")
FAMILIES.add("classification", "realmlp", "automl.families.classifiers.realmlp:FAMILY")
FAMILIES.add("classification", "ngram_net", "automl.families.classifiers.ngram_net:FAMILY")
FAMILIES.add("classification", "lightgbm", "automl.families.classifiers.lightgbm:FAMILY")
FAMILIES.add("classification", "catboost", "automl.families.classifiers.catboost:FAMILY")
