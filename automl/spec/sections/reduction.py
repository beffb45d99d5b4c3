"""The keys of the task `dimensionality_reduction`: what the result is for, how many columns, and what must be preserved."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from automl.spec.keys import REQUIRED, Section, Text, key
from automl.spec.sections.task_types import TYPES
from automl.spec.units import FixableError

MOST = 10_000
FORMS = "`n_components` takes auto, a whole number, or a share of the variance such as 95%"


def components(value: object) -> object:
    """Return "auto", a number of columns, or a share of variance in (0, 1) as a float. Raises ValueError with the allowed forms."""
    if value == "auto":
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            part = float(text.removesuffix("%"))
        except ValueError:
            raise ValueError(FORMS) from None
        if not text.endswith("%"):
            raise FixableError(FORMS, f"{part:g}%" if part > 1 else f"{100 * part:g}%")
        if not 0 < part < 100:
            raise ValueError("a share of the variance lies between 0% and 100%")
        return part / 100
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ValueError(FORMS)
    if 0 < value < 1:
        return float(value)
    if int(value) != value or value < 1:
        raise ValueError(f"{FORMS}, not {value:g}")
    if value > MOST:
        raise ValueError(f"the most is {MOST:,} columns")
    return int(value)


class DimensionalityReduction(Section):
    """Fewer columns, same structure."""

    type: Literal["dimensionality_reduction"] = key(REQUIRED, "What is asked of the data.", example="dimensionality_reduction", values=TYPES)
    purpose: Literal["visualize", "compress", "features"] = key(
        "visualize", "What the result is for; it says how methods are compared.", example="compress",
        values={
            "visualize": "a map: neighbours stay neighbours, and far stays far",
            "compress": "few columns from which the others can be told: least error on rows not learned from",
            "features": "columns for a model to come: what neighbours, or the label, tell is kept on rows not learned from",
        },
    )  # fmt: skip
    n_components: Annotated[Literal["auto"] | int | float, BeforeValidator(components)] = key(
        "auto", "Number of columns, or the share of variance to keep.", example="95%",
        auto="two to visualize, else where the curve of quality over dimensions levels off",
    )  # fmt: skip
    preserve: Literal["local", "global"] = key(
        "local", "Which distances matter more.", example="global", values={"local": "those between neighbours", "global": "those across the whole table"}
    )
    target: Text | None = key(None, "A column of classes that methods may learn from; the others never see it.", example="churned")
    color_by: Text | None = key(None, "A column that colours the map; never learned from.", example="segment")
