"""Which families compete, and what is said of those that do not."""

from dataclasses import replace

import pytest

from automl.errors import MissingPackageError, SpecError
from automl.families import FAMILIES
from automl.families.base import Context
from automl.plan import candidates as under_test
from automl.plan.candidates import candidate_families
from tests.builders import spec_of

CONTEXT = Context("classification", 500, 5, 2, device="cuda", text=True)


@pytest.fixture
def without_extras(monkeypatch):
    """A machine on which the optional packages are not installed."""
    monkeypatch.setattr(under_test, "find_spec", lambda package: None if package == "catboost" else object())


def compete(models=None, monotone=None, context=CONTEXT, **sections):
    said = {}
    found = candidate_families(
        spec_of(models=models or {}, **sections), "classification", context, monotone or {}, lambda key, value, because: said.update({key: (value, because)})
    )
    return [c.family for c in found], said, found


def test_an_extra_that_is_not_installed_is_skipped_with_the_line_that_installs_it(without_extras):
    names, said, _ = compete()
    assert names == [n for n in FAMILIES.names("classification") if n != "catboost"]
    assert said["models.catboost"] == ("skipped", 'needs catboost, not installed: pip install "automl[catboost]"')


def test_an_extra_that_was_asked_for_by_name_must_be_there(without_extras):
    with pytest.raises(MissingPackageError, match="catboost needs catboost") as caught:
        compete({"include": ["xgboost", "catboost"]})
    assert caught.value.fix == 'pip install "automl[catboost]"' and caught.value.exit_code == 5


def test_one_that_is_installed_and_cannot_be_loaded_is_skipped_and_says_what_to_do(monkeypatch):
    def no_openmp(path):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr("ctypes.CDLL", no_openmp)
    names, said, _ = compete()
    assert "lightgbm" not in names and "libgomp.so.1" in said["models.lightgbm"][1] and "apt install libgomp1" in said["models.lightgbm"][1]
    with pytest.raises(MissingPackageError, match="cannot be loaded") as caught:
        compete({"include": ["lightgbm"]})
    assert "apt install libgomp1" in caught.value.fix


def test_excluding_it_says_so_and_asks_for_nothing(without_extras):
    names, said, _ = compete({"exclude": ["catboost", "mlp"]})
    assert "mlp" not in names and said["models.mlp"][1] == "excluded by the spec" and said["models.catboost"][1] == "excluded by the spec"


def test_a_package_of_the_project_itself_is_named_plainly(monkeypatch):
    monkeypatch.setattr(under_test, "find_spec", lambda package: None if package == "xgboost" else object())
    _, said, _ = compete()
    assert said["models.xgboost"] == ("skipped", "needs xgboost, not installed: pip install xgboost")


@pytest.mark.parametrize(("objectives", "expected"), [(["score"], ["no"]), (["score", "size"], ["no", "units"]), (["score", "latency"], ["no", "units"])])
def test_networks_are_pruned_where_small_or_fast_ones_are_an_objective(objectives, expected):
    (mlp,) = (c for c in compete({"include": ["mlp"]}, search={"objectives": objectives})[2])
    assert list(mlp.space["prune"].options) == expected


def test_each_runs_where_it_can():
    devices = {c.family: c.device for c in compete()[2]}
    assert devices["xgboost"] == "cuda" and devices["random_forest"] == devices["hist_gradient_boosting"] == "cpu"


@pytest.mark.parametrize("built", [True, False])
def test_networks_run_on_the_cpu_where_torch_was_built_without_cuda(built, monkeypatch):
    monkeypatch.setattr(under_test, "torch_uses_cuda", lambda: built)
    _, said, found = compete({"include": ["mlp", "xgboost"]})
    assert {c.family: c.device for c in found} == {"mlp": "cuda" if built else "cpu", "xgboost": "cuda"}
    assert ("without CUDA" in said.get("models.mlp", ("", ""))[1]) is not built and "models.xgboost" not in said


def test_a_direction_leaves_those_that_can_keep_it(without_extras):
    names, said, _ = compete(monotone={"age": 1})
    assert names == ["xgboost", "random_forest", "extra_trees", "hist_gradient_boosting", "decision_tree", "lightgbm"]
    assert "`age`" in said["models.mlp"][1]
    with pytest.raises(SpecError, match="no family"):
        compete({"include": "mlp"}, {"age": 1})


def test_a_plug_in_without_a_package_that_nothing_brings_is_skipped():
    globals()["LACKING"] = replace(FAMILIES.get("classification", "logistic_regression"), name="lacking", requires=("surely_not_installed",))
    FAMILIES.add("classification", "lacking", f"{__name__}:LACKING")
    try:
        assert "lacking" not in compete()[0]
    finally:
        FAMILIES.remove("classification", "lacking")


def readable(models=None):
    said = {}
    spec = spec_of(models=models or {}, constraints={"interpretable": "require"})
    found = candidate_families(spec, "classification", CONTEXT, {}, lambda key, value, because: said.update({key: (value, because)}))
    return {c.family: c for c in found}, said


def test_where_a_person_must_be_able_to_follow_the_model_no_other_family_competes():
    found, said = readable()
    assert set(found) == {"logistic_regression", "decision_tree", "naive_bayes", "lda"}
    assert said["models.xgboost"][0] == "skipped" and "follow" in said["models.xgboost"][1]


def test_options_that_would_make_it_too_large_are_narrowed_and_that_is_said():
    found, said = readable()
    depth = found["decision_tree"].space["max_depth"]
    assert (depth.low, depth.high, depth.default) == (2, 5, 5) and said["models.decision_tree"][0] == "max_depth at most 5"
    kept = readable({"space": {"decision_tree": {"max_depth": {"min": 2, "max": 3}}}})[0]["decision_tree"].space["max_depth"]
    assert kept.high == 3, "what the user narrowed stays narrow"


def test_what_was_asked_for_by_name_cannot_be_followed():
    with pytest.raises(SpecError, match="no family") as caught:
        readable({"include": ["xgboost", "mlp"]})
    assert "decision_tree" in caught.value.fix
    with pytest.raises(SpecError, match="at least 12"):
        readable({"space": {"decision_tree": {"max_depth": 12}}})


def test_a_family_for_texts_is_skipped_where_there_are_none():
    names, said, _ = compete(context=replace(CONTEXT, text=False))
    assert "ngram_net" not in names and said["models.ngram_net"] == ("skipped", "there is no column of texts")
    assert "ngram_net" in compete()[0]


def test_networks_that_learn_long_compete_where_there_is_an_accelerator_or_time_or_they_are_named(monkeypatch):
    def names(time, device="cpu", rows=20_000, **models):
        said = {}
        context = replace(CONTEXT, device=device, text=False, n_rows=rows)
        spec = spec_of(models=models, constraints={"time": time})
        found = candidate_families(spec, "classification", context, {}, lambda key, value, because: said.update({key: because}), 5)
        return {c.family for c in found}, said

    few, said = names("60s")
    assert not {"tabm", "realmlp"} & few and "models.include" in said["models.tabm"]
    monkeypatch.setattr(under_test, "torch_uses_cuda", lambda: True)
    assert {"tabm", "realmlp"} <= names("2h")[0] & names("60s", "cuda")[0] & names("60s", rows=300)[0]
    asked = said["models.realmlp"].rpartition("or give `time: ")[2].rstrip("`")
    assert "realmlp" in names(asked)[0], "the time that is named is enough"
    monkeypatch.setattr(under_test, "torch_uses_cuda", lambda: False)
    assert not {"tabm", "realmlp"} & names("60s", "cuda")[0]
    assert names("60s", include=["tabm"])[0] == {"tabm"}
