import json
import time

import numpy as np
import pytest

from automl.inference.forms import Model
from automl.inference.reconstruct import reconstructor
from automl.search.fits import Inline
from automl.search.reductions.find import find
from automl.search.reductions.options import Options
from automl.testing.reducers import TASK, sample

QUICK = ("pca", "lda", "gda", "truncated_svd", "kernel_pca")


def _find(x, seconds=20.0, **asked):
    seen = []
    # candidates are counted, so that a test takes as long as it needs and no longer
    found = find(Inline(TASK), x, Options(**asked), deadline=time.monotonic() + seconds, on_trial=seen.append, should_stop=lambda: len(seen) >= 8)
    assert seen == found.trials[: len(seen)]
    return found


@pytest.mark.parametrize("purpose", ["visualize", "compress", "features"])
def test_each_purpose_gives_coordinates_of_all_rows_and_a_form_for_new_ones(purpose):
    x, _ = sample(120)
    found = _find(x, purpose=purpose, n_components=2, include=QUICK)
    assert found.embedding.shape == (120, 2) and found.embedding.dtype == np.float32
    assert Model(found.form).predict(x[:7]) == pytest.approx(found.embedding[:7], abs=1e-3)
    assert found.greater_is_better == (purpose != "compress")
    assert (found.score >= found.baseline_score) == found.greater_is_better or found.score == pytest.approx(found.baseline_score, abs=1e-4)
    json.dumps([found.evidence, found.trials], allow_nan=False)


def test_a_label_is_learned_from_and_only_for_features():
    x, y = sample(160)
    found = _find(x, purpose="features", n_components=3, y=y, include=QUICK)
    assert found.metric == "probe_accuracy" and found.family in ("lda", "gda", "pca", "kernel_pca", "truncated_svd")
    assert {"lda", "gda"} <= {t["family"] for t in found.trials}
    without = _find(x, purpose="features", n_components=3, include=QUICK)
    assert without.metric == "neighbours_kept" and not {"lda", "gda"} & {t["family"] for t in without.trials}


def test_fewer_columns_than_asked_are_not_said_to_be_as_asked():
    x, y = sample(160)
    found = _find(x, purpose="features", n_components=8, y=y, include=("lda",))
    n = found.embedding.shape[1]
    assert n < 8 and found.evidence["because"] == f"8 were asked for; lda has no more than {n}"


@pytest.mark.slow
def test_a_share_of_variance_is_kept_with_no_more_components_than_pca_needs():
    x, _ = sample(150)
    found = _find(x, purpose="compress", n_components=0.95, include=("pca", "autoencoder"))
    needed = found.evidence["linear_components"]
    share = np.cumsum(np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2)
    assert needed == int(np.searchsorted(share / share[-1], 0.95) + 1)
    assert found.embedding.shape[1] <= needed
    assert found.score <= found.evidence["allowed_error"] + 1e-4
    back = reconstructor(found.form)(found.embedding)
    assert np.square(x - back).sum() / np.square(x - x.mean(axis=0)).sum() < 0.1


def test_how_many_columns_is_chosen_where_nothing_is_asked():
    x, y = sample(160)
    found = _find(x, purpose="features", y=y, include=QUICK)
    assert 1 <= found.embedding.shape[1] <= 4 and "gain less" in found.evidence["because"]
    assert "lda" in found.evidence["curve"]


def test_far_more_columns_than_rows():
    x, y = sample(40, 600)
    for asked in ({"purpose": "visualize"}, {"purpose": "compress"}, {"purpose": "features", "y": y, "n_components": 10}):
        found = _find(x, include=QUICK, **asked)
        assert len(found.embedding) == 40 and np.isfinite(found.embedding).all()


@pytest.mark.parametrize("x", [np.zeros((30, 4), np.float32), np.ones((3, 1), np.float32), sample(4, 2)[0], np.repeat(sample(5, 3)[0], 6, axis=0)])
@pytest.mark.parametrize("purpose", ["visualize", "compress", "features"])
def test_odd_tables_have_coordinates(x, purpose):
    found = _find(x, purpose=purpose, include=("pca", "tsne"))
    assert len(found.embedding) == len(x) and np.isfinite(found.embedding).all()


def test_no_time_gives_principal_components():
    x, _ = sample(60)
    found = find(Inline(TASK), x, Options(purpose="compress", n_components=2), deadline=time.monotonic())
    assert found.family == "pca" and found.embedding.shape == (60, 2)


def test_families_that_do_not_suit_are_refused():
    x, _ = sample(60)
    with pytest.raises(ValueError, match="none of the families"):
        find(Inline(TASK), x, Options(purpose="compress", include=("tsne",)), deadline=time.monotonic() + 5)


def test_the_same_seed_finds_the_same():
    x, _ = sample(80)
    first, second = (_find(x, purpose="visualize", include=("pca", "kernel_pca")) for _ in range(2))
    assert (first.embedding == second.embedding).all()
    assert [t["params"] for t in first.trials] == [t["params"] for t in second.trials]


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="too few"):
        find(Inline(TASK), np.zeros((2, 4), np.float32), Options(), deadline=time.monotonic() + 5)


def test_records_are_in_the_sign_of_the_metric():
    x, _ = sample(90)
    found = _find(x, purpose="compress", n_components=2, include=("pca", "random_projection"))
    assert not found.greater_is_better and min(t["score"] for t in found.trials) == found.score > 0
