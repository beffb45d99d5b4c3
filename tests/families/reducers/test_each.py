"""What is particular to a reducer: agreement with the library's own method, and what it promises beyond the contract."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.families.reducers import LABELLED
from automl.inference.forms import Model
from automl.inference.reconstruct import reconstructor
from automl.testing.reducers import TASK, reduced, sample


def _fit(name, x, y, **options):
    return reduced(FAMILIES.get(TASK, name), x, y, **options)


def _same_up_to_sign(a, b, within=1e-3):
    for j in range(a.shape[1]):
        assert min(np.abs(a[:, j] - b[:, j]).max(), np.abs(a[:, j] + b[:, j]).max()) < within * np.abs(b[:, j]).max()


@pytest.mark.parametrize("shape", [(150, 12), (30, 90)])
def test_pca_is_the_librarys(shape):
    from sklearn.decomposition import PCA

    x, y = sample(*shape)
    model = PCA(3, svd_solver="full").fit(x)
    _, form, z = _fit("pca", x, y)
    _same_up_to_sign(z, model.transform(x))
    assert reconstructor(form)(z) == pytest.approx(model.inverse_transform(model.transform(x)), abs=1e-3)


def test_evened_components_have_one_spread_and_the_same_way_back():
    x, y = sample()
    plain, even = _fit("pca", x, y), _fit("pca", x, y, evening=1.0)
    assert np.ptp(even[2].std(axis=0)) < 1e-3 < np.ptp(plain[2].std(axis=0))
    assert reconstructor(even[1])(even[2]) == pytest.approx(reconstructor(plain[1])(plain[2]), abs=1e-3)


def test_kernel_pca_is_the_librarys():
    from sklearn.decomposition import KernelPCA

    x, y = sample()
    gamma = 0.5 / (x.shape[1] * float(x.var()))
    model = KernelPCA(3, kernel="rbf", gamma=gamma).fit(x)
    more = sample(20, seed=9)[0]
    _, form, z = _fit("kernel_pca", x, y)
    _same_up_to_sign(np.concatenate([z, Model(form).predict(more)]), np.concatenate([model.transform(x), model.transform(more)]))


def test_nystroem_with_all_rows_is_kernel_pca():
    x, y = sample(60)
    _same_up_to_sign(_fit("nystroem", x, y, kept=60)[2], _fit("kernel_pca", x, y)[2], 2e-2)


def test_truncated_svd_leaves_the_mean_on():
    x, y = sample()
    _, _, z = _fit("truncated_svd", x + 5.0, y)
    u, s, _ = np.linalg.svd((x + 5.0).astype(np.float64), full_matrices=False)
    _same_up_to_sign(z, (u * s)[:, :3])


def test_ica_finds_mixed_sources():
    rng = np.random.default_rng(0)
    sources = np.stack([np.sign(rng.normal(size=500)) + 0.1 * rng.normal(size=500), rng.uniform(-1, 1, 500)], axis=1)
    x = (sources @ np.array([[1.0, 0.6], [0.5, -1.0]])).astype(np.float32)
    _, form, z = _fit("ica", x, np.zeros(500, np.int64), m=2)
    along = np.abs(np.corrcoef(z.T, sources.T)[:2, 2:])
    assert along.max(axis=1).min() > 0.95 and sorted(along.argmax(axis=1)) == [0, 1]
    assert reconstructor(form)(z) == pytest.approx(x, abs=1e-2)


def test_nmf_has_shares_of_at_least_zero_and_gives_rows_back():
    rng = np.random.default_rng(0)
    x = (rng.exponential(size=(120, 3)) @ rng.exponential(size=(3, 10))).astype(np.float32)
    _, form, z = _fit("nmf", x, np.zeros(120, np.int64))
    assert z.min() >= 0
    assert np.square(reconstructor(form)(z) - x).sum() < 0.05 * np.square(x - x.mean(axis=0)).sum()


@pytest.mark.parametrize("name", ["extra_trees", "chi2"])
def test_selection_keeps_the_columns_that_tell(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 20)).astype(np.float32)
    y = (x[:, 7] > 0).astype(np.int64)
    x[:, 11] += 2 * y
    _, form, z = _fit(name, x, y, m=2)
    assert sorted(form.arrays["columns"].tolist()) == [7, 11]
    assert (z == x[:, form.arrays["columns"]]).all()


def test_discriminants_of_a_kernel_part_rings_that_no_line_parts():
    rng = np.random.default_rng(0)
    y = np.arange(400) % 2
    angle, radius = rng.uniform(0, 6.28, 400), 1.0 + 1.5 * y + rng.normal(0, 0.1, 400)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)
    for name, least, most in (("gda", 0.95, 1.0), ("lda", 0.0, 0.75)):
        z = _fit(name, x, y, m=1)[2][:, 0]
        middle = (z[y == 0].mean() + z[y == 1].mean()) / 2
        right = ((z > middle) == y).mean()
        assert least <= max(right, 1 - right) <= most, name


@pytest.mark.parametrize("name", ["lda", "gda"])
def test_discriminants_need_two_classes(name):
    x, _ = sample(40)
    with pytest.raises(ValueError, match="one class only"):
        _fit(name, x, np.zeros(40, np.int64))


def test_an_autoencoder_beats_components_on_a_bent_surface():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 6.28, 700)
    x = (np.stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], axis=1) + 0.02 * rng.normal(size=(700, 4))).astype(np.float32)
    learn, held, y = x[:500], x[500:], np.zeros(500, np.int64)

    def left(name, **options):
        form = _fit(name, learn, y, m=2, **options)[1]
        return np.square(held - reconstructor(form)(Model(form).predict(held))).sum()

    assert left("autoencoder", steps=800) < 0.5 * left("pca")


def test_labels_are_needed_by_those_that_say_so():
    x, y = sample(60)
    for name in FAMILIES.names(TASK):
        if name == "umap":
            continue
        others = [np.random.default_rng(seed).permutation(y) for seed in range(3)]
        own = _fit(name, x, y, m=2, steps=200)[2]
        same = all(np.array_equal(own, _fit(name, x, shuffled, m=2, steps=200)[2]) for shuffled in others)
        assert same == (name not in LABELLED), name


def test_only_maps_have_no_way_of_their_own_to_place_rows():
    assert {name for name in FAMILIES.names(TASK) if not FAMILIES.get(TASK, name).places} == {"tsne", "isomap", "umap"}
