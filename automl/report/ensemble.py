"""What the ensemble bought, in words: its members, and the gain over the best of them alone."""

from collections.abc import Mapping
from typing import Any

from automl.report.words import plural, signed, words


def ensemble_words(evaluation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the members and the sentences on the gain, and on a model that learned their answers; None where there is neither."""
    found, learned = evaluation.get("ensemble"), _learned(evaluation)
    if not found:
        return {"members": [], "how": "", "bought": "", "price": "", "learned": learned} if learned else None
    members = [{**m, "name": words(m["family"])} for m in evaluation["members"]]
    metric = words(evaluation["metric"])
    how = (
        f"The answer is the weighted mean of {plural(len(members), 'model')}, chosen out of {plural(found['considered'], 'trial')} by a greedy search on their "
        "out-of-fold answers."
    )
    return {"members": members, "how": how, "bought": _bought(found, metric), "price": _price(evaluation), "learned": learned}


def _learned(evaluation: Mapping[str, Any]) -> str:
    """Return what is said of a model that learned the answers of an ensemble, or of why there is none; empty where none was to be made."""
    found = evaluation.get("distilled")
    if not found:
        return ""
    several, metric = plural(found["members"], "model"), words(evaluation["metric"])
    if not found["members"]:
        return f"One model was to learn the answers of an ensemble (`ensemble.distill: always`). There is none: {found['why_not']}."
    if found["score"] is None:
        return f"No single model learned the answers of the ensemble of {several}: {found['why_not']}."
    said = (
        f"Trial {found['trial']} learned what an ensemble of {several} answers to rows that these did not see: its {metric} out of fold is "
        f"{found['score']:.4f}, that of the ensemble {found['ensemble_score']:.4f}. A little of what a fold holds reached it by way of the "
        "ensemble, so its own figure is a little bright; that of held-out rows is not."
    )
    return said + (" It is the model that ships." if evaluation["trial"] == found["trial"] else "")


def _bought(found: Mapping[str, Any], metric: str) -> str:
    """Return the gain with its interval, and whether that is clear of nothing."""
    said = (
        f"On each fold with weights that were chosen on the others, the {metric} is {found['score']:.4f}; that of trial {found['single']}, the best alone, is "
        f"{found['single_score']:.4f}: {'better by' if found['gain'] > 0 else 'no better, it differs by'} {signed(found['gain'], 4)}"
    )
    if found["interval"] is None:
        return said + ". There was no time for its interval."
    low, high = found["interval"]
    said += f" (95 % interval {signed(low, 4)} to {signed(high, 4)}). "
    if low > 0:
        return said + "That is clear of chance; the best alone is also the luckiest of many, so the true gain is rather larger."
    why = f" Its log loss, which tells models apart on fewer rows, is better by {signed(found['log_loss_gain'], 4)}." if found["log_loss_gain"] > 0 else ""
    said += f"The interval reaches zero: on these rows it may be chance.{why if metric != 'log loss' else ''}"
    elsewhere = " It ships because on other tables ensembles were better on fresh rows far more often than not." if found["gain"] <= 0 else ""
    return said + elsewhere + " For one smaller model: ensemble: {method: none}."


def _price(evaluation: Mapping[str, Any]) -> str:
    chosen = next(r for r in evaluation["precision_ladder"] if r["chosen"])
    return (
        f"All of them run for each answer: {chosen['rows_per_second']:,.0f} rows per second, one row in {chosen['batch1_p50_ms']:.1f} ms (median, one thread)."
    )
