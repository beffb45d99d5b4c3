"""Every reducer against every check of its contract."""

from importlib.util import find_spec

import pytest

from automl.families import FAMILIES
from automl.testing.reducers import CHECKS, TASK


@pytest.mark.parametrize("name", FAMILIES.names(TASK))
@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.__name__)
def test_family(name, check):
    family = FAMILIES.get(TASK, name)
    absent = [package for package in family.requires if find_spec(package) is None]
    if absent:
        pytest.skip(f'{", ".join(absent)} is not installed: pip install "automl[{family.extra}]"')
    check(family)
