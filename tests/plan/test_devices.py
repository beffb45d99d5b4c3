import pytest

from automl.families.base import Context
from automl.families.check import check_models
from automl.hardware import Accelerator, Hardware
from automl.plan.candidates import CandidateFamily
from automl.plan.devices import resolve_devices


def said(count, names=("mlp", "xgboost"), device="cuda", space=None):
    told = []
    spaces = check_models("classification", list(names), [], {"mlp": space} if space else {}, Context("classification", 50_000, 100, 2, device))
    candidates = [CandidateFamily(name, "", spaces[name], device) for name in names]
    machine = Hardware(4, 16_000, (Accelerator("a device", 1000),) * count, "a processor", "Linux")
    resolve_devices(machine, 100, candidates, lambda *decision: told.append(decision))
    return told


def test_without_a_device_there_is_nothing_to_say():
    assert said(0, device="cpu") == said(2, device="cpu") == []


def test_one_is_shared():
    ((key, value, why),) = said(1)
    assert (key, value) == ("runtime.devices", 1) and "mlp, xgboost share it" in why and "CPU" in why


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (None, "none alone is large enough"),
        ({"width": {"min": 256, "max": 8192}, "layers": 4}, "learns on all at once"),
        ({"width": 64, "layers": 1, "batch": 256}, "at most 2e+06"),
    ],
)
def test_of_several_the_largest_network_says_whether_one_learns_on_all(space, words):
    ((_, value, why),) = said(2, space=space)
    assert value == 2 and "spread over them" in why and words in why


def test_families_that_use_one_are_told():
    ((_, value, why),) = said(2, ["xgboost"])
    assert value == 1 and "none can use more than one" in why
