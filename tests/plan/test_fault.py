"""An error of the plan says where in the spec it is."""

import pytest

from automl.plan.fault import spec_error
from automl.spec.load import read_spec
from tests.builders import spec_of


def test_a_spec_from_a_file_is_pointed_into(tmp_path):
    (tmp_path / "t.csv").write_text("y,a\n")
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: {type: classification, target: y}\nfeatures:\n  monotone: {a: increasing}\n")
    fault = spec_error(read_spec(tmp_path / "s.yaml"), ("features", "monotone", "a"), "that cannot be", "leave it out")
    assert "s.yaml:4" in str(fault) and "that cannot be" in str(fault) and fault.exit_code == 2


@pytest.mark.parametrize("path", [("a", "b", 1)])
def test_one_without_a_file_names_the_key(path):
    fault = spec_error(spec_of(), path, "that cannot be", "leave it out")
    assert (fault.where, fault.fix, fault.text) == ("a.b.1", "leave it out", "")
