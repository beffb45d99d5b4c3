"""Versions of this package and of those it stands on."""

from importlib.metadata import PackageNotFoundError, version

_OTHER_NAMES = {"xgboost": ("xgboost-cpu", "xgboost-cu12")}


def package_version(name: str) -> str:
    """Return the version of an installed package, also where it goes by another name; empty when it is not there."""
    for known in (name, *_OTHER_NAMES.get(name, ())):
        try:
            return version(known)
        except PackageNotFoundError:
            continue
    return ""


def engine_version() -> str:
    """Return the version of this package."""
    return package_version("automl") or "0+source"  # a source tree that was never installed
