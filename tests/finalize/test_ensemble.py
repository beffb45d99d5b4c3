"""Which trials answer together: from real trials on a small table, judged against what the parts alone come to."""

import time
from dataclasses import replace

import numpy as np
import pytest

from automl.families.space import Space
from automl.finalize.ensemble import MOST_CONSIDERED, PARTS, Library, Likely, _parts, assemble, choose, considered
from automl.finalize.maker import Maker
from automl.finalize.refits import Refitted
from automl.finalize.winner import winner
from automl.inference.blend import BLEND, voices_of
from automl.inference.table import Column, Field, Table
from automl.metrics import METRICS
from automl.plan.candidates import CandidateFamily
from automl.quantize.ladder import judge, out_of_fold, rungs
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import Stop
from automl.search.schedule import refit_seconds
from automl.search.store import Store
from automl.search.study import Study
from automl.search.workers.refit import run_refit
from automl.search.workers.trial import run_trials
from automl.vocabulary import State

from ..toys import LINEAR, Script, ends_badly, toy_plan, toy_trial

TREE, BAYES = (f"automl.families.classifiers.{name}:FAMILY" for name in ("decision_tree", "naive_bayes"))
FAMILIES = {"linear": (LINEAR, {"C": 1.0}), "tree": (TREE, {}), "bayes": (BAYES, {})}


def mixed_store(folder, n_rows=400, n_folds=2):
    """Write rows whose class is partly a line through two numbers and partly a box, so that models of two kinds know different things."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, n_rows))
    box = (np.abs(a) < 0.7) & (np.abs(b) < 0.7)
    y = (rng.random(n_rows) < 1 / (1 + np.exp(-(2.0 * a + 1.0 * b + 2.5 * box - 0.8)))).astype(np.int64)
    table = Table({"a": Column("number", a), "b": Column("number", b)}, n_rows)
    train = np.arange(n_rows - n_rows // 10)
    folds = [(train[train % 2 != k], train[train % 2 == k]) for k in range(n_folds)]
    return Store.create(folder, table, (Field("a", "number"), Field("b", "number")), y, train, folds)


class Made:
    """A search of real trials on a small table, and what finishing it takes."""

    def __init__(self, folder, n_rows=400, n_folds=2):
        self.files = RunDir(folder / "run")
        self.files.create()
        self.store = mixed_store(self.files.scratch / "store", n_rows, n_folds)
        candidates = tuple(CandidateFamily(name, locator, Space({}), "cpu") for name, (locator, _) in FAMILIES.items())
        self.plan = toy_plan(
            candidates=candidates, fields=self.store.fields, max_members=8, n_rows=9 * n_rows // 10, n_folds=n_folds, metric="log_loss", greater_is_better=False
        )
        self.trials = [self.trial(number, name) for number, name in enumerate(FAMILIES, 1)]
        self.events = []

    @property
    def study(self):
        return Study(False, self.plan.n_folds, list(self.trials))

    def trial(self, number, family, **changes):
        folder = self.files.trial(number)
        folder.mkdir()
        locator, params = FAMILIES[family]
        context = self.plan.context(self.plan.candidate(family), 1)
        job = {"family": locator, "store": str(self.store.folder), "context": context, "metric": "log_loss", "positive": 1}
        sent = []
        params = {**self.plan.record(family).space(self.context(family)).default(), **params}
        run_trials({**job, "trials": [{"number": number, "params": params, "folder": str(folder)}]}, sent.append, lambda: {"go": True})
        scores = tuple(m["score"] for m in sent)
        values = {"family": family, "params": params, "fold_scores": scores, "fold_seconds": (0.01,) * len(scores), "predict_seconds": 0.001}
        return toy_trial(number, sum(scores) / len(scores), **{**values, **changes})

    def context(self, family):
        from automl.families.base import Context

        return Context(**self.plan.context(self.plan.candidate(family), 1))

    def refitted(self, trial):
        folder = self.files.scratch / f"refit-{trial.number}"
        folder.mkdir(exist_ok=True)
        locator, _ = FAMILIES[trial.family]
        sent = []
        context = self.plan.context(self.plan.candidate(trial.family), 1)
        job = {"family": locator, "params": trial.params, "store": str(self.store.folder), "folder": str(folder), "context": context, "deadline": None}
        run_refit(job, sent.append, dict)
        return sent

    def finish(self, play, budget=None, stop=None):
        """Carry out the end of a run; `play` says what each job sends."""
        self.names = []
        executor = Script(lambda i: play(int(self.names[i].removeprefix("refit-"))))
        submit = executor.submit

        def at_submit(name, path, limits=None):
            self.names.append(name)
            submit(name, path)

        executor.submit = at_submit
        budget = budget or Budget(time.monotonic(), 60.0)
        return winner(Maker(self.plan, self.study, self.store, self.files, executor, budget, self.events.append, stop or Stop()))

    def well(self, number):
        trial = next(t for t in self.trials if t.number == number)
        return [*self.refitted(trial), {"kind": "exited", "status": 0, "peak_memory_mb": 1}]


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path)


def loss(p, y):
    return METRICS.get("classification", "log_loss").score(y, p.astype(float), 1)


def test_the_gain_is_that_of_weights_chosen_on_other_folds(made):
    found = choose(made.plan, made.study, made.store, made.files)
    assert found is not None and np.isclose(sum(found.weights), 1) and list(found.weights) == sorted(found.weights, reverse=True)
    folds = [made.store.y[valid] for _, valid in made.store.folds]
    by_hand = np.mean([loss(p, y) for p, y in zip(found.out_of_fold, folds, strict=True)])
    assert found.facts["score"] == pytest.approx(by_hand) and found.facts["gain"] == pytest.approx(found.facts["single_score"] - by_hand)
    assert found.facts["gain"] > 0 and found.facts["single"] == made.study.ranked()[0].number
    assert found.facts["single_score"] == pytest.approx(made.study.ranked()[0].score)


def test_the_rows_of_a_fold_have_no_say_in_its_own_weights(made):
    before = choose(made.plan, made.study, made.store, made.files)
    y = made.store.y.copy()
    rows = made.store.folds[0][1]
    y[rows] = 1 - y[rows]
    after = choose(made.plan, made.study, replace(made.store, y=y), made.files)
    assert after is None or after.fold_weights[0] == before.fold_weights[0]


def test_a_single_fold_is_judged_in_parts_with_weights_of_the_others(tmp_path):
    made = Made(tmp_path, 1000, n_folds=1)
    found = choose(made.plan, made.study, made.store, made.files)
    assert found is not None and len(found.trials) > 1 and len(found.fold_weights) == 1
    assert found.fold_weights[0] == {t.number: w for t, w in zip(found.trials, found.weights, strict=True)}
    valid = made.store.folds[0][1]
    library = Library(made.plan, made.store, made.files, made.study.ranked())
    answers = found.out_of_fold[0]
    assert answers.shape == (len(valid), 2) and np.allclose(answers.sum(axis=1), 1) and set(library.part) == set(range(PARTS))
    for part in range(PARTS):  # what other classes the rows of a part had changes nothing of their own answers
        y = made.store.y.copy()
        y[valid[library.part == part]] = 1 - y[valid[library.part == part]]
        other = Library(made.plan, replace(made.store, y=y), made.files, made.study.ranked())
        assert np.array_equal(other.weights(part, 8), library.weights(part, 8))
        assert np.allclose(np.tensordot(library.weights(part, 8), library.answers[:, library.part == part], axes=1), answers[library.part == part])
    candidate, _ = made.finish(made.well)
    assert candidate.family == "ensemble"
    judged = judge(rungs(candidate, {"linear": "linear"}, ("int8",)), METRICS.get("classification", "log_loss"), 1, 0)
    assert candidate.whole and all(c.drop_upper is not None for c in judged)


def test_the_rows_of_a_unit_are_in_one_part():
    unit = np.repeat(np.arange(100), 3)
    parts = _parts(unit, 0).reshape(-1, 3)
    assert (parts == parts[:, :1]).all() and np.bincount(parts[:, 0]).tolist() == [20] * PARTS


def test_copies_of_one_model_are_no_ensemble(made):
    made.trials = [made.trials[0], made.trial(4, "linear"), made.trial(5, "linear")]
    assert choose(made.plan, made.study, made.store, made.files) is None


def test_trials_without_all_folds_and_plans_for_one_model_have_none(made):
    assert choose(replace(made.plan, max_members=1), made.study, made.store, made.files) is None
    assert choose(replace(made.plan, pooled=True), made.study, made.store, made.files) is None
    made.trials = [made.trials[0], *(replace(t, state=State.PRUNED) for t in made.trials[1:])]
    assert choose(made.plan, made.study, made.store, made.files) is None


def test_only_those_asked_for_are_chosen_from(made):
    best = made.study.ranked()[0].number
    other = next(t.number for t in made.trials if t.number != best)
    found = choose(made.plan, made.study, made.store, made.files, among=[best, other])
    assert found is None or {t.number for t in found.trials} <= {best, other}


def test_the_best_trials_are_considered():
    many = Study(False, 2, [toy_trial(n, 0.1 * n, family=f"f{n % 30}") for n in range(1, 300)])
    assert [t.number for t in considered(many)] == list(range(1, MOST_CONSIDERED + 1))


def test_what_is_assembled_answers_with_all_members(made):
    found, choice = made.finish(made.well)
    assert found.family == "ensemble" and found.model.kind == BLEND and choice is not None
    assert [(m.family, m.trial) for m in found.members] == [(t.family, t.number) for t in choice.trials]
    assert [v.weight for v in voices_of(found.model)] == pytest.approx([m.weight for m in found.members])
    assert found.whole and np.allclose(out_of_fold(found), np.concatenate(choice.out_of_fold), atol=1e-5)
    assert sorted(made.names) == sorted(f"refit-{t.number}" for t in choice.trials)
    assert found.facts["parity"] < 1e-5 and found.facts["form_rows_per_second"] > 0


def test_its_rungs_are_made_member_by_member(made):
    found, _ = made.finish(made.well)
    ladder = judge(rungs(found, {"linear": "linear"}, ("float32", "int8")), METRICS.get("classification", "log_loss"), 1, 0)
    assert [c.precision for c in ladder] == ["float32", "int8"] and ladder[1].drop is not None and abs(ladder[1].drop) < 0.05
    kinds = {v.family: {a.dtype for a in v.model.arrays.values()} for v in voices_of(ladder[1].model)}
    assert np.dtype(np.int8) in kinds["linear"] and "linear: " in ladder[1].scheme
    assert ladder[1].model.n_bytes < ladder[0].model.n_bytes


def test_a_member_whose_fit_fails_is_left_out_and_the_weights_chosen_anew(made):
    whole, _ = made.finish(made.well)
    lost = whole.members[-1].trial
    found, choice = made.finish(lambda number: ends_badly() if number == lost else made.well(number))
    assert lost not in {m.trial for m in found.members} and np.isclose(sum(m.weight for m in found.members), 1)
    assert (found.family == "ensemble") == (choice is not None)


def test_where_every_fit_fails_the_model_of_a_fold_answers(made):
    found, choice = made.finish(lambda number: ends_badly())
    assert choice is None and "fold 1" in found.facts["made_by"]


def test_without_time_for_all_fits_fewer_models_answer(made):
    made.trials = [replace(t, fold_seconds=(8.0, 8.0)) for t in made.trials]
    found, choice = made.finish(made.well, budget=Budget(time.monotonic() - 30.0, 60.0))
    assert choice is None and found.family != "ensemble"


def test_fits_are_dealt_out_over_the_workers():
    plan = toy_plan(workers=2, growth=1.0)
    trials = [toy_trial(n, 0.5, fold_seconds=(s,)) for n, s in enumerate((4.3, 1.3, 1.3, 1.3), 1)]
    assert refit_seconds(plan, trials) == pytest.approx(6.0) and refit_seconds(plan, trials[:1]) == pytest.approx(5.0)


def test_assembled_only_from_what_was_fitted(made):
    choice = choose(made.plan, made.study, made.store, made.files)
    with pytest.raises(AssertionError):
        assemble(made.plan, choice, {t.number: Refitted(why="failed") for t in choice.trials}, made.store, made.files)


def test_the_same_trials_give_the_same_ensemble(made):
    first, second = (choose(made.plan, made.study, made.store, made.files) for _ in range(2))
    assert first.weights == second.weights and first.fold_weights == second.fold_weights


def test_who_would_be_a_member_is_known_while_the_search_goes_on(made):
    likely = Likely(made.plan, made.store, made.files)
    choice = choose(made.plan, made.study, made.store, made.files)
    assert {t.number for t in likely(made.study)} == {t.number for t in choice.trials}
    likely._spent = 1e9  # looking has cost too much: what was known last must do
    made.trials = made.trials[:1]
    assert {t.number for t in likely(made.study)} <= {1} | {t.number for t in choice.trials}
    alone = Likely(replace(made.plan, max_members=1), made.store, made.files)
    assert [t.number for t in alone(made.study)] == [made.study.ranked()[0].number]
