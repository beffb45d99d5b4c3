"""The model card of a task without a label, and what to do next: what it is for, how far to trust it, what to mind."""

from collections.abc import Mapping
from typing import Any

from automl.report.words import listed, plural, sentence_case, visible, words
from automl.spec.units import human_seconds

NAME = 60
NEARLY = 0.9  # of the time that was given
NOT_FOR = {
    "clustering": "Decisions about single rows as if groups were facts: another table of the same kind, or other columns, may be divided otherwise. "
    "Groups say what goes together, not why.",
    "dimensionality_reduction": "Reading meaning into directions or distances that the table above does not bear out, and rows unlike those it learned from.",
}
MISTAKES = {
    "clustering": "Nobody says what a wrong group costs, and no label shows one: look at the rows that lie apart, and at the strength of each answer.",
    "dimensionality_reduction": "What a model makes of fewer columns shows there: score it with all columns and with these.",
}
WATCH = (
    "Compare new rows with these now and then: `automl eda` of a spec with them as `data.test` does. When the drift it finds is far beyond chance, fit again."
)


def unlabelled_card(
    evaluation: Mapping[str, Any], profile: Mapping[str, Any], plan: Mapping[str, Any], study: Mapping[str, Any], verdict: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the card as rows, each a name and sentences; `verdict` is that of the page."""
    task = plan["task"]
    use = visible(study["description"], 2000) if study["description"] else "Nobody wrote down what it is for: `description:` in the spec says it."
    does = "puts each row into a group, or into none" if task == "clustering" else f"gives each row {plural(evaluation['n_components'], 'column')}"
    trust = verdict["trust"]
    personal = [f["column"] for f in profile.get("findings") or [] if f["check"] == "personal_data"]
    what = f"{sentence_case(words(evaluation['family']))}, stored at {evaluation['chosen_precision']}. It was made by {evaluation['model_made_by']}."
    mind = f"Columns that look personal: {listed([visible(c, NAME) for c in personal])}." if personal else "No column looks like personal data."
    rows = [
        ("What it is", [what]),
        ("Intended use", [use, f"It {does}, for rows drawn as those of the data were."]),
        ("Not intended for", [NOT_FOR[task]]),
        ("Learned from", [f"{evaluation['n_rows']:,} rows of {visible(profile['source'], NAME)} with {plural(len(plan['columns']), 'column')}."]),
        ("How good", [f"{sentence_case(verdict['score'])}.", f"Trust: {trust['light']}. {trust['reasons'][0] if trust['reasons'] else ''}".strip()]),
        ("Cost of errors", [MISTAKES[task]]),
        ("Personal data", [mind]),
        ("Watch", [WATCH]),
    ]  # fmt: skip
    return [{"name": name, "sentences": said} for name, said in rows]


def unlabelled_steps(evaluation: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return up to three things to do, each with what to paste."""
    clustering = plan["task"] == "clustering"
    out = "groups.csv" if clustering else "columns.csv"
    steps = [{"why": "Place new rows with it:", "paste": f"automl predict RUN new_rows.csv -o {out}"}]
    asked, used = evaluation["budget"]["asked_seconds"], evaluation["budget"]["used_seconds"]
    if asked and used > NEARLY * asked:
        more = f"constraints: {{time: {max(1, round(asked * 3 / 60))}m}}"
        steps.append({"why": f"The run took {human_seconds(used)}, nearly all that it might; more time may help:", "paste": more})
    if clustering and not plan.get("asked", {}).get("compare_with"):
        steps.append(
            {"why": "Hold the groups against known ones, which are never used to find them:", "paste": "task: {type: clustering, compare_with: COLUMN}"}
        )
    steps.append({"why": "Repeat this run exactly as asked:", "paste": "automl run RUN/spec.resolved.yaml"})
    return steps[:3]
