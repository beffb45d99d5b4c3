"""The section `explain`: what is told of how the winner decides; all of it is measured on scored rows, within a share of the time."""

from typing import Literal

from automl.spec.keys import Int, Section, key


class Explain(Section):
    """What is explained of the winner."""

    importance: Literal["auto", "permutation", "none"] = key(
        "auto", "How much each column, and each group of columns that go together, matters to the score.", example="none", auto="permutation",
        values={"auto": "decided", "permutation": "by how much the metric gets worse when values change places between rows", "none": "not measured"},
    )  # fmt: skip
    effects: Int = key(
        6, "How many columns have it shown how the answer changes with their values, the most important first; 0: none.", example=10, ge=0, le=50
    )
    examples: Int = key(5, "How many typical rows are shown, and how many wrong ones; their cells only where `report.sample_rows` is not 0.", example=0, ge=0, le=50)  # fmt: skip
    slices: Literal["auto", "none"] = key(
        "auto", "Groups of rows that are scored apart.", example="none", auto="levels of categories, quarters of numbers, rows without a value",
        values={"auto": "decided", "none": "no groups"},
    )  # fmt: skip
