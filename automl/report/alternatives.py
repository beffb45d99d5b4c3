"""Other models of the run that someone may rather want: each with the reason to choose it, what it gives up, and what to paste."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.families import FAMILIES
from automl.report.words import signed, words
from automl.spec.units import human_bytes, human_milliseconds

MOST = 5
NEAR = 0.02  # of the gain over the baseline, that a cheaper model may lose where no interval says what is noise
CHEAPER = 2.0  # times, below which a cheaper model is not worth a line

Trial = Mapping[str, Any]


def alternatives(evaluation: Mapping[str, Any], study: Mapping[str, Any], plan: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what else may be chosen, each `model`, `why` (ends "choose this one if …"), `cost` and `paste`; at most five."""
    greater, metric = evaluation["greater_is_better"], words(evaluation["metric"])
    done = [t for t in study["trials"] if t["state"] == "ok" and t["score"] is not None and not t.get("reference")]
    members = {m["trial"] for m in evaluation.get("members", [])} or {evaluation["trial"]}
    own = [t for t in done if t["number"] in members]
    if not own:
        return []
    best = (max if greater else min)(done, key=lambda t: t["score"])
    said = ((evaluation.get("ensemble") or {}).get("score")) or best["score"]

    def price(t: Trial) -> str:
        return f"{metric} {t['score']:.4f} over the folds, {signed((t['score'] - said) * (1 if greater else -1), 4)} against what ships"

    cards: dict[int, dict[str, str]] = {}
    alone = "\nensemble: {method: none}" if len(members) > 1 else ""

    def offer(t: Trial, why: str, paste: str, more: str = "", final: bool = False) -> None:
        """Add a card for a trial, or another reason to the one it has; a `final` line to paste takes the place of an earlier one."""
        card = cards.setdefault(t["number"], {"model": _named(t), "why": "", "cost": price(t), "paste": ""})
        card["why"] += f", or {why}" if card["why"] else why
        card["cost"] += more
        card["paste"] = paste if final or not card["paste"] else card["paste"]

    if len(members) > 1:
        offer(best, "you want one smaller model rather than several together", "ensemble: {method: none}")
    for key, why, tell in (("latency_ms", "answers must be quicker", human_milliseconds), ("size_bytes", "the model must be smaller", human_bytes)):
        cheap = _cheap(done, own, key, said, _tolerance(evaluation, said), greater)
        if cheap is not None and members != {cheap["number"]}:
            what = "one row" if key == "latency_ms" else "the model at float32"
            more = f"; {what} takes {tell(cheap[key])} rather than {tell(sum(t[key] for t in own))}"
            offer(cheap, why, f"models: {{include: [{cheap['family']}]}}{alone}", more)
    plain = [t for t in done if members != {t["number"]} and _readable(plan["task"], t["family"])]
    if plain and not all(_readable(plan["task"], t["family"]) for t in own):
        offer(
            (max if greater else min)(plain, key=lambda t: t["score"]),
            "a person must be able to follow the model",
            "constraints: {interpretable: require}",
            final=True,
        )
    found = [{"model": _shipped(evaluation), "why": "the score counts most", "cost": _cost(evaluation), "paste": ""}, *cards.values()]
    chosen = next((r for r in evaluation["precision_ladder"] if r["chosen"]), None)
    whole = next((r for r in evaluation["precision_ladder"] if r["precision"] == "float32"), None)
    if chosen is not None and whole is not None and chosen is not whole:
        cost = f"{human_bytes(whole['size_bytes'])} rather than {human_bytes(chosen['size_bytes'])}"
        found.append({"model": "the same at float32", "why": "answers must be exactly those of the trained model", "cost": cost, "paste": "quantize: float32"})
    return found[:MOST]


def _shipped(evaluation: Mapping[str, Any]) -> str:
    several = len(evaluation.get("members", []))
    return f"the ensemble of {several} models, at {evaluation['chosen_precision']}" if evaluation["family"] == "ensemble" else (
        f"{words(evaluation['family'])}, trial {evaluation['trial']}, at {evaluation['chosen_precision']}"
    )  # fmt: skip


def _cost(evaluation: Mapping[str, Any]) -> str:
    chosen = next(r for r in evaluation["precision_ladder"] if r["chosen"])
    p50 = f", one row in {human_milliseconds(chosen['batch1_p50_ms'])}" if chosen["batch1_p50_ms"] else ""
    return f"this is what ships: {human_bytes(chosen['size_bytes'])}{p50}"


def _named(t: Trial) -> str:
    return f"{words(t['family'])}, trial {t['number']}"


def _tolerance(evaluation: Mapping[str, Any], said: float) -> float:
    """Return the loss that is within noise: half the interval of the score, or a share of the gain over the baseline."""
    low, high = evaluation["interval"]
    if low is not None and high is not None:
        return float((high - low) / 2)
    base = evaluation["baseline_score"]
    return NEAR * abs(said - base) if base is not None else 0.0


def _cheap(done: Sequence[Trial], own: Sequence[Trial], key: str, said: float, tolerance: float, greater: bool) -> Trial | None:
    """Return the trial that costs least among those as good within noise, where it is much cheaper than what ships."""
    if any(not t.get(key) for t in own):
        return None
    near = [t for t in done if t.get(key) and (said - t["score"] if greater else t["score"] - said) <= tolerance]
    cheap = min(near, key=lambda t: (t[key], t["number"]), default=None)
    return cheap if cheap is not None and CHEAPER * cheap[key] <= sum(t[key] for t in own) else None


def _readable(task: str, family: str) -> bool:
    return family in FAMILIES.names(task) and FAMILIES.get(task, family).interpretable is not None
