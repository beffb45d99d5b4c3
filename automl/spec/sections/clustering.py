"""The keys of the task `clustering`: how many groups, whether rows may be in none, and by which index to choose."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from automl.spec.keys import REQUIRED, Int, Section, Text, key
from automl.spec.sections.task_types import TYPES
from automl.spec.units import FixableError
from automl.spec.values import suggest_value

LEAST, MOST = 2, 10_000
INDICES = {
    "auto": "decided: each kind of structure is judged by an index that fits it, and by how stable the groups are",
    "silhouette": "how much nearer a row is to its own group than to the next one; compact groups",
    "calinski_harabasz": "spread between groups over spread within; compact groups",
    "davies_bouldin": "how alike the two most alike groups are; compact groups, lower is better",
    "dbcv": "how dense groups are within against the gaps between them; groups of any shape",
    "disco": "how dense the way between rows of a group is against that to other groups; groups of any shape, noise counts too",
    "bic": "how much shorter a mixture of normal distributions tells the rows, a price per number paid; overlapping groups",
}
FORMS = "`n_clusters` takes auto, a whole number, or a range {min: 2, max: 12}"


class ClusterRange(Section):
    """A range of numbers of groups, both ends included."""

    min: Int = key(LEAST, "Fewest groups.", example=2, ge=2, le=MOST)
    max: Int = key(REQUIRED, "Most groups.", example=12, ge=2, le=MOST)


def _whole(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or int(value) != value:
        raise ValueError(f"{name} is `{value}`, and a number of groups is a whole number")
    return int(value)


def cluster_count(value: object) -> object:
    """Return "auto", a number of groups, or a range of them. Raises ValueError with the allowed forms."""
    if value == "auto" or isinstance(value, ClusterRange):
        return value
    if isinstance(value, str):
        low, found, high = value.partition("-")
        if found and low.strip().isdigit() and high.strip().isdigit():
            raise FixableError(FORMS, f"{{min: {int(low)}, max: {int(high)}}}")
        if near := suggest_value(value, ["auto"]):
            raise FixableError(FORMS, near)
        raise ValueError(FORMS)
    if isinstance(value, list) and len(value) == 2:
        raise FixableError(FORMS, f"{{min: {value[0]}, max: {value[1]}}}")
    if isinstance(value, dict):
        if odd := [str(k) for k in value if k not in ("min", "max")]:
            raise ValueError(f"`{odd[0]}` is no end of a range: {{min: 2, max: 12}}")
        if "max" not in value:
            raise ValueError("a range needs `max`: {min: 2, max: 12}")
        low_end, high_end = _whole(value.get("min", LEAST), "`min`"), _whole(value["max"], "`max`")
        if not LEAST <= low_end <= high_end <= MOST:
            raise ValueError(f"`min` {low_end} and `max` {high_end} must rise, within {LEAST} and {MOST:,}")
        return ClusterRange(min=low_end, max=high_end)
    if value is None or isinstance(value, list):
        raise ValueError(FORMS)
    number = _whole(value, "it")
    if not LEAST <= number <= MOST:
        raise ValueError(f"{number:,} groups: at least {LEAST} are needed to tell rows apart" if number < LEAST else f"the most is {MOST:,}")
    return number


class Clustering(Section):
    """Groups of similar rows."""

    type: Literal["clustering"] = key(REQUIRED, "What is asked of the data.", example="clustering", values=TYPES)
    n_clusters: Annotated[Literal["auto"] | int | ClusterRange, BeforeValidator(cluster_count)] = key(
        "auto", "Number of groups: a number, or a range to choose from.", example={"min": 2, "max": 12},
        auto="chosen by how well groups are set apart and how stable they are; none, where no structure is found",
    )  # fmt: skip
    noise: Literal["allow", "forbid"] = key(
        "allow", "Whether rows may belong to no group (-1).", example="forbid",
        values={"allow": "rows far from every dense part may be in no group", "forbid": "each row is in a group"},
    )  # fmt: skip
    metric: Literal["auto", "silhouette", "calinski_harabasz", "davies_bouldin", "dbcv", "disco", "bic"] = key(
        "auto", "Index to choose by.", example="silhouette", auto="indices are compared only within the kind of structure they fit", values=INDICES
    )
    compare_with: Text | None = key(None, "A column of known groups; never learned from, looked at only afterwards.", example="segment")
