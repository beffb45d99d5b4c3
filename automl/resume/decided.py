"""What the look at the data decided at the first start, kept so that a later start takes it over instead of deciding again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.eda.act import Treated
from automl.inference.table import Field, conform
from automl.plan.plan import Plan
from automl.rundir import RunDir, read_json
from automl.vocabulary import Decision


@dataclass(frozen=True)
class Decided:
    """The columns as they are learned from, the options of their features, how rows are divided, and what the plan measured.

    The look at the data has a time limit and a plan may depend on the machine, so that neither need come out the same again.
    """

    fields: tuple[Field, ...]
    recipe: Mapping[str, Mapping[str, Any]]
    split: Split
    plan: Mapping[str, Any]

    def treated(self, dataset: Dataset) -> Treated:
        """Return the data as the first start left them, from the rows as they were read."""
        table = dataset.table if self.fields == dataset.fields else conform(dataset.table, self.fields)
        return Treated(replace(dataset, fields=self.fields, table=table), self.split, self.recipe)


def decided_facts(treated: Treated, plan: Plan) -> dict[str, Any]:
    """Return what was decided, as JSON values; the rows of the split stand in split.npz."""
    return {
        "fields": [asdict(f) for f in treated.dataset.fields], "recipe": {name: dict(options) for name, options in treated.recipe.items()},
        "strategy": treated.split.strategy, "decisions": [[d.key, str(d.value), d.because] for d in treated.split.decisions],
        "plan": plan.kept(), "sha256": terms(treated.split, plan),
    }  # fmt: skip


def read_decided(files: RunDir, facts: Mapping[str, Any] | None) -> Decided | None:
    """Return what an earlier start decided; None when it did not get that far, or its files are damaged: then the look is taken again."""
    if not facts:
        return None
    try:
        read_json(files.profile)
        with np.load(files.split) as arrays:
            split = Split.from_arrays(arrays, facts["strategy"], tuple(Decision(*d) for d in facts["decisions"]))
        recipe = {name: {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()} for name, options in facts["recipe"].items()}
        return Decided(tuple(Field.from_dict(f) for f in facts["fields"]), recipe, split, facts["plan"])
    except Exception:  # a damaged archive can raise anything
        return None


def terms(split: Split, plan: Plan) -> str:
    """Return a hash of all that the score of a trial depends on beside its own options: trials with another one cannot be compared."""
    digest = hashlib.sha256()
    for name, array in sorted(split.arrays().items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).data.cast("B") if array.size else b"")
    values = {
        "fields": [asdict(f) for f in plan.fields], "recipe": plan.recipe.asdict(), "metric": plan.metric, "positive": plan.positive,
        "n_outputs": plan.n_outputs, "seed": plan.seed, "pooled": plan.pooled, "fit_rows": plan.fit_rows, "class_weights": plan.class_weights,
        "costs": plan.costs, "monotone": dict(plan.monotone),
    }  # fmt: skip
    digest.update(json.dumps(values, sort_keys=True, default=str).encode())
    return digest.hexdigest()
