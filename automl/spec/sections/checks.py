"""The section `checks`: what each look at the data may do about what it finds; `auto` of a key is the check's own mode."""

from typing import Literal

from pydantic import field_validator

from automl.spec.keys import REQUIRED, Mode, Section, Text, extra_of, key

MODES = {
    "fail": "stop after the look at the data, exit code 1", "fix": "act, and say so", "warn": "say so and leave it", "off": "do not look",
}  # fmt: skip


def _check(text: str, auto: str, example: str = "warn") -> Mode | None:
    """Declare a check: what it sees and what `fix` does about it; `auto` begins with its own mode."""
    made: Mode | None = key(None, text, example=example, auto=auto, values=MODES)
    return made


class CheckException(Section):
    """One column for which a check has another mode."""

    check: str = key(REQUIRED, "Name of the check.", example="id_like")
    column: Text = key(REQUIRED, "Name of the column.", example="code")
    mode: Mode = key(REQUIRED, "The mode there.", example="off", values=MODES)
    reason: str = key(REQUIRED, "Why; printed in the report.", example="codes matter to sales", min_length=1)


class Checks(Section):
    """What each check may do: `fail`, `fix`, `warn` or `off`."""

    default: Mode | Literal["auto"] = key("auto", "Mode of every check that is not named.", example="warn", auto="each check's own mode", values=MODES)
    target_leakage: Mode | None = _check(
        "A column that tells the target alone; fixed by leaving it out.", "fail where the score falls by more than 0.05 without it, else warn", "fix"
    )
    id_like: Mode | None = _check("Columns that number the rows; fixed by leaving them out.", "fix", "off")
    constant: Mode | None = _check("Columns with a single value; fixed by leaving them out.", "fix")
    duplicate_columns: Mode | None = _check("Columns that say the same as another; fixed by keeping the most complete.", "fix")
    duplicate_rows: Mode | None = _check("Rows that occur more than once; fixed by keeping copies on one side of every split.", "fix", "fail")
    split_overlap: Mode | None = _check(
        "Rows of the test side that equal training rows; fixed by removing them from the training side.",
        "fail beyond 1 % of the test rows and beyond chance, else fix",
    )
    conflicting_labels: Mode | None = _check("Equal inputs with different targets; the best score that allows is stated.", "warn")
    label_noise: Mode | None = _check("Rows whose target looks wrong to models that did not see them.", "warn")
    imbalance: Mode | None = _check("A class with few rows; fixed by stratified splits.", "fix")
    rare_class: Mode | None = _check("A class with fewer rows than two per fold; fixed by fewer folds.", "fix")
    missing_target: Mode | None = _check("Rows without a target; fixed by leaving them out.", "fix", "fail")
    missing_values: Mode | None = _check("Missing values, and whether their place tells the target; fixed by imputing inside folds with an indicator.", "fix")
    disguised_missing: Mode | None = _check(
        "Values that stand for a missing one, as -999 or unknown; fixed by reading them as missing.",
        "warn; fix where the number lies far from all others",
        "fix",
    )
    drift: Mode | None = _check("Training and test rows that a model can tell apart; fixed by leaving out the columns that tell most.", "warn")
    unseen_categories: Mode | None = _check("Levels that only test rows have; fixed by the level `other`.", "fix")
    high_cardinality: Mode | None = _check("Categories with very many levels; fixed by target encoding inside folds.", "fix")
    category_variants: Mode | None = _check("Levels equal but for case, spaces or accents; fixed by merging them.", "fix")
    mixed_types: Mode | None = _check("Numbers with a few words among them; fixed by reading the words as missing.", "fix")
    skew_outliers: Mode | None = _check(
        "Long tails and rows far from all others; fixed, where the folds show a clear gain, by ranks in place of values for linear models and networks.", "fix"
    )
    infinite: Mode | None = _check("Infinite numbers; fixed by reading them as missing.", "fix")
    correlated_groups: Mode | None = _check(
        "Columns that go together; fixed, where the folds show a clear gain, by keeping one of each group for linear models and networks.", "fix"
    )
    text: Mode | None = _check("Columns of words: empty, boilerplate, language, words by class; fixed by weights of words (TF-IDF).", "fix")
    datetime: Mode | None = _check("Dates: gaps, repeats, the future, order with the target; fixed by their parts.", "fix")
    time_leak: Mode | None = _check("A random split of rows that time orders while the target drifts; fixed by a split forward in time.", "warn", "fix")
    group_leak: Mode | None = _check("A column of entities that occur again and stand on both sides; fixed by keeping them together.", "warn", "fix")
    too_few_rows: Mode | None = _check("Few rows for the number of columns; fixed by repeating the folds.", "fix")
    personal_data: Mode | None = _check("E-mail addresses, phone and card numbers, names; fixed by leaving the column out, masked in every report.", "fix")
    clusterability: Mode | None = _check("Whether rows fall into groups at all.", "fix")
    intrinsic_dimension: Mode | None = _check("How many columns would tell as much.", "fix")
    except_: list[CheckException] = key(list, "Single columns for which a check has another mode, with the reason.", example=[{"check": "id_like", "column": "code", "mode": "off", "reason": "codes matter"}], alias="except")  # fmt: skip

    @field_validator("except_")
    @classmethod
    def _known(cls, value: list[CheckException]) -> list[CheckException]:
        from automl.spec.values import suggest_value

        for item in value:
            if item.check not in CHECKS:
                near = suggest_value(item.check, list(CHECKS))
                raise ValueError(f"`{item.check}` is not a check" + (f"; did you mean `{near}`?" if near else ""))
        return value


CHECKS = tuple(name for name in Checks.model_fields if name not in ("default", "except_"))
"""The names of the checks, in the order of the docs."""


def own_mode(check: str) -> str:
    """Return the mode that a check has by itself: the first word of what its key says of `auto`."""
    return str(extra_of(Checks.model_fields[check])["auto"]).split()[0].strip(";,")


def mode_of(checks: Checks, check: str, column: str = "") -> str:
    """Return the mode asked for: for this column, by name, by `default`; `auto` where the check itself decides."""
    for item in checks.except_:
        if item.check == check and item.column == column:
            return item.mode
    named: str | None = getattr(checks, check)
    return named or checks.default
