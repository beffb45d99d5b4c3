"""What is explained of the winner, resolved, one decision per key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl.spec.model import Spec

Decide = Callable[[str, Any, str], Any]


@dataclass(frozen=True)
class Explaining:
    """Whether `importance` and `slices` are measured, how many `effects` and `examples`, and whether `cells` of single rows may be shown."""

    importance: bool = True
    effects: int = 6
    examples: int = 5
    slices: bool = True
    cells: bool = True

    @property
    def anything(self) -> bool:
        """Return whether there is anything to do."""
        return self.importance or self.slices or self.effects > 0 or self.examples > 0


def resolve_explain(spec: Spec, decide: Decide) -> Explaining:
    """Resolve the section `explain`."""
    asked, given = spec.explain, spec.explain.model_fields_set

    def why(name: str, otherwise: str) -> str:
        return "asked for" if name in given and getattr(asked, name) != "auto" else otherwise

    importance = "none" if asked.importance == "none" else "permutation"
    decide("explain.importance", importance, why("importance", "it asks any model the same question, on rows it did not learn from"))
    decide("explain.effects", asked.effects, why("effects", "the columns that matter most; more are rarely read"))
    decide(
        "explain.slices",
        "none" if asked.slices == "none" else "levels, quarters, missing",
        why("slices", "a good score on all rows may hide a group on which it is bad"),
    )
    cells = spec.report.sample_rows > 0
    told = "" if cells or not asked.examples else "; without their cells, as `report.sample_rows` is 0"
    decide("explain.examples", asked.examples, why("examples", "enough to see what the model is sure of, and where it errs") + told)
    return Explaining(importance == "permutation", asked.effects, asked.examples, asked.slices != "none", cells)
