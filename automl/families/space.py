"""The options of a family, declared once: sampled by the search, checked against the YAML, listed in docs and report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Params = dict[str, Any]


class Suggest(Protocol):
    """Draws one value; the search adapts Optuna to it, so that nothing else needs to know Optuna."""

    def real(self, name: str, low: float, high: float, log: bool) -> float:
        """Draw a real number."""
        ...

    def whole(self, name: str, low: int, high: int, log: bool) -> int:
        """Draw a whole number."""
        ...

    def one_of(self, name: str, options: list[str]) -> str:
        """Draw one of the options."""
        ...


@dataclass(frozen=True)
class Float:
    """A real option within [low, high]."""

    low: float
    high: float
    default: float
    log: bool = False


@dataclass(frozen=True)
class Int:
    """A whole option within [low, high]."""

    low: int
    high: int
    default: int
    log: bool = False


@dataclass(frozen=True)
class Choice:
    """One of some words; a word may bring options of its own, which exist only where it is chosen."""

    options: dict[str, "Space"]
    default: str

    @staticmethod
    def of(*words: str) -> "Choice":
        """Return a choice of plain words, the first one the default."""
        return Choice({word: Space() for word in words}, words[0])


@dataclass(frozen=True)
class Fixed:
    """An option that the user set to one value."""

    value: Any


Dimension = Float | Int | Choice | Fixed


@dataclass(frozen=True)
class Space(Mapping[str, Dimension]):
    """Options by name. Parameters are flat: a nested option is called `choice.word.option`."""

    dimensions: dict[str, Dimension] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Dimension:
        return self.dimensions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.dimensions)

    def __len__(self) -> int:
        return len(self.dimensions)

    def sample(self, suggest: Suggest, prefix: str = "") -> Params:
        """Draw a value of every option that exists under the choices drawn."""
        out: Params = {}
        for name, dimension in self.dimensions.items():
            full = prefix + name
            if isinstance(dimension, Float):
                out[full] = suggest.real(full, dimension.low, dimension.high, dimension.log)
            elif isinstance(dimension, Int):
                out[full] = suggest.whole(full, dimension.low, dimension.high, dimension.log)
            elif isinstance(dimension, Fixed):
                out[full] = dimension.value
            else:
                word = suggest.one_of(full, list(dimension.options))
                out[full] = word
                out |= dimension.options[word].sample(suggest, f"{full}.{word}.")
        return out

    def default(self, prefix: str = "") -> Params:
        """Return the default of every option: the family's first trial."""
        out: Params = {}
        for name, dimension in self.dimensions.items():
            full = prefix + name
            if isinstance(dimension, Choice):
                out[full] = dimension.default
                out |= dimension.options[dimension.default].default(f"{full}.{dimension.default}.")
            else:
                out[full] = dimension.value if isinstance(dimension, Fixed) else dimension.default
        return out

    def count(self) -> float:
        """Return how many configurations there are; infinity where an option is real."""
        out = 1.0
        for dimension in self.dimensions.values():
            if isinstance(dimension, Float):
                out *= float("inf") if dimension.low < dimension.high else 1
            elif isinstance(dimension, Int):
                out *= dimension.high - dimension.low + 1
            elif isinstance(dimension, Choice):
                out *= sum(inner.count() for inner in dimension.options.values())
        return out

    def searched(self) -> list[str]:
        """Return the options that can have more than one value."""
        return [name for name, dimension in self.dimensions.items() if Space({name: dimension}).count() > 1]

    def fitted(self, params: Params, prefix: str = "") -> Params:
        """Return the configuration nearest to options of another space: those that fit here, the default of every other one."""
        out: Params = {}
        for name, dimension in self.dimensions.items():
            full = prefix + name
            value = params.get(full)
            if isinstance(dimension, Choice):
                word = value if isinstance(value, str) and value in dimension.options else dimension.default
                out[full] = word
                out |= dimension.options[word].fitted(params, f"{full}.{word}.")
            elif isinstance(dimension, Fixed):
                out[full] = dimension.value
            else:
                number = isinstance(value, int | float) and not isinstance(value, bool) and dimension.low <= value <= dimension.high
                fits = number and (isinstance(dimension, Float) or value == int(value))  # type: ignore[arg-type]
                out[full] = (float(value) if isinstance(dimension, Float) else int(value)) if fits else dimension.default  # type: ignore[arg-type]
        return out

    def record(self) -> dict[str, Any]:
        """Return the space as JSON values, each option with its kind."""
        out: dict[str, Any] = {}
        for name, dimension in self.dimensions.items():
            if isinstance(dimension, Choice):
                out[name] = {"kind": "choice", "default": dimension.default, "options": {word: inner.record() for word, inner in dimension.options.items()}}
            else:
                out[name] = {"kind": type(dimension).__name__.lower(), **vars(dimension)}
        return out

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Space":
        """Return the space of a record. Raises KeyError, TypeError."""
        kinds: dict[str, Any] = {"float": Float, "int": Int, "fixed": Fixed}
        out: dict[str, Dimension] = {}
        for name, found in record.items():
            if found["kind"] == "choice":
                out[name] = Choice({word: cls.from_record(inner) for word, inner in found["options"].items()}, found["default"])
            else:
                out[name] = kinds[found["kind"]](**{key: value for key, value in found.items() if key != "kind"})
        return cls(out)

    def replace(self, name: str, dimension: Dimension) -> "Space":
        """Return the space with one option changed."""
        return Space({**self.dimensions, name: dimension})
