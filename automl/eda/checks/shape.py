"""Checks of the shape of the rows as a whole: whether they fall into groups, and how many columns would tell as much."""

from collections.abc import Iterator

from automl.eda.look import Draft, Look


def clusterability(look: Look) -> Iterator[Draft]:
    """Say whether the rows fall into groups."""
    found = (look.stats.get("structure") or {}).get("clusterability")
    if not found or "hopkins" not in found or look.has_target:
        return
    yield Draft((), found["words"], "noted in the profile", "noted in the profile", evidence=found)


def intrinsic_dimension(look: Look) -> Iterator[Draft]:
    """Say how many columns would tell nearly as much."""
    found = (look.stats.get("structure") or {}).get("dimension")
    if not found or "words" not in found or look.has_target:
        return
    yield Draft((), found["words"], "noted in the profile", "noted in the profile", evidence=found)
