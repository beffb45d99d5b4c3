"""Methods that describe rows by fewer numbers, a file each; which of them serve a purpose, without loading any."""

LABELLED = frozenset({"lda", "gda", "extra_trees", "chi2"})
"""Families that learn from a label: without one they cannot run."""

PURPOSES: dict[str, tuple[str, ...]] = {
    "visualize": (
        "pca", "tsne", "isomap", "kernel_pca", "umap", "autoencoder", "nystroem", "random_fourier", "truncated_svd", "ica", "nmf", "random_projection",
    ),
    "compress": ("pca", "autoencoder", "truncated_svd", "ica", "nmf", "random_projection"),
    "features": (
        "pca", "lda", "gda", "kernel_pca", "nystroem", "random_fourier", "truncated_svd", "ica", "extra_trees", "chi2", "nmf", "random_projection",
        "tsne", "isomap", "umap", "autoencoder",
    ),
}  # fmt: skip
"""A label never shapes a map; what compresses must know a way back."""


def families_for(purpose: str, labelled: bool) -> tuple[str, ...]:
    """Return the families of ours that can serve a purpose, with or without a label to learn from."""
    return tuple(name for name in PURPOSES[purpose] if labelled or name not in LABELLED)
