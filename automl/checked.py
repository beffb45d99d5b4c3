"""Every problem of a spec at once: its text and meaning, the data's header, and the families with their options."""

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.check import SpaceError, check_models, readable_families, readable_space
from automl.families.space import Space
from automl.spec.diagnostics import Diagnostic
from automl.spec.load import Loaded
from automl.spec.model import Spec


def problems_of(loaded: Loaded) -> list[Diagnostic]:
    """Return all that is wrong with a spec that was read, as far as its shape allows."""
    return [*loaded.found, *(check_options(loaded.shaped) if loaded.shaped is not None else [])]


def check_options(spec: Spec) -> list[Diagnostic]:
    """Return what is wrong with the families, their options and the transformers; sizes of the data are not known yet and change no name."""
    asked, task = spec.models, str(spec.task.type)
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    try:
        spaces = check_models(task, asked.include, asked.exclude, asked.space, Context(task, 1000, 10, 2))
        if spec.constraints.interpretable == "require":
            found += _unreadable(spec, task, spaces)
    except SpaceError as fault:
        found += [(("models", *f.path), f.message, f.label) for f in (fault, *fault.others)]
    if spec.features.transform:
        from automl.plan.transforms import unknown_transformers  # loads numpy, which other specs can do without

        found += unknown_transformers(spec)
    return [Diagnostic("C401", message, spec.source.span(place), label, file=spec.source.path.name) for place, message, label in found]


def _unreadable(spec: Spec, task: str, spaces: dict[str, Space]) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return why none of the families that may compete has models that a person can follow, or the options that keep one from it."""
    readable = readable_families(task, list(spaces))
    if not readable:
        known = ", ".join(readable_families(task, FAMILIES.names(task)))
        return [(("constraints", "interpretable"), "no family in `models` has models that a person can follow", f"include one of {known}")]
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    for name in readable:
        try:
            readable_space(FAMILIES.get(task, name), spaces[name])
        except SpaceError as fault:
            found.append((("models", *fault.path), fault.message, fault.label))
    return found
