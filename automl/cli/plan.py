"""`automl plan`: what a run would do and why, without training anything."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automl.cli.options import SET, SPEC, debug, overrides_of
from automl.spec.units import human_seconds

if TYPE_CHECKING:
    from automl.features.recipe import Recipe
    from automl.plan.candidates import CandidateFamily
    from automl.spec.model import Spec


SCALES = {"standard": "in standard deviations from the mean", "robust": "in half the range of the middle half from the median", "none": "in their own unit"}
FAR_OUT = {"keep": "", "clip": ", at most eight scales out"}
ENCODINGS = {
    "auto": "a column per level; where levels are many, the shares of the classes in each (for trees, its rank by frequency)",
    "onehot": "a column per level", "ordinal": "the rank of its level by frequency", "target": "the shares of the classes in its level",
    "tfidf": "weights of words (TF-IDF), and lengths", "hashing": "weights of hashed words, and lengths", "length": "lengths", "none": "nothing",
}  # fmt: skip


def treatment(recipe: "Recipe", name: str, kind: str, label: bool = True) -> str:
    """Return what becomes of a column, in words; `label`: whether the task has one to learn."""
    also = f"; and {recipe.transforms[name]}" if name in recipe.transforms else ""
    return _own_treatment(recipe, name, kind, label) + also


def _own_treatment(recipe: "Recipe", name: str, kind: str, label: bool) -> str:
    if not label and kind == "number":
        options = recipe.numbers[name]
        return f"imputed ({options.impute}), " + ("as ranks" if options.outliers == "rank" else SCALES[options.scale] + FAR_OUT[options.outliers])
    if not label and kind == "date" and recipe.dates[name].parts is None and recipe.dates[name].cyclic is None:
        return "its day, in standard deviations from the mean"
    if not label and kind == "category" and recipe.categories[name].encode == "auto":
        return "a column per level; levels of less than 1 % of the rows share one"
    if kind == "number":
        options = recipe.numbers[name]
        how = "as ranks" if options.outliers == "rank" else SCALES[options.scale] + FAR_OUT[options.outliers]
        linear = "left out" if name in recipe.not_scaled else f"imputed ({options.impute}), {how}"
        return f"trees take it as it is; for linear models and networks: {linear}"
    if kind == "category":
        return ENCODINGS[recipe.categories[name].encode]
    if kind == "text":
        return ENCODINGS[{"auto": "tfidf"}.get(recipe.texts[name].encode, recipe.texts[name].encode)]
    from automl.spec.sections.features import PARTS

    dates = recipe.dates[name]
    parts = ", ".join(dates.parts or PARTS) + ("" if dates.parts else ", those that vary")
    circle = {None: " (cyclic ones on a circle too for linear models and networks)", True: " (cyclic ones on a circle too)", False: ""}
    return parts + circle[dates.cyclic]


@click.command(help="Read the data and show what a run would do; nothing is trained or written.")
@SPEC
@SET
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@debug
def command(spec: Path, sets: tuple[str, ...], as_json: bool) -> None:
    """Print the plan."""
    from automl.run import ROUTES, prepare
    from automl.spec.load import read_spec

    read = read_spec(spec, overrides_of(sets))
    if read.task.type in ROUTES:
        _unlabelled(read, spec.parent, as_json)
        return
    ready = prepare(read, spec.parent)
    if as_json:
        _as_json(ready.plan, ready.profile.findings, ready.dataset.notes)
        return
    dataset, plan = ready.dataset, ready.plan
    click.echo(f"{dataset.source}: {len(dataset.y)} rows, target `{dataset.target}` with {len(dataset.classes)} classes")
    folds = "1 fold" if plan.n_folds == 1 else f"{plan.n_folds} folds"
    click.echo(f"split: {len(ready.split.train)} rows to learn from, {len(ready.split.holdout)} kept for the report, {folds}")
    _rest(plan, ready.profile, dataset.notes)


def _unlabelled(spec: "Spec", base: Path, as_json: bool) -> None:
    """Print the plan of a task without a label."""
    from automl.unlabelled import prepare

    ready = prepare(spec, base)
    dataset, plan = ready.dataset, ready.plan
    if as_json:
        _as_json(plan, ready.seen.profile.findings, dataset.notes)
        return
    click.echo(f"{dataset.source}: {len(dataset.y)} rows; {plan.task.replace('_', ' ')}")
    click.echo(f"objective: {plan.objective}")
    click.echo(f"searched: {plan.search_rows} rows, {plan.n_features} features")
    _rest(plan, ready.seen.profile, dataset.notes)


def _as_json(plan: Any, findings: Any, notes: Any) -> None:
    click.echo(json.dumps({"schema_version": 1, **plan.as_dict(), "findings": [f.as_dict() for f in findings], "notes": list(notes)}, default=str))


def _rest(plan: Any, profile: Any, notes: Any) -> None:
    """Print notes, columns, findings, decisions and candidates."""
    for text in notes:
        click.echo(f"note: {text}")
    click.echo("columns:")
    used = {f.name for f in plan.fields}
    for role in profile.roles:
        what = treatment(plan.recipe, role.key, str(role.value), hasattr(plan, "metric")) if role.key in used else "" if role.value == "target" else "left out"
        click.echo(f"  {role.key}: {role.value} ({role.because})" + (f"; {what}" if what else ""))
    click.echo("findings:" if profile.findings else "findings: none")
    for f in profile.findings:
        click.echo(f"  {f.check} [{f.mode}] {f.column or 'the table'}: {f.message}; {'nothing is done' if f.action == 'none' else f.action}")
    click.echo("decisions:")
    for d in plan.decisions:
        click.echo(f"  {d.key} = {d.value}: {d.because}")
    click.echo("candidates, in order:")
    for c in plan.candidates:
        click.echo(f"  {c.family} on {c.device}: {_cost(c)}; searches {', '.join(c.space.searched()) or 'nothing'}")


def _cost(candidate: "CandidateFamily") -> str:
    """Return the rough range of one trial in words."""
    if candidate.seconds is None:
        return "seconds not known"
    low, high = candidate.seconds
    return f"roughly {human_seconds(low)} to {human_seconds(high)} a trial, {candidate.memory_mb} MB"
