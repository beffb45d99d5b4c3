"""Every `auto` resolved, each with a sentence; what cannot be done is refused before anything is trained."""

import json
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.act import treat
from automl.eda.profile import profile_dataset
from automl.errors import EnvironmentFault, MissingPackageError, NoModelError, SpecError
from automl.families import FAMILIES
from automl.families.space import Fixed
from automl.features.recipe import NumberOptions, Recipe
from automl.hardware import Accelerator, Hardware
from automl.plan import candidates
from automl.plan.plan import make_plan
from automl.spec.load import read_spec
from automl.vocabulary import Decision, Role
from tests.builders import dataset_of, loaded, spec_of

MACHINE = Hardware(4, 8000, (), "a processor", "Linux")
GPU = replace(MACHINE, accelerators=(Accelerator("A GPU", 80_000),))


def planned(spec=None, hardware=MACHINE, n_classes=2, **columns):
    spec = spec or spec_of()
    rng = np.random.default_rng(0)
    columns = columns or {"a": rng.normal(size=200), "b": (rng.integers(0, 3, 200), "xyz")}
    dataset = dataset_of(np.arange(200) % n_classes, **columns)
    split = make_split(dataset, spec)
    dataset = replace(dataset, roles=tuple(Decision(f.name, Role(f.kind), "made") for f in dataset.fields))
    treated = treat(dataset, split, profile_dataset(dataset, split, spec.checks, {}).findings, spec)
    return make_plan(spec, treated.dataset, treated.split, treated.recipe, hardware)


def test_nothing_is_left_to_default_and_every_choice_has_a_reason():
    plan = planned()
    assert (plan.metric, plan.greater_is_better, plan.n_outputs, plan.n_rows, plan.n_folds) == ("roc_auc", True, 2, 160, 5)
    families = [FAMILIES.get("classification", name) for name in FAMILIES.names("classification")]
    assert [c.family for c in plan.candidates] == [f.name for f in families if all(find_spec(p) for p in f.requires) and not f.only_text]
    assert {"task.metric", "constraints.gpu", "models", "runtime.workers", "constraints.time", "validation.folds"} <= {d.key for d in plan.decisions}
    assert all(d.because for d in plan.decisions)
    assert json.loads(json.dumps(plan.as_dict(), allow_nan=False))["columns"][0]["name"] == "a"


@pytest.mark.parametrize(("n_classes", "asked", "metric"), [(2, "auto", "roc_auc"), (3, "auto", "log_loss"), (3, "accuracy", "accuracy")])
def test_the_metric(n_classes, asked, metric):
    plan = planned(spec_of(task={"metric": asked}), n_classes=n_classes)
    assert plan.metric == metric and metric not in plan.also_report
    assert ("f1" if n_classes == 2 else "f1_macro") in plan.also_report


def test_metrics_to_report_stand_once_and_first():
    plan = planned(spec_of(task={"also_report": ["average_precision", "accuracy"]}))
    assert plan.also_report[:2] == ("average_precision", "accuracy") and len(set(plan.also_report)) == len(plan.also_report)


def test_columns_that_a_check_leaves_out_are_not_learned_from():
    columns = {"a": np.random.default_rng(0).normal(size=200), "one": np.ones(200), "key": np.arange(200.0)}
    assert [f.name for f in planned(**columns).fields] == ["a"]
    assert [f.name for f in planned(spec_of(checks={"default": "warn"}), **columns).fields] == ["a", "one", "key"]
    with pytest.raises(NoModelError, match="no column is left"):
        planned(one=np.ones(200))


def test_the_device_is_used_by_families_that_can(monkeypatch):
    monkeypatch.setattr(candidates, "torch_uses_cuda", lambda: True)
    assert {c.device for c in planned().candidates} == {"cpu"}
    devices = {c.family: c.device for c in planned(hardware=GPU).candidates}
    can = {name for name in devices if "cuda" in FAMILIES.get("classification", name).devices}
    assert {"xgboost", "mlp"} <= can and devices == {name: "cuda" if name in can else "cpu" for name in devices}
    assert {c.device for c in planned(spec_of(constraints={"gpu": "off"}), GPU).candidates} == {"cpu"}
    with pytest.raises(EnvironmentFault, match="no CUDA device"):
        planned(spec_of(constraints={"gpu": "required"}))


@pytest.mark.parametrize(("cpus", "workers"), [("all", 4), (2, 2), (64, 4)])
def test_cores_and_memory_are_shared_by_the_workers(cpus, workers):
    plan = planned(spec_of(constraints={"cpus": cpus}))
    assert (plan.workers, plan.threads_per_trial) == (workers, 1)
    assert 0.7 * 6400 < plan.memory_mb_per_worker * workers < 6400, "what the program itself takes comes off the 80 %"


def test_families_and_their_options():
    plan = planned(spec_of(models={"include": ["xgboost", "mlp"], "exclude": "mlp", "space": {"xgboost": {"max_depth": 3}}}))
    assert [c.family for c in plan.candidates] == ["xgboost"]
    assert plan.candidate("xgboost").space["max_depth"] == Fixed(3)


def test_an_option_that_does_not_fit_is_named_with_its_path(tmp_path):
    with pytest.raises(SpecError) as caught:
        planned(spec_of(models={"space": {"xgboost": {"max_dept": 3}}}))
    assert caught.value.where == "models.space.xgboost.max_dept" and "max_depth" in caught.value.fix
    (tmp_path / "t.csv").write_text("y,a\n")
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: {type: classification, target: y}\nmodels:\n  include: [mlp, xgbost]\n")
    with pytest.raises(SpecError, match=r"s\.yaml:4:18"):
        planned(read_spec(tmp_path / "s.yaml"))


def test_a_family_whose_package_is_absent_is_skipped_or_refused():
    family = replace(FAMILIES.get("classification", "logistic_regression"), name="lacking", requires=("surely_not_installed",))
    globals()["LACKING"] = family
    FAMILIES.add("classification", "lacking", f"{__name__}:LACKING")
    try:
        plan = planned()
        assert "lacking" not in [c.family for c in plan.candidates]
        assert {d.key: d.value for d in plan.decisions}["models.lacking"] == "skipped"
        with pytest.raises(MissingPackageError):
            planned(spec_of(models={"include": "lacking"}))
    finally:
        FAMILIES.remove("classification", "lacking")


def test_limits_are_carried_over():
    plan = planned(spec_of(seed=7, constraints={"time": "2m", "trials": 9}, quantize={"precisions": ["int8", "int8"], "max_drop": 0.01, "prefer": "fastest"}))
    assert (plan.seconds, plan.max_trials, plan.seed, plan.precisions, plan.max_drop, plan.prefer) == (120.0, 9, 7, ("int8",), 0.01, "fastest")
    plan = planned(spec_of(constraints={"time": "none", "trials": 2}))
    assert plan.seconds is None and {d.key: d.value for d in plan.decisions}["constraints.time"] == "none"


def test_the_context_of_a_job():
    plan = planned()
    context = plan.context(plan.candidate("mlp"), 3, 17)
    assert (context["n_rows"], context["n_columns"], context["threads"], context["rounds"], context["device"], context["text"]) == (160, 2, 3, 17, "cpu", False)


def test_the_recipe_is_part_of_the_plan():
    plan = planned(spec_of(seed=3, features={"numeric": {"outliers": "rank"}, "interactions": [["a", "b"]], "select": 40}))
    assert plan.recipe.numbers == {"a": NumberOptions(outliers="rank")} and set(plan.recipe.categories) == {"b"}
    assert (plan.recipe.pairs, plan.recipe.select, plan.recipe.seed) == ((("a", "b"),), 40, 3)
    assert {"features.numeric.outliers": "rank", "features.interactions": "a × b"}.items() <= {d.key: d.value for d in plan.decisions}.items()
    assert Recipe.from_dict(json.loads(json.dumps(plan.as_dict()))["recipe"]) == plan.recipe


def test_a_pair_with_a_column_that_is_not_there_is_refused_with_the_nearest_name():
    columns = {"age": np.random.default_rng(0).normal(size=200), "wage": np.random.default_rng(1).normal(size=200)}
    with pytest.raises(SpecError, match="`agee` is not in the data") as caught:
        planned(spec_of(features={"interactions": [["wage", "age"], ["wage", "agee"]]}), **columns)
    assert caught.value.where == "features.interactions.1.1" and "`age`" in caught.value.fix
    dropped = planned(spec_of(features={"interactions": [["age", "one"]]}), **columns, one=np.ones(200))
    assert dropped.recipe.pairs == () and any("`one` is not learned from" in d.because for d in dropped.decisions)


@pytest.mark.parametrize("with_number", [True, False])
def test_texts_that_nothing_is_made_of_are_no_columns(tmp_path, with_number):
    types = {"note": "text", "a": "number"} if with_number else {"note": "text"}
    spec = spec_of({"train": "t.csv", "columns": {"types": types}}, features={"text": {"encode": "none"}}, checks={"default": "off"})
    rows = [f"{i % 2},{f'{i},' if with_number else ''}some words {i * 7 % 40}" for i in range(40)]
    dataset = loaded(tmp_path, "\n".join(["y,a,note" if with_number else "y,note", *rows]) + "\n", spec)
    split = make_split(dataset, spec)
    if with_number:
        plan = make_plan(spec, dataset, split, {}, MACHINE)
        assert [f.name for f in plan.fields] == ["a"] and not plan.context(plan.candidate("mlp"), 1)["text"]
    else:
        with pytest.raises(SpecError, match="no column is left"):
            make_plan(spec, dataset, split, {}, MACHINE)


@pytest.mark.parametrize(
    ("ensemble", "constraints", "expected"),
    [({}, {}, "never"), ({}, {"latency": "5ms"}, "needed"), ({"distill": "always"}, {}, "always"), ({"distill": "always", "method": "none"}, {}, "never"),
     ({"distill": "never"}, {"model_size": "1MB"}, "never")],
)  # fmt: skip
def test_one_model_learns_the_ensemble_where_asked_for_or_where_a_limit_may_need_it(ensemble, constraints, expected):
    plan = planned(spec_of("t.csv", ensemble=ensemble, constraints=constraints))
    assert plan.distill == expected
