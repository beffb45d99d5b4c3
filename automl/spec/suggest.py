"""Which key or value was meant: by place, by likeness, by synonym, in that order."""

from dataclasses import dataclass
from functools import cache

from automl.errors import did_you_mean
from automl.spec.keys import Section, extra_of, section_of
from automl.spec.model import Spec
from automl.spec.tasks import BRANCHES

KEY_SYNONYMS = {
    "label": "task.target", "y": "task.target", "target_column": "task.target", "class": "task.target", "timeout": "constraints.time",
    "budget": "constraints.time", "time_limit": "constraints.time", "max_time": "constraints.time", "time_budget": "constraints.time",
    "random_state": "seed", "random_seed": "seed", "estimators": "models.include", "algorithms": "models.include", "dataset": "data",
    "file": "data.train", "path": "data.train", "source": "data.train", "sep": "data.csv.separator", "delimiter": "data.csv.separator",
    "na_values": "data.csv.missing", "ignore": "data.columns.drop", "k": "task.n_clusters", "cv": "validation.folds", "n_folds": "validation.folds",
    "holdout": "validation.test", "test_size": "validation.test", "n_jobs": "constraints.cpus", "threads": "constraints.cpus", "cores": "constraints.cpus",
    "n_trials": "constraints.trials", "max_trials": "constraints.trials", "scoring": "task.metric", "precision": "quantize.precisions",
    "out": "output.dir", "output_dir": "output.dir", "title": "name", "problem": "task", "pos_label": "task.positive_class",
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """One key of the format: its dotted path and the section it stands in."""

    path: str
    section: type[Section]
    name: str


def keys_of(model: type[Section], prefix: str = "") -> list[Key]:
    """Return every key of a section and all below, in order; keys that are not there yet included."""
    out: list[Key] = []
    for field, info in model.model_fields.items():
        name = info.alias or field
        out.append(Key(prefix + name, model, name))
        if (inner := section_of(info)) is not None:
            out += keys_of(inner, f"{prefix}{name}.")
        elif name == "task":
            for branch in BRANCHES.values():
                out += [k for k in keys_of(branch, "task.") if k.path not in {o.path for o in out}]
    return out


@cache
def all_keys() -> tuple[Key, ...]:
    """Return every key of the format."""
    return tuple(keys_of(Spec))


def is_later(section: type[Section], name: str) -> bool:
    """Return whether a key is part of the format and not of this version."""
    for field, info in section.model_fields.items():
        if (info.alias or field) == name:
            return extra_of(info)["later"] is True
    return False


def keys_in(section: type[Section]) -> list[str]:
    """Return the keys of a section that work."""
    return [info.alias or field for field, info in section.model_fields.items() if extra_of(info)["later"] is not True]


@cache
def suggest_key(word: str, parent: str, section: type[Section]) -> str:
    """Return the dotted path of the key that was meant by an unknown `word` under `parent`, or nothing."""
    known = [k for k in all_keys() if not is_later(k.section, k.name)]
    prefix = f"{parent}." if parent else ""
    plain = word.lower().replace("-", "_").strip()
    below = {k.name: k.path for k in reversed(known) if k.path.startswith(prefix)}
    everywhere = {k.name: k.path for k in sorted(known, key=lambda k: -k.path.count("."))}  # the least deep is meant
    inside = keys_in(section)
    if prefix + plain in {k.path for k in known}:
        return prefix + plain
    if plain in inside:
        return prefix + plain
    if plain in everywhere:
        return everywhere[plain]
    if close := did_you_mean(word, inside, 0.7):
        return prefix + close
    if plain in KEY_SYNONYMS:
        return KEY_SYNONYMS[plain]
    if close := did_you_mean(word, list(below), 0.7):
        return below[close]
    if close := did_you_mean(word, list(everywhere), 0.75):
        return everywhere[close]
    return prefix + close if (close := did_you_mean(word, inside, 0.6)) else ""
