"""Which families compete: what the spec includes, what is installed, what can keep what was asked of the predictions."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from automl.errors import MissingPackageError
from automl.families import FAMILIES
from automl.families.base import Context, Family
from automl.families.check import SpaceError, check_models, readable_families, readable_space
from automl.families.space import Space
from automl.hardware import torch_uses_cuda
from automl.plan.fault import spec_error
from automl.plan.monotone import nobody_can
from automl.spec.model import Spec
from automl.spec.units import human_seconds
from automl.vocabulary import Device

HEAVY_SHARE = 0.15  # of a run on a CPU, that one trial of a family that learns long may take for it to compete without being named


@dataclass(frozen=True)
class CandidateFamily:
    """A family that competes: where its record lives, within which options, and on which device.

    `seconds` is the rough range of one trial over all folds, None where the family gives no guess; `memory_mb` of its worker.
    """

    family: str
    locator: str
    space: Space
    device: str
    seconds: tuple[float, float] | None = None
    memory_mb: int = 0


def candidate_families(
    spec: Spec, task: str, context: Context, monotone: Mapping[str, int], decide: Callable[[str, Any, str], Any], n_folds: int = 1
) -> tuple[CandidateFamily, ...]:
    """Return the families that compete in trials of `n_folds` fits each.

    Raises SpecError, and MissingPackageError for one that is asked for by name and lacks its package.
    """
    asked = spec.models
    try:
        lean = bool({"size", "latency"} & set(spec.search.objectives))
        spaces = check_models(task, asked.include, asked.exclude, asked.space, context, lean)
    except SpaceError as fault:
        raise spec_error(spec, ("models", *fault.path), fault.message, fault.label) from None
    out, unordered = [], []
    for name, space in spaces.items():
        family: Family = FAMILIES.get(task, name)
        absent = [package for package in family.requires if find_spec(package) is None]
        if absent:
            line = f'pip install "automl[{family.extra}]"' if family.extra else f"pip install {' '.join(absent)}"
            if asked.include != "all":
                raise MissingPackageError(f"the family {name} needs {', '.join(absent)}, which is not installed", "models.include", line)
            decide(f"models.{name}", "skipped", f"needs {', '.join(absent)}, not installed: {line}")
            continue
        if family.fault is not None and (broken := family.fault()):
            if asked.include != "all":
                raise MissingPackageError(broken[0], "models.include", broken[1])
            decide(f"models.{name}", "skipped", f"{broken[0]}: {broken[1]}")
            continue
        if family.only_text and not context.text:
            decide(f"models.{name}", "skipped", "there is no column of texts")
            continue
        seconds = spec.constraints.time
        device = context.device if context.device in family.devices else Device.CPU.value
        blind = device != Device.CPU.value and "torch" in family.requires and not torch_uses_cuda()
        device = Device.CPU.value if blind else device
        if family.heavy and asked.include == "all" and device == Device.CPU.value and seconds is not None:
            guess = n_folds * (family.cost(context, space.default()) if family.cost is not None else math.inf)
            if guess > HEAVY_SHARE * seconds:
                about = f"about {human_seconds(math.ceil(guess))}" if math.isfinite(guess) else "much"
                why = f"on a CPU one of its trials would take {about} of {human_seconds(seconds)}"
                more = f", or give `time: {math.ceil(guess / HEAVY_SHARE / 60)}m`" if math.isfinite(guess) else ""
                decide(f"models.{name}", "skipped", f"{why}; name it in `models.include` to have it{more}")
                continue
        if monotone and not family.monotone:
            unordered.append(name)
            decide(f"models.{name}", "skipped", f"cannot keep predictions rising or falling along {', '.join(f'`{column}`' for column in monotone)}")
            continue
        if spec.constraints.interpretable == "require":
            if family.interpretable is None:
                decide(f"models.{name}", "skipped", "nobody can follow its models, and `constraints.interpretable` asks for one that a person can")
                continue
            try:
                narrowed = readable_space(family, space)
            except SpaceError as fault:
                raise spec_error(spec, ("models", *fault.path), fault.message, fault.label) from None
            if narrowed != space:
                most = ", ".join(f"{option} at most {value:g}" for option, value in family.interpretable.items())
                decide(f"models.{name}", most, "so that a person can follow the model")
            space = narrowed
        if blind:
            decide(f"models.{name}", "on the CPU", "the torch that is installed was built without CUDA")
        out.append(CandidateFamily(name, FAMILIES.locator(task, name), space, device))
    if asked.include == "all":
        for name in FAMILIES.names(task):
            if name not in asked.exclude and (why := FAMILIES.fault(task, name)):
                decide(f"models.{name}", "skipped", f"cannot be imported from {FAMILIES.origin(task, name)}: {why}")
    for name in asked.exclude:
        decide(f"models.{name}", "skipped", "excluded by the spec")
    if not out and unordered:
        raise nobody_can(spec, [name for name in FAMILIES.usable(task) if FAMILIES.get(task, name).monotone])
    if not out and spec.constraints.interpretable == "require" and not readable_families(task, list(spaces)):
        problem = "no family that was asked for has models that a person can follow"
        raise spec_error(spec, ("constraints", "interpretable"), problem, "those are " + ", ".join(readable_families(task, FAMILIES.names(task))))
    if not out:
        raise MissingPackageError("no family that was asked for can run", "models", "install what the plan names as missing, or include others")
    decide("models", ", ".join(c.family for c in out), "all that fit the task" if spec.models.include == "all" else "asked for")
    return tuple(out)
