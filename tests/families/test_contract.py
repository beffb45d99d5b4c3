"""Every family here against every check of the contract."""

import pytest

from automl.families import FAMILIES
from automl.testing.contract import CHECKS

NAMES = FAMILIES.names("classification")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_family(name, check):
    check(FAMILIES.get("classification", name))
