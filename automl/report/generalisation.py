"""Will it hold on new rows, in words: every number with the rows it is of, and one sentence on what it means."""

from collections.abc import Mapping
from typing import Any

from automl.report.words import plural, signed, words

FAMILIES = {"baseline": "the class shares alone"}


def generalisation_words(evaluation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the paragraphs and tables of the section; None where nothing was found out."""
    found = evaluation.get("generalisation")
    if not found:
        return None
    metric = words(evaluation["metric"])
    return {
        "gap": _gap(found["gap"], evaluation), "gap_reading": _gap_reading(found["gap"]), "rivals": [_rival(r) for r in found["rivals"]],
        "rivals_rows": found["rivals"][0]["n_rows"] if found["rivals"] else 0, "margin": margin_sentence(evaluation), "apart": _apart(found["rivals"]),
        "curve": _curve(found["curve"], metric), "permuted": _permuted(found["permuted"]), "notes": found["notes"],
        "of_member": OF_MEMBER.format(found["trial"]) if found.get("of_member") else "",
    }  # fmt: skip


def _gap(gap: Mapping[str, Any], evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row per kind of rows the winner was scored on."""
    folds = plural(gap["n_folds"], "fold")
    spread = f", which deviate by {gap['spread']:.4f}" if gap["spread"] is not None and not evaluation.get("ensemble") and gap["n_folds"] > 1 else ""
    chose = "the members; each fold's weights come from the other folds" if evaluation.get("ensemble") else "the winner"
    names = [
        (f"rows that each fold's model learned from, 2,000 at most of each; mean over {folds}", gap["train"]),
        (f"rows that each fold's model did not see; mean over {folds}{spread}. They chose {chose}", gap["folds"]),
    ]
    rows: list[dict[str, Any]] = [{"rows": name, "score": score, "low": None, "high": None} for name, score in names]
    if gap["holdout"] is not None:
        low, high = gap["interval"]
        name = f"{evaluation['n_scored']:,} rows of the holdout, which nothing was fitted or chosen on; the shipped model"
        rows.append({"rows": name, "score": gap["holdout"], "low": low, "high": high})
    return [row for row in rows if row["score"] is not None]


OF_MEMBER = "The learning curve and the fit on permuted labels are of trial {}, the best member alone."

READINGS = {
    "agree": "The folds and the holdout agree: the score of the folds lies within the interval of the holdout. "
    "On new rows drawn as these were, expect the holdout's score.",
    "promised": "The folds promised more than the holdout gives: choosing the best of many trials by the folds makes their score bright. "
    "Expect the holdout's score, not that of the folds.",
    "easier": "The holdout scores better than the folds: its rows may be easier, or resemble training rows. Expect something between the two.",
    "": "There is no holdout to hold the folds against: their rows chose the winner, so its score is a little bright.",
}


def _gap_reading(gap: Mapping[str, Any]) -> str:
    """Return what the three scores say together."""
    fit = "The score on rows it learned from says how closely it fits them, not how good it is. " if gap["train"] is not None else ""
    return fit + READINGS[gap["reading"]]


KINDS = {
    "runner_up": "the runner-up, another configuration", "other_family": "the best of another family",
    "member": "the best of its members alone", "runner_up_of_another_family": "the runner-up, of another family", "reference": "reference",
}  # fmt: skip


def _rival(rival: Mapping[str, Any]) -> dict[str, Any]:
    said = {"ahead": "the winner is better", "behind": "the winner is worse", "same": "cannot be told apart"}
    return {**rival, "role": KINDS[rival["kind"]], "name": FAMILIES.get(rival["family"], words(rival["family"])), "said": said[rival["reading"]]}


def _apart(rivals: list[dict[str, Any]]) -> str:
    """Return whether the winner can be told from the runner-up and from another family."""
    parts = [(KINDS[r["kind"]], r["reading"]) for r in rivals if r["kind"] != "reference"]
    if not parts:
        return ""
    verb = {"ahead": "can be told from", "same": "cannot be told from", "behind": "is behind"}
    return "The winner " + ", and ".join(f"{verb[reading]} {who}" for who, reading in parts) + " on these rows."


def margin_sentence(evaluation: Mapping[str, Any]) -> str:
    """Return the winner's margin over the best reference, and plainly where it does not beat XGBoost's own defaults."""
    found = evaluation.get("generalisation")
    references = [r for r in found["rivals"] if r["kind"] == "reference"] if found else []
    if not references:
        return ""
    best = max(references, key=lambda r: (r["score"] if evaluation["greater_is_better"] else -r["score"], -r["trial"]))
    parts = [_margin(best, "the best reference, " if len(references) > 1 else "")]
    plain = next((r for r in references if r["family"] == "xgboost"), None)
    if plain is not None and plain is not best and plain["reading"] != "ahead":
        parts.append(_margin(plain, ""))
    return " ".join(parts) + f" Both out of fold, on {best['n_rows']:,} training rows that also chose the winner."


def _margin(rival: Mapping[str, Any], role: str) -> str:
    name = FAMILIES.get(rival["family"], f"{words(rival['family'])} with the library's own defaults")
    low, high = rival["interval"]
    interval = f"by {signed(rival['margin'], 4)} (95 % interval {signed(low, 4)} to {signed(high, 4)})"
    if rival["reading"] == "ahead":
        return f"It beats {role}{name}, {interval}."
    if rival["reading"] == "behind":
        return f"It is worse than {role}{name}, {interval}."
    return f"It does not beat {role}{name} beyond noise: it differs {interval}."


CURVE_READINGS = {
    "perfect": "On the rows of this picture there is next to nothing left to gain, so it cannot show whether more rows or a richer model would help; {half}.",
    "half": "More rows will probably help: {half}, which is beyond noise.",
    "quarter": "More rows would probably help: {quarter}, which is beyond noise, and the last doubling of the rows still brought some of it; {half}.",
    "wide": "These rows cannot tell whether more rows would help: {half}.",
    "fits": "Neither more rows nor a richer model is likely to help much: {half}, within noise, and it already fits the rows it learned from "
    "better than others.",
    "tried": "Neither more rows nor a richer model is likely to help: {half}, within noise, and trials that fitted their own rows more closely "
    "did no better on others.",
    "alike": "A richer model, or columns that say more, may help rather than rows: {half}, within noise, and on rows it learned from it scores "
    "no better than on others.",
}


def _curve(curve: Mapping[str, Any] | None, metric: str) -> dict[str, Any] | None:
    """Return the reading of the learning curve in a sentence, and the rows its numbers are of."""
    if not curve:
        return None
    last = curve["points"][-1]
    where = "a fifth of the training rows" if curve["fold"] is None else f"fold {curve['fold'] + 1}"
    rows = (
        f"Fits with the winner's options on growing shares of the rows to learn from; scored on the {last['n_scored']:,} rows of {where}, "
        f"which none of them saw, and on {last['train_rows']:,} rows at most that each learned from. One fit each: the intervals are of the luck "
        "of the scored rows, not of the fits."
    )
    if not curve["reading"]:
        return {"rows": rows, "sentence": "The curve is too short to be read."}
    gains = {name: _from(curve, name, share, metric) for name, share in (("half", 0.5), ("quarter", 0.25))}
    return {"rows": rows, "sentence": CURVE_READINGS[curve["because"]].format(**gains)}


def _from(curve: Mapping[str, Any], name: str, share: float, metric: str) -> str:
    """Return what the step from a share of the rows to all of them brought, with its interval."""
    if curve[name] is None:
        return ""
    rows = next(p["rows"] for p in curve["points"] if p["share"] == share)
    gain, (low, high) = curve[name]["gain"], curve[name]["interval"]
    return (
        f"from {rows:,} to {curve['points'][-1]['rows']:,} rows the {metric} on rows not seen got {'better' if gain >= 0 else 'worse'} by {abs(gain):.4f} "
        f"(95 % interval of the gain {signed(low, 4)} to {signed(high, 4)})"
    )


def _permuted(found: Mapping[str, Any] | None) -> str:
    """Return what the fit on permuted labels says."""
    if not found:
        return ""
    if "why_not" in found:
        return f"The check with permuted labels was not made: {found['why_not']}."
    whole = ", whole groups at a time" if found["n_units"] < found["n_scored"] else ""
    said = (
        f"The winner's options were fitted once more, features included, on {found['n_learned']:,} rows whose labels had changed places{whole}, "
        f"and scored on {found['n_scored']:,} others whose labels had, too. It scores {found['score']:.4f}; chance gives {found['low']:.4f} to "
        f"{found['high']:.4f} (95 % of {found['shuffles']} shuffles of the scored labels). "
    )
    if found["leak"]:
        return said + "It knows labels that it cannot know: labels of the scored rows reach the fit, and the scores of this run cannot be trusted."
    return said + "So no labels of scored rows reach the fit. A column that gives the target away would not show here; the checks of the data look for those."
