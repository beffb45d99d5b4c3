"""The explanation of a run as data: importance, effects, groups of rows, examples; each within what is left of the time, none able to fail the run."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.eda.association import strength
from automl.eda.shown import personal_columns
from automl.evaluate.explain.effects import effects
from automl.evaluate.explain.examples import examples
from automl.evaluate.explain.groups import together
from automl.evaluate.explain.importance import MOST_ALONE, choose_columns, importance
from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.scored import HOLDOUT, OUT_OF_FOLD, TRAINING, Floats, Proba, Scored, scored_rows
from automl.evaluate.explain.slices import slices
from automl.inference.decision import Decision
from automl.metrics import Metric, decided
from automl.plan.plan import Plan

ROWS, REPEATS, GROUPS = 2000, 4, 1.3  # that importance will likely be of, and measurements per column with its groups
SHARES = {"importance": 0.55, "effects": 0.6, "slices": 0.9}  # of what is left when a part begins
NO_LIMIT = 60.0  # seconds of a run without a limit of time
KINDS = {
    HOLDOUT: "of the holdout, which nothing was fitted or chosen on",
    OUT_OF_FOLD: "of the training rows, each asked of the model of a fold that did not learn from it",
    TRAINING: "of the training rows, which the model learned from, as no models of folds are there: what it learned by heart counts, too",
}


def explain(
    plan: Plan, dataset: Dataset, split: Split, evaluation: Mapping[str, Any], predicted: Floats, profile: Mapping[str, Any], proba: Callable[[], Proba],
    folds: Callable[[], Sequence[Proba | None]], seconds: float | None, decision: Decision | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what explains the shipped model, as JSON values.

    `predicted` (n_scored, n_classes) are the answers that `evaluation` scored, `profile` the look at the data (its findings say
    what is personal, its relations which columns come first), `proba` makes the predictor of the packed artifact, `folds` those of
    the folds, asked only where rows were scored out of fold; `decision` gives rows their class, the most probable one without it.
    `seconds` is the time for all of it, None: a minute.
    `notes` say what was left out, and why; no failure leaves this function.
    """
    began = time.monotonic()
    out: dict[str, Any] = {
        "schema_version": 1, "metric": plan.metric, "greater_is_better": plan.greater_is_better, "rows": None, "importance": None, "effects": [],
        "slices": None, "examples": None, "notes": [], "seconds": 0.0, "allowed_seconds": seconds,
        "positive_class": dataset.classes[plan.positive] if plan.n_outputs == 2 else None,
    }  # fmt: skip
    try:
        _fill(out, plan, dataset, split, evaluation, predicted, profile, proba, folds, Pace(NO_LIMIT if seconds is None else seconds), decision or Decision())
    except Exception as fault:  # an explanation must not cost the run
        out["notes"].append(f"The explanation ended early: {_said(fault)}.")
    found: dict[str, Any] = json_ready(out | {"seconds": round(time.monotonic() - began, 3)})
    return found


def rows_asked(plan: Plan, n_rows: int) -> float:
    """Return about how many rows will be predicted to explain a model on so many scored rows, if time allows."""
    rows, wanted = min(ROWS, n_rows), plan.explain
    columns = min(len(plan.fields), MOST_ALONE)
    return rows * (GROUPS * columns * REPEATS * wanted.importance + 2 * min(columns, wanted.effects))


def _fill(
    out: dict[str, Any], plan: Plan, dataset: Dataset, split: Split, evaluation: Mapping[str, Any], predicted: Floats, profile: Mapping[str, Any],
    proba: Callable[[], Proba], folds: Callable[[], Sequence[Proba | None]], pace: Pace, decision: Decision,
) -> None:  # fmt: skip
    """Fill in part after part, the importance first, as the others follow its order of columns."""
    wanted, notes = plan.explain, out["notes"]
    if dataset.weight is not None and wanted.anything:
        notes.append("Rows have weights, and the scores count them; importance, effects and groups of rows count every row alike.")
    if not wanted.anything:
        notes.append("Nothing was to be explained: `explain` asks for none of its parts.")
        return
    if evaluation["trial"] is None:
        notes.append("The model is a constant: it uses no column, so there is nothing to explain.")
        return
    made = proba()
    out_of_fold = evaluation["score_rows"] == OUT_OF_FOLD
    scored = scored_rows(plan, dataset, split, evaluation["score_rows"], made, predicted, folds() if out_of_fold else None, decision)
    metric = decided(plan.measure(), decision)
    out["rows"] = {"kind": scored.kind, "n": scored.n_rows, "words": KINDS[scored.kind]}
    found = personal_columns(profile.get("findings") or [])
    personal, hidden = frozenset(found), frozenset(found)
    names = believed(scored, profile)
    quick = pace.measure(scored) if wanted.importance or wanted.effects else True
    if not quick:
        slow = f"The model takes {pace.call:.2f} s for a few rows" if math.isfinite(pace.call) else "There was no time to ask the model"
        notes.append(f"{slow}: importance and effects were left out for want of time.")

    def part(name: str, make: Callable[[Pace], Any]) -> None:
        if pace.left() <= 0 and name != "examples":  # they take next to nothing
            notes.append(f"There was no time left for the {name}.")
            return
        try:
            out[name] = make(pace.share(SHARES.get(name, 1.0)))
        except Exception as fault:  # one part must not cost the others
            notes.append(f"The {name} could not be measured: {_said(fault)}.")

    if wanted.importance and quick:
        part("importance", lambda own: _importance(plan, dataset, split, scored, metric, names, own, notes))
    order = _order(out["importance"], names)
    if wanted.effects and quick:
        chosen = _used(out["importance"], order)[: wanted.effects]
        part("effects", lambda own: effects(scored, chosen, dataset.classes, plan.positive, hidden, plan.seed, own))
        if len(out["effects"]) < len(chosen):
            notes.append(f"Effects of {len(out['effects'])} of {len(chosen)} columns were measured; there was no time for more.")
    if wanted.slices:
        part("slices", lambda own: slices(scored, metric, plan.positive, plan.costs, order, hidden, plan.seed, own))
    if wanted.examples:
        part("examples", lambda own: examples(scored, wanted.examples, order, dataset.target, dataset.classes, personal, cells=wanted.cells))


def _importance(
    plan: Plan, dataset: Dataset, split: Split, scored: Scored, metric: Metric, names: Sequence[str], pace: Pace, notes: list[str]
) -> dict[str, Any] | None:  # fmt: skip
    screened = choose_columns(scored, names, plan.seed, pace)
    groups = together(dataset, split.train, screened.chosen, min(2.0, 0.2 * pace.left()))
    found = importance(scored, metric, plan.positive, screened, groups, plan.seed, pace)
    if "skipped" in found:
        notes.append(f"Importance was not measured: {found['skipped']}.")
        return None
    if screened.asked:
        notes.append(
            f"Of {len(names):,} columns {len(screened.chosen)} were measured one by one: those that changed the answers most in {screened.asked} "
            f"predictions of {screened.rows} rows, in which blocks of columns were exchanged together."
        )
    if found["rows"] < found["of_rows"]:
        notes.append(f"Importance is of {found['rows']:,} of the {found['of_rows']:,} scored rows, drawn at random; the interval says what that costs.")
    if found["not_measured"]:
        notes.append(f"There was no time for the importance of {len(found['not_measured'])} columns.")
    return found


def believed(scored: Scored, profile: Mapping[str, Any]) -> list[str]:
    """Return the columns in the order in which they are believed to matter: by what each tells of the target alone, as far as that is known."""
    told = (profile.get("relations") or {}).get("target") or []
    order = {entry["column"]: strength(entry) for entry in told}
    return sorted((f.name for f in scored.fields), key=lambda name: -order.get(name, 0.0))


def _order(found: Mapping[str, Any] | None, names: Sequence[str]) -> list[str]:
    """Return all columns, the most important first, those without a measured importance in the order they came in."""
    known = [entry["column"] for entry in found["columns"]] if found else []
    return [*known, *(name for name in names if name not in set(known))]


def _used(found: Mapping[str, Any] | None, order: Sequence[str]) -> list[str]:
    """Return the columns that answers depend on, as far as that is known."""
    if not found:
        return list(order)
    unused = {entry["column"] for entry in found["columns"] if entry["effect"] == "unused"}
    return [entry["column"] for entry in found["columns"] if entry["column"] not in unused]


def _said(fault: Exception) -> str:
    return f"{type(fault).__name__} {fault}".splitlines()[0][:200]


def json_ready(value: Any) -> Any:
    """Return JSON values in which no number is NaN or infinite: these become None, which every reader takes."""
    if isinstance(value, Mapping):
        return {str(k): json_ready(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
