"""The model card: what the model is for, on whose data, how far to trust it, what errors cost, and what to mind; and what the run cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.words import listed, percent, plural, visible, words
from automl.spec.units import human_seconds

NAME = 60

NOT_FOR = "Other populations or other times than those of the data, and questions of cause and effect: the model knows what goes together, not why."
WATCH = (
    "Compare new rows with the training rows now and then: `automl eda` of a spec with them as `data.test` does. When the drift it finds is far "
    "beyond chance, or the score on new labels leaves the interval of the verdict, train again."
)
GLOSSARY = [
    {"word": word, "means": means} for word, means in {
    "out of fold": "Training rows are divided into folds; a row is answered by the model that did not learn from its fold.",
    "holdout": "Rows that nothing was fitted or chosen on. They were scored once, for this report.",
    "95 % interval": "If the scored rows were drawn again and again, 95 of 100 such intervals would hold the true value. It is of the luck of the rows, not of "
    "what changes in the world later.",
    "baseline": "Always answering with the class shares of the training rows. What does no better has learned nothing.",
    "reference": "A library's own defaults on the same features and folds, to compare with. It is never shipped.",
    "trial": "One configuration of one family, fitted on each fold in a process of its own.",
    "rung, precision": "The same model stored with numbers of 32, 16 or 8 bits.",
    "Pareto front": "The models that no other one beats in all that is looked at.",
    "calibration": "A correction after which, of the rows that are said to be 80 % likely, 80 % come true.",
    "permutation importance": "By how much the score falls when the values of a column change places between rows.",
    }.items()
]  # fmt: skip


def card(
    evaluation: Mapping[str, Any], profile: Mapping[str, Any], plan: Mapping[str, Any], study: Mapping[str, Any], uses: Mapping[str, Any] | None,
    trust: Mapping[str, Any],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the card as rows, each a name and sentences."""
    target = visible(profile["target"], NAME)
    rows = [
        ("What it is", [f"{_model(evaluation)}, stored at {evaluation['chosen_precision']}. It was made by {evaluation['model_made_by']}."]),
        ("Intended use", [_use(study), f"It predicts “{target}” for rows drawn as those of the training data were, one at a time or in batches."]),
        ("Not intended for", [NOT_FOR]),
        ("Learned from", [_learned(profile)]),
        ("How good", [_good(evaluation), f"Trust: {trust['light']}. {_sentence(trust['reasons'])}"]),
        ("Cost of errors", _errors(evaluation, plan)),
        ("Weak spots", _weak(evaluation, uses)),
        ("Personal data", _personal(evaluation, profile)),
        ("Watch", [WATCH]),
    ]  # fmt: skip
    return [{"name": name, "sentences": [s for s in said if s]} for name, said in rows]


def cost_of(study: Mapping[str, Any], plan: Mapping[str, Any], used: float) -> list[dict[str, str]]:
    """Return what the run cost: seconds on the clock, and of CPU and GPU in trials at most."""
    threads = max(1, int(plan.get("threads_per_trial", 1)))
    ran = study["trials"]
    cpu = sum(t["seconds"] * threads for t in ran if t["device"] == "cpu")
    gpu = sum(t["seconds"] for t in ran if t["device"] != "cpu")
    out = [
        {"name": "on the clock", "value": human_seconds(used), "note": f"{plural(int(plan.get('workers', 1)), 'worker')}, {plural(threads, 'thread')} each"},
        {"name": "CPU in trials", "value": human_seconds(cpu), "note": "at most: seconds of all trials and references, by their threads"},
    ]
    if gpu:
        out.append({"name": "GPU in trials", "value": human_seconds(gpu), "note": "seconds in which a trial held it"})
    memory = max((t.get("peak_memory_mb", 0) for t in ran), default=0)
    return [*out, {"name": "largest trial", "value": f"{memory:,} MB", "note": "of memory"}] if memory else out


def _good(evaluation: Mapping[str, Any]) -> str:
    return f"{words(evaluation['metric'])} {_number(evaluation['score'])} on {evaluation['n_scored']:,} rows."


def _model(evaluation: Mapping[str, Any]) -> str:
    if evaluation["family"] == "ensemble":
        names = listed([words(n) for n in dict.fromkeys(m["family"] for m in evaluation["members"])], 8)
        return f"The weighted mean of {plural(len(evaluation['members']), 'model')} ({names})"
    return f"A model of the family {words(evaluation['family'])}"


def _use(study: Mapping[str, Any]) -> str:
    return str(study["description"]) or "Nobody wrote down what it is for: `description:` in the spec says it."


def _learned(profile: Mapping[str, Any]) -> str:
    held = f"; {profile['holdout_rows']:,} more were kept apart for the score" if profile.get("holdout_rows") else ""
    count = profile["columns"] if isinstance(profile["columns"], int) else len(profile["columns"])
    return f"{profile['training_rows']:,} rows of {visible(profile['source'], NAME)} with {plural(count, 'column')}{held}."


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"


def _sentence(reasons: Sequence[str]) -> str:
    return f"{reasons[0][:1].upper()}{reasons[0][1:]}." if reasons else ""


def _errors(evaluation: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    if plan.get("costs"):
        return ["The spec says what each error costs; answers are the cheapest in expectation."]
    out = ["The spec does not say what an error costs, so all errors count alike. `task: {costs: …}` says it, and moves the answers."]
    counts, labels = evaluation.get("confusion"), [r["label"] for r in evaluation.get("per_class") or []]
    if counts and len(counts) == 2 and len(labels) == 2:
        found = []
        for i in (0, 1):
            wrong, rows = counts[i][1 - i], sum(counts[i])
            found += [f"{wrong:,} of {rows:,} rows of “{visible(labels[i], 30)}” ({percent(wrong / rows)})"] if rows else []
        out.append(f"As it decides now, it is wrong on {' and on '.join(found)}.")
    return out


def _weak(evaluation: Mapping[str, Any], uses: Mapping[str, Any] | None) -> list[str]:
    out = []
    worst = ((uses or {}).get("slices") or {}).get("worst") or []
    for s in worst[:3]:
        out.append(f"It is worse than elsewhere where {s['column']} is {s['group']} ({s['rows']} rows).")
    confusion, classes = evaluation.get("confusion") or [], evaluation.get("per_class") or []
    never = [r for c, r in enumerate(classes) if len(confusion) == len(classes) and r["rows"] and not any(row[c] for row in confusion)]
    if never:
        named = ["“" + visible(r["label"], 30) + "”" for r in never]
        out.append(f"It never answered {listed(named)} on the scored rows.")
    return out or ["No group of rows was found on which it is clearly worse."]


def _personal(evaluation: Mapping[str, Any], profile: Mapping[str, Any]) -> list[str]:
    columns = [f["column"] for f in profile.get("findings") or [] if f["check"] == "personal_data"]
    out = [f"Columns that look personal: {listed([visible(c, NAME) for c in columns])}." if columns else "No column looks like personal data."]
    if evaluation.get("holds_training_rows"):
        out.append("The model keeps training rows, as scaled numbers: whoever has the artifact has these rows.")
    return out
