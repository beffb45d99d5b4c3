"""The section `data`: where the rows come from, how they are read, and what columns are for."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from automl.spec.keys import Int, Names, Section, Text, key

COLUMN_TYPES = {"number": "a quantity", "category": "one of some levels", "text": "words", "date": "a day or a moment"}


class Csv(Section):
    """How text tables are read; what is left out is found out, and the report says how."""

    separator: str | None = key(None, "Character between fields.", example=";", auto="found from the first lines", min_length=1, max_length=1)
    decimal: Literal[".", ","] = key(".", "Decimal mark of numbers.", example=",", values={".": "1.5", ",": "1,5"})
    encoding: str | None = key(
        None, "Encoding of the file.", example="cp1252", auto="UTF-8, or UTF-16 with its mark; anything else is an error that names the byte"
    )
    missing: list[Text] | None = key(None, "Texts that mean a missing value, in place of the usual ones.", example=["", "NA", "?"], auto="what pandas takes for missing: empty, NA, N/A, n/a, NaN, null, None and the like")  # fmt: skip
    header: bool = key(True, "Whether line 1 holds the column names.", example=False)

    @field_validator("separator")
    @classmethod
    def _separates(cls, value: str | None) -> str | None:
        if value is not None and value in '"\r\n\0':
            raise ValueError("a quote or a line end cannot separate fields")
        return value

    @field_validator("encoding")
    @classmethod
    def _an_encoding(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                "a".encode(value).decode(value)
            except (LookupError, ValueError):
                raise ValueError(f"`{value}` is not an encoding of text; for example utf-8, cp1252, utf-16") from None
        return value


class Columns(Section):
    """What columns are for, where the engine's own reading is wrong."""

    id: Names = key(list, "Columns that name a row; never learned from.", example=["customer_id"])
    group: Text | None = key(None, "Column whose rows stay on one side of every split; never learned from.", example="household_id")
    time: Text | None = key(None, "Column that orders the rows; with it the default split is forward in time.", example="signup_date")
    weight: Text | None = key(
        None,
        "Column that says how much each row counts, 0 or more: in every fit of a family that takes weights, in the scores that choose and in those that are reported; never learned from.",
        example="weight",
    )
    drop: Names = key(list, "Columns to leave out.", example=["internal_note"])
    types: dict[str, Literal["number", "numeric", "category", "categorical", "text", "date", "datetime"]] = key(
        dict, "Types of columns, where inference is wrong.", example={"postcode": "category"}, values=COLUMN_TYPES
    )


class Sql(Section):
    """A database and the query whose result is the table; the package SQLAlchemy reads it (`pip install automl[sql]`)."""

    connection: str = key("", "Address of the database, as SQLAlchemy writes it; a password belongs in ${NAME}.", example="sqlite:///shop.db")
    query: str = key("", "One SELECT.", example="select * from customers")

    @model_validator(mode="after")
    def _both(self) -> "Sql":
        if not self.connection or not self.query:
            raise ValueError("a database needs `connection` and `query`")
        return self


def _paths(value: object) -> object:
    return [value] if isinstance(value, str) else value


Paths = Annotated[list[str], BeforeValidator(_paths)]


class Data(Section):
    """Where the rows come from: files, a database, or one of scikit-learn's bundled tables."""

    train: Paths | None = key(None, "A file, a glob, or a list of files, relative to the spec: csv, tsv, jsonl, parquet, feather, and gz or zst of these.", example="customers.csv")  # fmt: skip
    test: Paths | None = key(None, "A separate table that is scored at the end, like `train`.", example="customers_q3.csv")
    rows: Annotated[Int, Field(ge=20)] | Literal["all"] = key("all", "How many rows to take, as a stratified sample.", example=100000)
    builtin: Literal["breast_cancer", "digits", "iris", "wine"] | None = key(
        None, "A table bundled with scikit-learn, for examples.", example="iris",
        values={"breast_cancer": "569 rows, 2 classes", "digits": "1797 rows, 10 classes", "iris": "150 rows, 3 classes", "wine": "178 rows, 3 classes"},
    )  # fmt: skip
    csv: Csv = key(Csv, "How text tables are read.", example={"separator": ";"})
    sql: Sql | None = key(None, "A database and a query.", example={"connection": "${DB}", "query": "select * from t"})
    columns: Columns = key(Columns, "What columns are for.", example={"drop": ["internal_note"]})

    @model_validator(mode="after")
    def _one_source(self) -> "Data":
        if sum(source is not None for source in (self.train, self.builtin, self.sql)) != 1:
            raise ValueError("give one source: `train: FILE`, `sql: {connection, query}` or `builtin: NAME`")
        return self

    @field_validator("train", "test")
    @classmethod
    def _some(cls, value: Any) -> Any:
        if value is not None and (not value or any(not p for p in value)):
            raise ValueError("a file name is needed")
        return value


def data_short(value: object) -> object:
    """Return the long form of `data: customers.csv` and of a list of files."""
    return {"train": value} if isinstance(value, str | list) else value
