from automl.search.optimizers import compare_optimizers
from automl.search.study import Trial
from automl.vocabulary import State


def _trial(number, name, score, started, seconds, state=State.OK, family="mlp", **more):
    return Trial(number, family, {"optimizer": name}, "cpu", state, score=score, started=started, seconds=seconds, rounds=(4, 6), **more)


TRIALS = [
    _trial(1, "adamw", 0.50, 0, 5), _trial(2, "muon", 0.45, 1, 3), _trial(3, "adamw", 0.40, 6, 2), _trial(4, "adamw", 0.44, 9, 1),
    _trial(5, "muon", None, 9, 7, State.ERROR), _trial(6, "sgd", None, 9, 1, State.PRUNED), _trial(7, "sgd", 0.1, 9, 1, reference=True),
    Trial(8, "xgboost", {"max_depth": 3}, "cpu", State.OK, score=0.3, started=1, seconds=1),
]  # fmt: skip


def test_each_optimizer_has_its_best_score_the_time_to_it_and_the_way_there():
    adamw, muon, sgd = compare_optimizers(TRIALS, greater_is_better=False)
    assert (adamw["optimizer"], adamw["score"], adamw["trial"], adamw["seconds_to_best"], adamw["work_seconds"]) == ("adamw", 0.40, 3, 8, 8)
    assert adamw["curve"] == [[5, 0.50], [8, 0.40]] and adamw["rounds"] == 5 and adamw["trials"] == adamw["complete"] == 3
    assert (muon["trials"], muon["complete"], muon["curve"]) == (2, 1, [[4, 0.45]])
    assert (sgd["trials"], sgd["score"], sgd["curve"], sgd["seconds_to_best"]) == (1, None, [], None)


def test_the_larger_score_leads_where_that_is_better_and_families_stand_apart():
    more = [*TRIALS, _trial(9, "adamw", 0.9, 20, 1, family="tabm")]
    found = compare_optimizers(more, greater_is_better=True)
    assert [(f["family"], f["optimizer"]) for f in found] == [("tabm", "adamw"), ("mlp", "adamw"), ("mlp", "muon"), ("mlp", "sgd")]
    assert found[1]["score"] == 0.50 and found[1]["curve"] == [[5, 0.50]]


def test_without_networks_there_is_nothing_to_compare():
    assert compare_optimizers([TRIALS[-1]], True) == []
