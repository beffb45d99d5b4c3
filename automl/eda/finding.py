"""What a check says: the evidence, what is done about it, what that does to the score, and the line that overrides it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.vocabulary import Mode

LOSS = 0.002  # of the probe's score: a smaller loss than this is noise at any number of rows


@dataclass(frozen=True)
class Effect:
    """The score of the probe before and after a fix, both out of fold on the same rows.

    `change` is after minus before, `low` and `high` the 95 % interval of it over the folds; `measure` names the score.
    """

    before: float
    after: float
    change: float
    low: float
    high: float
    measure: str


def shows_loss(effect: Effect) -> bool:
    """Return whether the folds show a loss: the whole interval lies below zero, or the mean well below what is noise."""
    return effect.change < 0 and (effect.high < 0 or effect.change < -LOSS)


@dataclass(frozen=True)
class Change:
    """What a fix asks of the later stages; empty parts change nothing.

    `drop` columns not to learn from; `aliases` per column, level to level; `absent` per column, texts or numbers (as text)
    that mean a missing value; `lenient` columns that are numbers, and whose words are missing; `recipe` per column, options of its
    features (as in the spec's section `features`); `split` options of the split; `remove` row positions that must not be
    trained on.
    """

    drop: tuple[str, ...] = ()
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lenient: tuple[str, ...] = ()
    recipe: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    split: Mapping[str, Any] = field(default_factory=dict)
    remove: NDArray[np.int64] | None = None


def merged(changes: Sequence[Change]) -> Change | None:
    """Return several changes as one; None of none."""
    if not changes:
        return None
    out = changes[0]
    for change in changes[1:]:
        out = Change(
            drop=(*out.drop, *change.drop), aliases={**out.aliases, **change.aliases}, absent={**out.absent, **change.absent},
            lenient=(*out.lenient, *change.lenient), recipe={**out.recipe, **change.recipe}, split={**change.split, **out.split},
            remove=out.remove if change.remove is None else change.remove,
        )  # fmt: skip
    return out


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing, about one column, several, or the table (no column)."""

    check: str
    columns: tuple[str, ...]
    mode: Mode
    message: str
    action: str
    override: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    effect: Effect | None = None
    change: Change | None = None
    reason: str = ""

    @property
    def column(self) -> str:
        """Return the columns as one text."""
        return ", ".join(self.columns)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values; what it changes stands in `action` in words."""
        return {
            "check": self.check, "column": self.column, "columns": list(self.columns), "mode": str(self.mode), "message": self.message,
            "action": self.action, "override": self.override, "evidence": dict(self.evidence),
            "effect": asdict(self.effect) if self.effect is not None else None, "reason": self.reason,
        }  # fmt: skip
