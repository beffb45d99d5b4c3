"""The section `features`: how columns become features; every `auto` is decided from the training rows of each fold."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from automl.spec.keys import Int, Section, Text, key
from automl.spec.units import level_share

PARTS = {
    "year": "the year", "month": "1 to 12", "day": "day of the month", "weekday": "Monday is 0", "hour": "0 to 23", "days": "days since 1970",
}  # fmt: skip


class Numeric(Section):
    """Numbers, for linear models and networks; trees take them as they are."""

    impute: Literal["auto", "median", "mean", "forward"] = key(
        "auto", "What stands in for a missing number, beside a column that says so.", example="median",
        auto="forward where `data.columns.time` orders the rows and the folds show no loss, else the median",
        values={"auto": "decided", "median": "the middle of the training rows", "mean": "their mean", "forward": "the last known value before, in time; new rows take the mean of the last five known ones in the training rows"},
    )  # fmt: skip
    scale: Literal["auto", "standard", "robust", "none"] = key(
        "auto", "Centre and unit of a number.", example="robust", auto="robust where the check skew_outliers says so, else standard",
        values={"auto": "decided", "standard": "mean and standard deviation", "robust": "median and half the range of the middle half", "none": "as it is"},
    )  # fmt: skip
    outliers: Literal["auto", "keep", "clip", "rank"] = key(
        "auto", "What is done about values far out.", example="clip", auto="ranks where the check skew_outliers says so, else clipped at eight scales",
        values={"auto": "decided", "keep": "nothing", "clip": "moved to eight scales from the centre", "rank": "each value becomes its rank among the training rows"},
    )  # fmt: skip


class Categorical(Section):
    """Categories."""

    encode: Literal["auto", "onehot", "ordinal", "target"] = key(
        "auto", "How levels become numbers.", example="target", auto="a column per level; beyond what a family takes, or beyond 50 levels and 1 % of the rows, the class shares of the level, learned inside folds; for trees up to 50 levels the rank",
        values={"auto": "decided", "onehot": "a column per level", "ordinal": "the rank by frequency", "target": "the class shares of a level, shrunk to the mean"},
    )  # fmt: skip
    rare: Annotated[float | None, BeforeValidator(level_share)] = key(None, "Levels with a smaller share of the training rows share one column.", example="1%", auto="levels with fewer than five rows, which are never stored")  # fmt: skip


class TextFeatures(Section):
    """Text."""

    encode: Literal["auto", "tfidf", "hashing", "length", "none"] = key(
        "auto", "How words become numbers.", example="hashing", auto="TF-IDF of chosen words; hashing where those that recur are more than half a million; lengths beside either",
        values={"auto": "decided", "tfidf": "weights of chosen words", "hashing": "weights of hashed words", "length": "lengths and counts only", "none": "left out"},
    )  # fmt: skip
    ngrams: list[Int] = key(lambda: [1, 2], "Shortest and longest run of words.", example=[1, 3], min_length=2, max_length=2)
    max_features: Int | None = key(
        None, "Most words kept of a column.", example=20000, auto="what the family can take; a family with dense features never takes more", ge=10, le=1_000_000
    )

    @field_validator("ngrams")
    @classmethod
    def _a_range(cls, value: list[int]) -> list[int]:
        if not 1 <= value[0] <= value[1] <= 3:
            raise ValueError("two whole numbers within 1 and 3, the smaller first, for example [1, 2]")
        return value


class Datetime(Section):
    """Dates."""

    parts: Literal["auto"] | Annotated[list[Literal["year", "month", "day", "weekday", "hour", "days"]], Field(min_length=1)] = key(
        "auto", "Parts of a date to learn from.", example=["year", "month"], auto="all that vary in the training rows", values=PARTS
    )
    cyclic: bool | Literal["auto"] = key("auto", "Whether month, weekday and hour stand on a circle too.", example=True, auto="for linear models and networks")


class Features(Section):
    """How columns become features."""

    numeric: Numeric = key(Numeric, "Imputation, scaling and outliers of numbers.", example={"scale": "robust"})
    categorical: Categorical = key(Categorical, "Encoding of categories and of rare levels.", example={"rare": "1%"})
    text: TextFeatures = key(TextFeatures, "Encoding of text.", example={"ngrams": [1, 2]})
    datetime: Datetime = key(Datetime, "Parts of dates.", example={"cyclic": True})
    interactions: Literal["auto", "none"] | list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = key("auto", "Pairs of columns: two numbers are multiplied, two categories crossed, a number is taken less its mean in each level of a category.", example=[["age", "income"]], auto="none, unless a check of the data finds pairs that gain on the folds")  # fmt: skip
    select: Literal["auto", "none"] | Annotated[Int, Field(ge=1)] = key("auto", "How many of the features are kept, the ones that tell most about the target in the training rows.", example=200, auto="all, unless they are more than 5,000; then the best 5,000")  # fmt: skip

    @field_validator("interactions")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if isinstance(value, list) and any(pair[0] == pair[1] for pair in value):
            raise ValueError("each interaction is a pair of two different columns, for example [[age, income]]")
        return value

    transform: dict[Text, Text] = key(
        dict,
        "A transformer of an installed package for a column, by its name; what it makes is learned from beside the column's own features.",
        example={"email": "email_domain"},
    )
    monotone: dict[Text, Literal["increasing", "decreasing"]] = key(
        dict,
        "Columns along which the prediction of the positive class may only rise, or only fall; families that cannot keep this do not compete.",
        example={"income": "increasing"},
    )
