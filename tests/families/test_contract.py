"""Every family here against every check of the contract."""

from importlib.util import find_spec

import pytest

from automl.families import FAMILIES
from automl.testing.contract import CHECKS

SLOW = ("tabm",)  # some ten seconds for each check
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in FAMILIES.names("classification")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_family(name, check):
    family = FAMILIES.get("classification", name)
    absent = [package for package in family.requires if find_spec(package) is None]
    if absent:
        pytest.skip(f'{", ".join(absent)} is not installed: pip install "automl[{family.extra}]"')
    check(family)
