"""The first screen in words: what won, how far to trust it and why, and what to do next."""

from collections.abc import Sequence
from typing import Any

from automl.report.generalisation import margin_sentence
from automl.report.parity import disagreement
from automl.report.words import words
from automl.rundir import RunDir, read_json
from automl.spec.units import human_bytes, human_milliseconds, human_seconds

MANY_REPEATED, MOST_REPEATED = 0.05, 0.5  # shares of scored rows with the inputs of a training row
LEAK = 0.05  # of the score, that one column gives
DOUBTS = {
    "target_leakage": "", "split_overlap": "",
    "drift": "the test rows can be told from the training rows by their inputs (most by {})",
    "time_leak": "the split is random, and scored forward in time along `{}` the score falls",
    "group_leak": "rows of one `{}` stand on both sides of the split, and resemble each other",
}  # fmt: skip
FEW_UNITS = 20  # groups of scored rows below which the interval over groups is rough
FEW_ROWS = 200  # scored rows below which an interval is too wide to compare good models


def score_words(value: float | None) -> str:
    """Return a score with three digits, more where they would say 0 or 1 of what is neither; "undefined" for none."""
    if value is None:
        return "undefined"
    if abs(value) >= 100:
        return f"{value:.0f}"
    for digits in (3, 4, 5):  # 0.9997 is not 1.000
        if float(f"{value:.{digits}f}") not in (0.0, 1.0) or value in (0.0, 1.0):
            break
    return f"{value:.{digits}f}"


def scored_rows(evaluation: dict[str, Any]) -> str:
    """Return which rows the reported scores are of, in words."""
    kind = {"holdout": "rows of the holdout, which nothing was fitted or chosen on", "out_of_fold": "training rows, out of fold", "training": "training rows"}
    return f"{evaluation['n_scored']:,} {kind[evaluation['score_rows']]}"


def verdict(evaluation: dict[str, Any], profile: dict[str, Any], study: dict[str, Any]) -> dict[str, Any]:
    """Return headline, sentence and the sentence on size and time, the score beside baseline and perfection, and the few numbers wanted first."""
    low, high = evaluation["interval"]
    chosen = next(r for r in evaluation["precision_ladder"] if r["chosen"])
    rows = {
        "holdout": f"on {evaluation['n_scored']:,} rows that nothing was fitted or chosen on",
        "out_of_fold": f"out of fold on {evaluation['n_scored']:,} rows; the choice among trials was made on the same rows, so it is a little bright",
        "training": f"on {evaluation['n_scored']:,} rows it was trained on, so it proves nothing",
    }[evaluation["score_rows"]]
    metric = words(evaluation["metric"])
    sentence = (
        f"{_model(evaluation)} reaches {_a(metric)} of {score_words(evaluation['score'])} "
        f"(95 % interval {score_words(low)} to {score_words(high)}) {rows}. "
        f"Always answering with the class shares gives {score_words(evaluation['baseline_score'])}."
    )
    if evaluation["family"] == "baseline":
        sentence = f"No trial finished in time. The model answers with the class shares, {_a(metric)} of {score_words(evaluation['score'])}."
    if weighted := evaluation.get("weighted"):
        sentence += " " + weight_sentence(weighted, evaluation["n_scored"])
    if refit := evaluation.get("refit"):
        sentence += " " + refit_sentence(refit)
    p50 = f"; one row takes {chosen['batch1_p50_ms']:.2f} ms (median)" if chosen["batch1_p50_ms"] else ""
    size = f"It takes {human_bytes(chosen['size_bytes'])} at {chosen['precision']}{p50}. The run took {human_seconds(evaluation['budget']['used_seconds'])}."
    return {
        "headline": f"{metric} {score_words(evaluation['score'])}",
        "score": score_words(evaluation["score"]),
        "won": _won(evaluation),
        "strip": _strip(evaluation, metric),
        "figures": _figures(evaluation, chosen, study["counts"]),
        "sentence": sentence,
        "margin": margin_sentence(evaluation),
        "size": size,
        "target": profile["target"],
        "stopped": study["by_user"],
    }


def weight_sentence(weighted: dict[str, Any], rows: int) -> str:
    """Return that rows count by their weights, and how many alike ones tell as much."""
    without = f", {weighted['without']:.0%} of them count for nothing" if weighted["without"] else ""
    return f"Rows count by their weights{without}; {rows:,} such rows tell as much as {weighted['effective_rows']:,.0f} that all count alike."


def refit_sentence(refit: dict[str, Any]) -> str:
    """Return what `validation.refit` came to: which rows the shipped model has seen, and which model the scores are of."""
    if refit["done"]:
        return f"The model that ships has since learned these {refit['rows']:,} rows too: every score here is of the same model fitted without them."
    return f"It was to learn the scored rows as well, and did not: {refit['why']}."


def _won(evaluation: dict[str, Any]) -> str:
    """Return who won, as a headline."""
    if evaluation["family"] == "ensemble":
        return f"An ensemble of {len(evaluation['members'])} models won"
    name = words(evaluation["family"])
    return "No trial finished" if evaluation["family"] == "baseline" else f"{name[:1].upper()}{name[1:]} won"


def _strip(evaluation: dict[str, Any], metric: str) -> dict[str, Any] | None:
    """Return score, interval and baseline as places in percent of a line from worse to perfect; None where the score is not defined."""
    (low, high), score, base = evaluation["interval"], evaluation["score"], evaluation["baseline_score"]
    if score is None or base is None or low is None or high is None:
        return None
    greater = evaluation["greater_is_better"]
    perfect, worst = (1.0, min(base, low)) if greater else (0.0, max(base, high))
    if abs(perfect - worst) < 1e-9:
        return None

    def place(value: float) -> float:
        return float(round(6 + 90 * (value - worst) / (perfect - worst), 2))

    left, right = sorted((place(low), place(high)))
    return {
        "low": left, "width": round(max(0.6, right - left), 2), "base": place(base), "score": place(score), "perfect_text": f"perfect {perfect:g}",
        "base_text": f"class shares {score_words(base)}", "score_text": f"this model {score_words(score)}",
        "label": f"{metric}: class shares {score_words(base)}, this model {score_words(score)}, perfect {perfect:g}",
    }  # fmt: skip


def _figures(evaluation: dict[str, Any], chosen: dict[str, Any], counts: dict[str, int]) -> list[dict[str, str]]:
    """Return size, speed, time and trials as label, value and note."""
    out = [{"label": "size", "value": human_bytes(chosen["size_bytes"]), "note": f"the whole artifact, {chosen['precision']}"}]
    if chosen["batch1_p50_ms"]:
        p95 = f"p95 {human_milliseconds(chosen['batch1_p95_ms'])}, " if chosen["batch1_p95_ms"] else ""
        out.append({"label": "one row", "value": human_milliseconds(chosen["batch1_p50_ms"]), "note": f"median; {p95}one thread"})
    out.append({"label": "in batches", "value": f"{chosen['rows_per_second']:,.0f}", "note": "rows per second"})
    out.append({"label": "the run took", "value": human_seconds(evaluation["budget"]["used_seconds"]), "note": _asked(evaluation["budget"]["asked_seconds"])})
    ended = f", {counts['pruned']} ended early" if counts.get("pruned") else ""
    cut = counts.get("cut", 0)
    ended += f", {cut} cut by the end of the time" if cut else ""
    failed = f", {counts['failed'] - cut} failed" if counts.get("failed", 0) > cut else ""
    return [*out, {"label": "trials", "value": f"{counts['complete']:,}", "note": f"complete{ended}{failed}"}]


def _asked(seconds: float | None) -> str:
    return "no limit" if seconds is None else f"of {human_seconds(seconds)}"


def _model(evaluation: dict[str, Any]) -> str:
    """Return what answers, as the beginning of a sentence."""
    if evaluation["family"] != "ensemble":
        return f"A model of the family {words(evaluation['family'])}"
    families = [words(name) for name in dict.fromkeys(m["family"] for m in evaluation["members"])]
    of = f" of the family {families[0]}" if len(families) == 1 else f" ({', '.join(families)})"
    return f"An ensemble of {len(evaluation['members'])} models{of}"


def _a(metric: str) -> str:
    return f"an {metric}" if metric[:1] in "aeioAEIOF" else f"a {metric}"


def _margin(evaluation: dict[str, Any]) -> float | None:
    """Return by how much the worse end of the interval beats the baseline; None where the score is not defined."""
    low, high = evaluation["interval"]
    if low is None or high is None or evaluation["baseline_score"] is None:
        return None
    return float(low - evaluation["baseline_score"] if evaluation["greater_is_better"] else evaluation["baseline_score"] - high)


def _doubts(findings: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the grave and the lighter doubts about the score that the look at the data left standing."""
    grave, light = [], []
    for f in findings:
        if f["mode"] == "fix" or f["check"] not in DOUBTS:
            continue
        if f["check"] == "target_leakage":
            effect = f.get("effect")
            if effect and -effect["change"] > LEAK:
                grave.append(f"`{f['column']}` may give the target away: without it the score falls by {-effect['change']:.2f}")
        elif f["check"] == "split_overlap":
            evidence = f["evidence"]
            if "share" not in evidence:  # the check was left out for want of time
                light.append("test rows were not compared with training rows: the time for the look at the data was out")
            elif evidence["share"] > MANY_REPEATED and evidence["share"] > 2 * evidence["share_by_chance"]:
                grave.append(f"{evidence['share']:.0%} of the test rows equal a training row")
        else:
            light.append(DOUBTS[f["check"]].format(f["column"]))
    return grave, light


def trust(evaluation: dict[str, Any], study: dict[str, Any], findings: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the light (green, amber, red) and the reasons for it, the gravest first; `findings` as in profile.json."""
    red, amber, green = [], [], []
    if differs := disagreement(evaluation):
        red.append(differs)
    if evaluation["family"] == "baseline":
        red.append("no trial finished: this is the constant baseline")
    elif (margin := _margin(evaluation)) is None:
        red.append("the score is not defined on the scored rows: a class is missing among them")
    elif margin <= 0:
        red.append("the interval of the score reaches the baseline: it may have learned nothing")
    else:
        green.append("the whole interval of the score is better than the baseline")
    if evaluation["score_rows"] == "training":
        red.append("the score is on training rows")
    elif evaluation["score_rows"] == "out_of_fold":
        amber.append("no rows were kept apart: the score is out of fold, on rows that also chose the winner")
    else:
        green.append("the scored rows were kept apart from fitting and from every choice")
    low, high = evaluation["interval"]
    if low is not None and low == high:
        amber.append("the interval has no width: the scored rows hold no error to resample, so it cannot show how much of that is luck")
    if evaluation["n_scored"] < FEW_ROWS:
        amber.append(f"only {evaluation['n_scored']} rows were scored")
    units = evaluation.get("n_units") or evaluation["n_scored"]
    if units < FEW_UNITS:
        amber.append(f"the scored rows belong to only {units} groups: the interval is of these")
    gap = _gap(evaluation, study)
    if gap is not None:
        (amber if gap[0] else green).append(gap[1])
    repeated = evaluation.get("repeated_inputs") or 0.0
    if repeated > MANY_REPEATED:
        (red if repeated > MOST_REPEATED else amber).append(f"{repeated:.0%} of the scored rows repeat the inputs of a training row")
    if ((evaluation.get("generalisation") or {}).get("permuted") or {}).get("leak"):
        red.append("a model of permuted labels scores better than chance: labels of scored rows reach the fit")
    failed = sum(t["state"] not in ("ok", "pruned", "cancelled", "timeout") for t in study["trials"] if not t.get("reference"))
    complete = study["counts"]["complete"]
    if failed > complete:
        amber.append(f"{failed} trials failed and {complete} completed")
    if evaluation["model_made_by"].startswith("the model of fold"):
        amber.append(f"the shipped model is {evaluation['model_made_by']}")
    grave, lighter = _doubts(findings)
    red += grave
    amber += lighter
    light = "red" if red else "amber" if amber else "green"
    told = [(tone, text) for tone, texts in (("red", red), ("amber", amber), ("green", green)) for text in texts]
    return {"light": light, "reasons": [text for _, text in told[:4]], "checks": [{"tone": tone, "text": text} for tone, text in told]}


def trust_of(files: RunDir) -> dict[str, Any]:
    """Return how far the finished run in a folder is to be trusted, as `trust` does; no light where the folder is not whole, or nothing was predicted."""
    try:
        if "per_class" not in read_json(files.evaluation):
            return {"light": "", "reasons": [], "checks": []}
        return trust(read_json(files.evaluation), read_json(files.study), read_json(files.profile)["findings"])
    except (OSError, ValueError, KeyError, StopIteration):
        return {"light": "", "reasons": [], "checks": []}


def _gap(evaluation: dict[str, Any], study: dict[str, Any]) -> tuple[bool, str] | None:
    """Compare the winner's cross-validated score with the reported one."""
    won = next((t for t in study["trials"] if t["number"] == evaluation["trial"]), None)
    if won is None or won["score"] is None or evaluation["score"] is None or evaluation["score_rows"] != "holdout":
        return None
    low, high = evaluation["interval"]
    said = (evaluation.get("decision") or {}).get("folds")  # as the shipped answers decide; a trial takes the most probable class
    said = won["score"] if said is None else said
    inside = low <= said <= high
    bright = (said > high) == evaluation["greater_is_better"]
    text = f"cross-validation said {score_words(said)}, " + (
        "inside the interval of the reported score" if inside else "outside the interval of the reported score"
    )
    if not inside and not bright:
        text += ": the scored rows may be easier, or copies of training rows"
    return (not inside, text)


def next_steps(evaluation: dict[str, Any], study: dict[str, Any], plan: dict[str, Any]) -> list[dict[str, str]]:
    """Return up to three things to do, each with what to paste."""
    steps = [{"why": "Predict new rows with it:", "paste": "automl predict RUN new_rows.csv -o predictions.csv"}]
    relaxations = (evaluation.get("gate") or {}).get("relaxations", [])
    if relaxations:
        steps.insert(0, {"why": f"To accept what {relaxations[0]['name']} came to:", "paste": relaxations[0]["paste"]})
    best = [t for t in study["trials"] if t["state"] == "ok" and not t.get("reference")]
    last_gain = _last_gain(best, plan["greater_is_better"])
    asked = evaluation["budget"]["asked_seconds"]
    if asked and last_gain is not None and last_gain > 0.6 * asked:
        steps.append(
            {
                "why": f"The best trial ended {human_seconds(last_gain)} into the run; more time may help:",
                "paste": f"constraints: {{time: {round(asked * 3 / 60) or 1}m}}",
            }
        )
    if evaluation["n_scored"] < FEW_ROWS and evaluation["score_rows"] == "holdout":
        steps.append({"why": "Few rows were scored; with every row scored out of fold the interval narrows:", "paste": "validation: {test: none}"})
    if len(steps) < 3:
        steps.append({"why": "Repeat this run exactly as asked:", "paste": "automl run RUN/spec.resolved.yaml"})
    return steps[:3]


def _last_gain(trials: list[dict[str, Any]], greater: bool) -> float | None:
    if not trials:
        return None
    best = (max if greater else min)(trials, key=lambda t: t["score"])
    return float(best["started"] + best["seconds"])
