"""What is to become of each column, resolved: what the user wrote, else what the look at the data asks for, else the default."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from automl.errors import SpecError
from automl.inference.table import Field
from automl.inference.transformer import Origin
from automl.spec.keys import Section
from automl.spec.sections.features import Features
from automl.vocabulary import Decision

MOST_COLUMNS = 5000  # of the matrix; on short messages the best 5,000 of 10,000 words lost nothing
MOST_NAMED = 8  # columns that a decision names before it counts them


@dataclass(frozen=True)
class NumberOptions:
    """A number, for families whose numbers are scaled; the others take it as it is."""

    impute: str = "median"
    scale: str = "standard"
    outliers: str = "clip"


@dataclass(frozen=True)
class CategoryOptions:
    """A category; `auto` is settled by the levels of the learning rows, `rare` is a share of them."""

    encode: str = "auto"
    rare: float = 0.0


@dataclass(frozen=True)
class TextOptions:
    """A text; `auto` is settled by the number of terms, `max_features` None means what the family can take."""

    encode: str = "auto"
    ngrams: tuple[int, int] = (1, 2)
    max_features: int | None = None


@dataclass(frozen=True)
class DateOptions:
    """A date; `parts` None means those that vary in the learning rows, `cyclic` None where numbers are scaled."""

    parts: tuple[str, ...] | None = None
    cyclic: bool | None = None


@dataclass(frozen=True)
class Recipe:
    """The options of all columns; a column without options of its own takes the defaults.

    `pairs` are multiplied or crossed; `select` is how many matrix columns are kept (None: all); `not_scaled` columns are left
    out for families with scaled numbers; `seed` deals out the inner folds. `transforms` are transformers of other packages, by
    column; what they make stands beside the column's own features.
    """

    numbers: Mapping[str, NumberOptions] = field(default_factory=dict)
    categories: Mapping[str, CategoryOptions] = field(default_factory=dict)
    texts: Mapping[str, TextOptions] = field(default_factory=dict)
    dates: Mapping[str, DateOptions] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    select: int | None = MOST_COLUMNS
    not_scaled: tuple[str, ...] = ()
    seed: int = 0
    transforms: Mapping[str, Origin] = field(default_factory=dict)

    def left_out(self) -> tuple[str, ...]:
        """Return the columns that nothing is made of: texts with `none` and without a transformer."""
        return tuple(name for name, options in self.texts.items() if options.encode == "none" and name not in self.transforms)

    def asdict(self) -> dict[str, Any]:
        """Return the recipe as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that `asdict` gave, after a way through JSON. Raises TypeError when the facts are not those of a recipe."""
        made = dict(facts)
        for name, options in _OPTIONS.items():
            made[name] = {column: options(**{k: _frozen(v) for k, v in given.items()}) for column, given in facts[name].items()}
        return cls(**{**made, "pairs": tuple((a, b) for a, b in facts["pairs"]), "not_scaled": tuple(facts["not_scaled"])})


_OPTIONS: dict[str, Any] = {"numbers": NumberOptions, "categories": CategoryOptions, "texts": TextOptions, "dates": DateOptions, "transforms": Origin}


@dataclass(frozen=True)
class _Kind:
    """Where the options of a kind of column stand in the spec and in a recipe, and what is said of each default: (shown value, why)."""

    section: str
    place: str
    defaults: Mapping[str, tuple[str, str]]


_KINDS = {
    "number": _Kind("numeric", "numbers", {
        "impute": ("median", "the middle of the known values does not follow outliers; a column beside it says where a value was missing"),
        "scale": ("standard", "mean and standard deviation, for linear models and networks; trees take numbers as they are"),
        "outliers": ("clip", "eight scales from the centre is beyond any value that is not an outlier"),
    }),
    "category": _Kind("categorical", "categories", {
        "encode": ("auto", "a column per level; beyond what a family takes, or beyond 50 levels and 1 % of the rows, the shares of the classes in the "
                   "level; for trees its rank by frequency between ten and 50 levels"),
        "rare": ("5 rows", "levels with fewer share a column: a weight of their own would be noise, and a single cell would stand in the model"),
    }),
    "text": _Kind("text", "texts", {
        "encode": ("auto", "weights of the words that tell most about the classes; hashed words where there are over half a million; lengths beside either"),
        "ngrams": ("1 to 2", "words and pairs of words"),
        "max_features": ("auto", "as many as a family can take"),
    }),
    "date": _Kind("datetime", "dates", {
        "parts": ("auto", "the parts that vary in the training rows"),
        "cyclic": ("auto", "month, weekday and hour stand on a circle too, for linear models and networks; trees cut where they like"),
    }),
}  # fmt: skip


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    return ", ".join(str(v) for v in value) if isinstance(value, tuple) else str(value)


def _named(columns: Sequence[str]) -> str:
    more = f" and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else ""
    return ", ".join(f"`{c}`" for c in columns[:MOST_NAMED]) + more


def _written(section: Section, option: str) -> Any:
    """Return what the user wrote for an option; None for what is left out and for `auto`."""
    value = getattr(section, option) if option in section.model_fields_set else None
    return None if value == "auto" else _frozen(value)


def resolve_recipe(asked: Features, fields: Sequence[Field], changes: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Recipe, tuple[Decision, ...]]:
    """Return the recipe of the columns in `fields` and one decision for every option that they have.

    `changes` are options per column that findings ask for, in the words of the spec's section `features` ({"income":
    {"outliers": "rank"}}), and beside them `linear: False` (not for families with scaled numbers) and `interactions`
    (columns to pair with). What the user wrote wins. Raises SpecError for a pair that cannot be made, and ValueError for a
    change that no column of that kind can take.
    """
    changes = {f.name: changes[f.name] for f in fields if f.name in changes} if changes else {}
    _check(changes, fields)
    decisions: list[Decision] = []
    options: dict[str, Any] = {kind.place: {} for kind in _KINDS.values()}
    for kind, about in _KINDS.items():
        names = [f.name for f in fields if f.kind == kind]
        section: Section = getattr(asked, about.section)
        wanted: dict[str, dict[str, Any]] = {name: {} for name in names}
        for option, (shown, because) in about.defaults.items():
            written = _written(section, option)
            moved = {name: _read(section, option, changes[name][option]) for name in names if option in changes.get(name, {})}
            for name in names:
                if (value := written if written is not None else moved.get(name)) is not None:
                    wanted[name][option] = value
            if names:
                decisions += _decided(f"features.{about.section}.{option}", written, moved, shown, because, len(names))
        options[about.place] = {name: _OPTIONS[about.place](**values) for name, values in wanted.items()}
    not_scaled = tuple(f.name for f in fields if changes.get(f.name, {}).get("linear") is False)
    if not_scaled and len(not_scaled) < len(fields):
        decisions.append(Decision("features.not_scaled", ", ".join(not_scaled), "linear models and networks do without: other columns tell them the same"))
    else:
        not_scaled = ()
    pairs = _pairs(asked, fields, changes, decisions)
    select = MOST_COLUMNS if asked.select == "auto" else None if asked.select == "none" else asked.select
    because = "those that tell most about the target in the training rows, where there are more" if asked.select == "auto" else "asked for"
    decisions.append(Decision("features.select", "all" if select is None else f"at most {select}", because))
    return Recipe(**options, pairs=pairs, select=select, not_scaled=not_scaled), tuple(decisions)


def _check(changes: Mapping[str, Mapping[str, Any]], fields: Sequence[Field]) -> None:
    for f in fields:
        for option in changes.get(f.name, {}):
            if option not in (*_KINDS[f.kind].defaults, "linear", "interactions"):
                raise ValueError(f"a {f.kind} has no option {option}: column {f.name}")


def _read(section: Section, option: str, value: Any) -> Any:
    """Return the value of a change, by the rules of the spec."""
    return _frozen(getattr(type(section).model_validate({option: value}), option))


def _decided(key: str, written: Any, moved: Mapping[str, Any], shown: str, because: str, n_columns: int) -> list[Decision]:
    """Return what was decided on one option of `n_columns` columns."""
    if written is not None:
        lost = [name for name, value in moved.items() if value != written]
        also = f"; the look at the data would have it otherwise for {_named(lost)}" if lost else ""
        return [Decision(key, _shown(written), f"asked for{also}")]
    others = {_shown(value): [name for name, other in moved.items() if other == value] for value in dict.fromkeys(moved.values())}
    for_these = [f"{value} for {_named(columns)}" for value, columns in others.items()]
    if len(moved) < n_columns:
        asks = "; the look at the data asks for " + " and ".join(for_these) if moved else ""
        return [Decision(key, "; ".join([shown, *for_these]), because + asks)]
    value = next(iter(others)) if len(others) == 1 else "; ".join(for_these)
    return [Decision(key, value, f"the look at the data asks for it: {_named(list(moved))}")]


def _pairs(asked: Features, fields: Sequence[Field], changes: Mapping[str, Mapping[str, Any]], decisions: list[Decision]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of columns to multiply or cross, each once."""
    kinds = {f.name: f.kind for f in fields}
    if isinstance(asked.interactions, list):
        wanted, because = [(a, b) for a, b in asked.interactions], "asked for"
    elif asked.interactions == "none":
        decisions.append(Decision("features.interactions", "none", "asked for"))
        return ()
    else:
        wanted = [(name, other) for name, change in changes.items() for other in change.get("interactions", ())]
        because = "the look at the data asks for it"
    pairs: list[tuple[str, str]] = []
    for pair in wanted:
        gone = [name for name in pair if name not in kinds]
        if gone:
            decisions.append(Decision("features.interactions", " × ".join(pair), f"left out: {_named(gone)} is not learned from"))
            continue
        for name in pair:
            if kinds[name] not in ("number", "category"):
                raise SpecError(f"`{name}` is a {kinds[name]}, and only numbers and categories can be paired", "features.interactions", "name another column")
        if not any(set(pair) == set(other) for other in pairs):
            pairs.append(pair)
            decisions.append(Decision("features.interactions", " × ".join(pair), because))
    if not pairs:
        decisions.append(Decision("features.interactions", "none", "no pair of columns was found to gain"))
    return tuple(pairs)
