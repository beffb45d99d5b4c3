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
FAMILIES.add("clustering", "kmeans", "automl.families.clusterers.kmeans:FAMILY")
FAMILIES.add("clustering", "gaussian_mixture", "automl.families.clusterers.gaussian_mixture:FAMILY")
FAMILIES.add("clustering", "agglomerative", "automl.families.clusterers.agglomerative:FAMILY")
FAMILIES.add("clustering", "genie", "automl.families.clusterers.genie:FAMILY")
FAMILIES.add("clustering", "hdbscan", "automl.families.clusterers.hdbscan:FAMILY")
FAMILIES.add("clustering", "dbscan", "automl.families.clusterers.dbscan:FAMILY")
FAMILIES.add("clustering", "bisecting_kmeans", "automl.families.clusterers.bisecting_kmeans:FAMILY")
FAMILIES.add("clustering", "spectral", "automl.families.clusterers.spectral:FAMILY")
FAMILIES.add("clustering", "birch", "automl.families.clusterers.birch:FAMILY")
FAMILIES.add("clustering", "mean_shift", "automl.families.clusterers.mean_shift:FAMILY")
FAMILIES.add("dimensionality_reduction", "pca", "automl.families.reducers.pca:FAMILY")
FAMILIES.add("dimensionality_reduction", "tsne", "automl.families.reducers.tsne:FAMILY")
FAMILIES.add("dimensionality_reduction", "autoencoder", "automl.families.reducers.autoencoder:FAMILY")
FAMILIES.add("dimensionality_reduction", "lda", "automl.families.reducers.lda:FAMILY")
FAMILIES.add("dimensionality_reduction", "gda", "automl.families.reducers.gda:FAMILY")
FAMILIES.add("dimensionality_reduction", "kernel_pca", "automl.families.reducers.kernel_pca:FAMILY")
FAMILIES.add("dimensionality_reduction", "isomap", "automl.families.reducers.isomap:FAMILY")
FAMILIES.add("dimensionality_reduction", "nystroem", "automl.families.reducers.nystroem:FAMILY")
FAMILIES.add("dimensionality_reduction", "random_fourier", "automl.families.reducers.random_fourier:FAMILY")
FAMILIES.add("dimensionality_reduction", "truncated_svd", "automl.families.reducers.truncated_svd:FAMILY")
FAMILIES.add("dimensionality_reduction", "ica", "automl.families.reducers.ica:FAMILY")
FAMILIES.add("dimensionality_reduction", "extra_trees", "automl.families.reducers.extra_trees:FAMILY")
FAMILIES.add("dimensionality_reduction", "chi2", "automl.families.reducers.chi2:FAMILY")
FAMILIES.add("dimensionality_reduction", "nmf", "automl.families.reducers.nmf:FAMILY")
FAMILIES.add("dimensionality_reduction", "random_projection", "automl.families.reducers.random_projection:FAMILY")
FAMILIES.add("dimensionality_reduction", "umap", "automl.families.reducers.umap:FAMILY")
