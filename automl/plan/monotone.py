"""`features.monotone` resolved: what is asked of which numbers, and what would lose their order."""

from collections.abc import Mapping
from typing import Any

from automl.data.dataset import Dataset
from automl.errors import SpecError, did_you_mean
from automl.plan.fault import spec_error
from automl.spec.model import Spec
from automl.vocabulary import Decision

SIGNS = {"increasing": 1, "decreasing": -1}
PATH = ("features", "monotone")

Changes = Mapping[str, Mapping[str, Any]]


def resolve_monotone(spec: Spec, dataset: Dataset, changes: Changes) -> tuple[dict[str, int], Changes, list[Decision]]:
    """Return 1 or -1 by column for the positive class, the changes without products of those columns, and the decisions.

    Raises SpecError for more than two classes, for a column that is not in the data or is no number, and for a product of one
    that the spec asks for: its order is lost there.
    """
    asked = spec.features.monotone
    if not asked:
        return {}, changes, []
    if len(dataset.classes) > 2:
        problem = f"`monotone` is about the positive class of two, and the target has {len(dataset.classes)} classes"
        raise spec_error(spec, PATH, problem, "leave `monotone` out, or make the target two classes")
    known = [role.key for role in dataset.roles] or list(dataset.table.columns)
    kinds = {f.name: f.kind for f in dataset.fields}
    wanted: dict[str, int] = {}
    decisions: list[Decision] = []
    for name, word in asked.items():
        if name == dataset.target:
            raise spec_error(spec, (*PATH, name), f"`{name}` is the target", "name an input column")
        if name not in known:
            near = did_you_mean(name, known)
            raise spec_error(spec, (*PATH, name), f"column `{name}` is not in the data", f"did you mean `{near}`?" if near else "name a column of the data")
        if name not in kinds:
            decisions.append(Decision("features.monotone", name, "it is not learned from, so no prediction changes along it"))
        elif kinds[name] != "number":
            fix = f"`data.columns.types: {{{name}: number}}` where its values are numbers"
            raise spec_error(spec, (*PATH, name), f"`{name}` is a {kinds[name]}, and only along a number can a prediction rise or fall", fix)
        else:
            wanted[name] = SIGNS[word]
            decisions.append(Decision("features.monotone", f"{name}: {word}", "asked for"))
    _no_products_asked_for(spec, wanted, kinds)
    kept, lost = _without_products(changes, wanted, kinds)
    return wanted, kept, decisions + lost


def _no_products_asked_for(spec: Spec, wanted: Mapping[str, int], kinds: Mapping[str, str]) -> None:
    pairs = spec.features.interactions
    for i, pair in enumerate(pairs if isinstance(pairs, list) else []):
        name = next((n for n in pair if n in wanted), None)
        if name is not None and all(kinds.get(n) == "number" for n in pair):
            problem = f"the product {' × '.join(pair)} loses the order of `{name}`, which `monotone` asks to keep"
            raise spec_error(spec, ("features", "interactions", i), problem, "leave out one of the two")


def _without_products(changes: Changes, wanted: Mapping[str, int], kinds: Mapping[str, str]) -> tuple[Changes, list[Decision]]:
    """Return the changes that findings ask for without products of the wanted numbers, and a decision for each that is gone."""
    out, decisions = dict(changes), []
    for name, change in changes.items():
        partners = change.get("interactions", ())
        lost = [other for other in partners if {name, other} & wanted.keys() and kinds.get(name) == kinds.get(other) == "number"]
        if lost:
            out[name] = {**change, "interactions": tuple(other for other in partners if other not in lost)}
            for other in lost:
                kept = name if name in wanted else other
                decisions.append(Decision("features.interactions", f"{name} × {other}", f"left out: a product loses the order of `{kept}`"))
    return out, decisions


def nobody_can(spec: Spec, names: list[str]) -> SpecError:
    """Return the error for the case that no family asked for can keep the order; `names` are those that can."""
    problem = "no family that was asked for can keep predictions rising or falling along a column"
    return spec_error(spec, PATH, problem, "families that can: " + ", ".join(names))
