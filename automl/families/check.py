"""`models.space` of a spec against the space of a family: ranges narrowed, widened or fixed, and errors with their path."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.errors import did_you_mean
from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.space import Choice, Fixed, Float, Int, Space


class SpaceError(ValueError):
    """An option that does not fit; `path` leads to it from the family down."""

    def __init__(self, path: tuple[str | int, ...], message: str, label: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.message = message
        self.label = label
        self.others: list[SpaceError] = []


def check_models(
    task: str, include: str | Sequence[str], exclude: Sequence[str], wanted: Mapping[str, Mapping[str, Any]], context: Context, lean: bool = False
) -> dict[str, Space]:
    """Return the families that may compete, in order, each with its space as the user wants it.

    `all` are all that can be imported. `lean`: small or fast models are looked for, and so are options that only serve these.
    Raises SpaceError, its path counted from `models`, for an unknown name, an option that does not fit, or nothing left; its
    `others` are the further problems.
    """
    found: list[SpaceError] = []
    known = FAMILIES.names(task)
    included = FAMILIES.usable(task) if isinstance(include, str) else list(include)
    for key, names in (("include", included), ("exclude", list(exclude)), ("space", list(wanted))):
        for position, name in enumerate(names):
            if name not in known:
                near = did_you_mean(name, known)
                label = f"did you mean `{near}`?" if near else "known: " + ", ".join(known)
                found.append(SpaceError((key, name if key == "space" else position), f"`{name}` is not a model family for {task}", label))
    left = [name for name in included if name not in exclude]
    if not left:
        found.append(SpaceError((), "`include` and `exclude` leave no family", "known: " + ", ".join(known)))
    out = {}
    for name in [n for n in left if n in known]:
        family: Family = FAMILIES.get(task, name)
        space = family.space(context)
        for option, value in wanted.get(name, {}).items():
            try:
                space = narrow(space, {option: value}, (name,))
            except SpaceError as fault:
                found.append(SpaceError(("space", *fault.path), fault.message, fault.label))
        for option in family.on_request:
            if option not in wanted.get(name, {}) and not lean:
                space = narrow(space, {option: space.default()[option]})
        out[name] = space
    if found:
        found[0].others = found[1:]
        raise found[0]
    return out


def readable_families(task: str, names: Sequence[str]) -> list[str]:
    """Return those of some families whose models a person can follow."""
    return [name for name in names if name in FAMILIES.usable(task) and FAMILIES.get(task, name).interpretable is not None]


def readable_space(family: Family, space: Space) -> Space:
    """Return the part of a space whose models a person can follow. Raises SpaceError where the user's own range leaves none."""
    for name, most in (family.interpretable or {}).items():
        dimension = space[name]
        low = dimension.value if isinstance(dimension, Fixed) else dimension.low if isinstance(dimension, Float | Int) else most
        if low > most:
            message = f"`{name}` of {family.name} is at least {low:g} here, and a person can follow it up to {most:g}"
            raise SpaceError(("space", family.name, name), message, "widen it, or leave out `interpretable: require`")
        if isinstance(dimension, Float | Int) and dimension.high > most:
            space = space.replace(name, Fixed(low) if low == most else _apply(dimension, {"max": most}, ("space", family.name, name)))
    return space


def narrow(space: Space, wanted: Mapping[str, Any], path: tuple[str, ...] = ()) -> Space:
    """Return the space with the user's options applied. Raises SpaceError at the first that does not fit."""
    for name, value in wanted.items():
        at = (*path, str(name))
        if name not in space:
            near = did_you_mean(str(name), list(space))
            label = f"did you mean `{near}`?" if near else "options: " + ", ".join(space)
            raise SpaceError(at, f"`{name}` is not an option of `{'.'.join(path) or 'this family'}`", label)
        space = space.replace(name, _apply(space[name], value, at))
    return space


def _apply(dimension: Float | Int | Choice | Fixed, value: Any, path: tuple[str, ...]) -> Float | Int | Choice | Fixed:
    if isinstance(dimension, Choice):
        return _apply_choice(dimension, value, path)
    if isinstance(dimension, Fixed):
        return Fixed(value)
    whole = isinstance(dimension, Int)
    if isinstance(value, Mapping):
        unknown = [str(k) for k in value if k not in ("min", "max", "log")]
        if unknown:
            raise SpaceError((*path, unknown[0]), "a range has the keys min, max and log")
        low, high = (_number(value.get(k, d), whole, (*path, k)) for k, d in (("min", dimension.low), ("max", dimension.high)))
        log = value.get("log", dimension.log)
        if not isinstance(log, bool):
            raise SpaceError((*path, "log"), f"`{log}` is not true or false")
        if low >= high:
            raise SpaceError(path, f"`min` {low} is not below `max` {high}")
        if log and low <= 0:
            raise SpaceError(path, "`log: true` needs `min` above 0")
        default = min(max(dimension.default, low), high)
        return Int(int(low), int(high), int(default), log) if whole else Float(low, high, float(default), log)
    if isinstance(value, list):
        raise SpaceError(path, "a number takes one value or a range {min, max, log}, not a list")
    number = _number(value, whole, path)
    return Fixed(int(number) if whole else number)


def _apply_choice(dimension: Choice, value: Any, path: tuple[str, ...]) -> Choice:
    if isinstance(value, Mapping):
        options = dict(dimension.options)
        for word, inner in value.items():
            _known(dimension, word, (*path, str(word)))
            if inner is not None and not isinstance(inner, Mapping):
                raise SpaceError((*path, str(word)), f"`{word}` takes options by name")
            options[word] = narrow(options[word], inner or {}, (*path, str(word)))
        return Choice(options, dimension.default)
    words = value if isinstance(value, list) else [value]
    if not words:
        raise SpaceError(path, "the list is empty")
    for word in words:
        _known(dimension, word, path)
    return Choice({w: dimension.options[w] for w in words}, dimension.default if dimension.default in words else words[0])


def _known(dimension: Choice, word: Any, path: tuple[str, ...]) -> None:
    if not isinstance(word, str) or word not in dimension.options:
        near = did_you_mean(str(word), list(dimension.options))
        raise SpaceError(path, f"`{word}` is not a choice here", f"did you mean `{near}`?" if near else "one of: " + ", ".join(dimension.options))


def _number(value: Any, whole: bool, path: tuple[str, ...]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 1e300:
        raise SpaceError(path, f"`{value}` is not a finite number")
    if whole and int(value) != value:
        raise SpaceError(path, f"`{value}` is not a whole number")
    return value
