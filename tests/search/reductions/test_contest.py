import time

import numpy as np

from automl.families import FAMILIES
from automl.families.base import Context
from automl.search.fits import Inline
from automl.search.reductions.contest import Contest, without_components
from automl.search.reductions.judges import CompressJudge, folds_of, put_folds
from automl.testing.reducers import TASK, sample


def _contest(*families, stop=None):
    x, _ = sample(60)
    context = Context(TASK, 60, x.shape[1], 1)
    pool, folds, seen = Inline(TASK), folds_of(60, None, 0), []
    put_folds(pool, x, None, folds)
    spaces = {f: without_components(FAMILIES.get(TASK, f).space(context)) for f in families}
    return Contest(pool, spaces, context, 0, seen.append, stop), CompressJudge(x, None, folds, 0), seen


def _later(seconds):
    return time.monotonic() + seconds


def test_given_candidates_run_in_order_and_are_ranked():
    contest, judge, seen = _contest("random_projection", "pca")
    done = contest.given([("random_projection", {}), ("pca", {"evening": 0.0}), ("pca", {"evening": 0.0})], judge, _later(60), 3)
    assert [c.family for c in done] == ["random_projection", "pca"]
    assert [c.family for c in contest.ranked(judge)] == ["pca", "random_projection"]
    assert [r["state"] for r in seen] == ["ok", "ok"] and set(seen[0]) >= {"family", "params", "state", "seconds", "scores", "cause"}


def test_families_that_fail_are_told_and_given_up():
    contest, judge, seen = _contest("isomap")
    contest.given([("isomap", {"neighbours": k}) for k in (5, 6, 7, 8, 9)], judge, _later(60), 2)
    assert len(seen) == 3 and all(r["state"] == "error" and "no way back" in r["cause"] for r in seen)


def test_the_search_draws_new_options_until_it_is_stopped():
    stop = [False]
    contest, judge, seen = _contest("nmf", stop=lambda: stop[0] or len(seen) >= 5)
    contest.given([("nmf", {"sparse": 1e-5})], judge, _later(60), 2)
    contest.search(judge, _later(60), 2, ["nmf"])
    assert len(seen) == 5 and len({r["params"]["sparse"] for r in seen}) == 5 and all(r["params"]["components"] == 2 for r in seen)


def test_nothing_starts_without_time():
    contest, judge, seen = _contest("pca")
    assert contest.given([("pca", {"evening": 0.0})], judge, _later(-1), 2) == [] and not seen


class _Late(Inline):
    """A pool of two whose answers never come."""

    def __init__(self):
        super().__init__(TASK)
        self.slots = 2

    def results(self, timeout):
        time.sleep(0.05)
        return []


def test_answers_that_do_not_come_are_not_waited_for():
    contest, judge, seen = _contest("pca")
    contest.pool = _Late()
    began = time.monotonic()
    contest.given([("pca", {"evening": 0.0})], judge, _later(0.6), 2)
    assert time.monotonic() - began < 5 and [r["state"] for r in seen] == ["timeout"]


def test_coordinates_of_all_but_the_best_are_let_go():
    contest, judge, _ = _contest("pca", "random_projection")
    contest.given([("pca", {"evening": 0.0}), ("random_projection", {})], judge, _later(60), 2)
    assert all(f.output is None and f.form is None for c in contest.candidates for f in c.done)
    assert np.isfinite([c.score for c in contest.candidates]).all()
