"""Checks of the shape of the rows as a whole: whether they fall into groups, and how many columns would tell as much.

They speak of tables without a target; the profile has their figures for every table.
"""

from collections.abc import Iterator

from automl.eda.look import Draft, Look
from automl.vocabulary import Mode


def clusterability(look: Look) -> Iterator[Draft]:
    """Say whether the rows fall into groups."""
    found = (look.stats.get("structure") or {}).get("clusterability") or {}
    if look.has_target or "structure" not in found:
        return
    dip = found["dip"]
    words = f"seen in {dip['seen_in']}, p {dip['p']:.2g}" if found["structure"] else f"the least p of {dip['tests']} dip tests is {dip['p']:.2g}"
    message = f"no sign of groups ({words}): clusters that are found may be cuts through one cloud"
    if found["structure"]:
        message = f"the rows fall into groups ({words})"
    yield Draft((), message, "noted in the profile", "noted in the profile", own=Mode.FIX if found["structure"] else Mode.WARN, evidence=found)


def intrinsic_dimension(look: Look) -> Iterator[Draft]:
    """Say how many columns would tell nearly as much."""
    structure = look.stats.get("structure") or {}
    pca, own = structure.get("pca") or {}, structure.get("intrinsic_dimension") or {}
    if look.has_target or "for_90" not in pca or pca["columns"] < 3:
        return
    words = f"{pca['for_90']} of {pca['columns']} principal components hold 90 % of the variance"
    if "two_nn" in own:
        words += f"; nearest neighbours say that the rows fill about {own['two_nn']:.1f} dimensions"
    yield Draft((), words, "noted in the profile", "noted in the profile", evidence={"for_90": pca["for_90"], "two_nn": own.get("two_nn")})
