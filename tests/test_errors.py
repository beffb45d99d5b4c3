import pytest

from automl import errors


def test_codes_are_those_documented():
    wanted = {
        "GateFailed": 1,
        "UsageError": 2,
        "SpecError": 2,
        "DataError": 3,
        "NoModelError": 4,
        "MissingPackageError": 5,
        "EnvironmentFault": 6,
        "ArtifactError": 7,
    }
    assert {name: getattr(errors, name).exit_code for name in wanted} == wanted
    assert errors.AutoMLError.exit_code == 70


def test_message_has_problem_place_and_fix():
    text = errors.DataError("it is empty", "a.csv, line 2", "fill it").render()
    assert text.splitlines() == ["error: it is empty", "  where: a.csv, line 2", "  fix:   fill it"]


@pytest.mark.parametrize(("word", "near"), [("tagret", "target"), ("Target", "target"), ("time-limit", "time_limit"), ("zzz", "")])
def test_nearest_name(word, near):
    assert errors.did_you_mean(word, ["target", "time_limit", "seed"]) == near
