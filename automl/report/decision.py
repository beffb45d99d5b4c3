"""How answers are decided, in words: the threshold and what it bought, the calibration, and how true the probabilities are."""

from collections.abc import Mapping
from typing import Any

from automl.report.words import sentence_case, signed, words


def decision_words(evaluation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the sentences on rule and calibration, and the table of reliability; None for a run that was made before there was one."""
    found = evaluation.get("decision")
    if not found:
        return None
    rule, calibrate = found.get("rule") or {"kind": "argmax", "because": ""}, found.get("calibrate") or {"method": "none", "because": ""}
    positive = evaluation.get("positive_class")
    return {
        "answer": _answer(rule, positive), "rule": _sentence(_answer(rule, positive), rule["because"]), "bought": _bought(rule),
        "scored": _scored(found.get("scored")), "calibrate": _calibrate(calibrate), "gain": _gain(calibrate),
        "reliability": found["reliability"], "reading": _reading(found["reliability"], positive),
    }  # fmt: skip


def _sentence(said: str, because: str) -> str:
    name, space, rest = because.partition(" ")  # a reason may begin with a metric's name as a spec has it
    because = words(name) + space + rest if "_" in name else because
    return f"{sentence_case(said)}: {because}." if because else f"{sentence_case(said)}."


def _answer(rule: Mapping[str, Any], positive: str | None) -> str:
    """Return which class a row is given."""
    if rule["kind"] == "weights":
        return "the class with the highest weighted probability is predicted"
    if rule["kind"] == "costs" and rule.get("threshold") is None:
        return "the class that is cheapest in expectation is predicted"
    if rule["kind"] in ("threshold", "costs") and positive is not None:
        return f"“{positive}” is predicted where its probability is above {_short(rule['threshold'])}"
    return "the class with the highest probability is predicted"


def _short(value: float) -> str:
    return f"{value:.3f}".rstrip("0") if value >= 0.01 else f"{value:.2g}"


def _bought(rule: Mapping[str, Any]) -> str:
    """Return what the rule gains over the most probable class out of fold, or what another would have."""
    told = rule.get("tried") or (rule if "gain" in rule else None)
    if not told:
        return ""
    interval = f" (95 % interval of the gain {signed(told['interval'][0], 4)} to {signed(told['interval'][1], 4)})" if told["interval"] else ""
    what = f"{words(told['metric'])} of {told['after']:.4f} in place of {told['before']:.4f}{interval}"
    if "tried" in rule:
        return f"Chosen on some folds and judged on the others, the best other rule gives {what}: it is not taken."
    return f"Out of fold, on rows that it was not chosen on, it gives {what}." if rule.get("chosen") else f"Out of fold it gives {what}."


def _scored(scored: Mapping[str, Any] | None) -> str:
    if not scored or None in (scored["before"], scored["after"]):
        return ""
    return f"On the scored rows it gives {scored['after']:.4f}; the most probable class would give {scored['before']:.4f}."


METHODS = {"none": "the probabilities are as the model gives them", "isotonic": "the probabilities follow a rising curve that was fitted out of fold"}


def _calibrate(found: Mapping[str, Any]) -> str:
    if found["method"] == "temperature":
        bolder = "bolder" if found["temperature"] < 1 else "more careful"
        return _sentence(f"the probabilities are made {bolder} by a temperature of {found['temperature']:.3g}", found["because"])
    return _sentence(METHODS[found["method"]], found["because"])


def _gain(found: Mapping[str, Any]) -> str:
    """Return what the calibration does to the log loss out of fold, or what it would have done."""
    told = found.get("tried") or (found if "gain" in found else None)
    if not told:
        return ""
    ends = f"{signed(-told['interval'][1], 4)} to {signed(-told['interval'][0], 4)}"
    verb = "would change" if "tried" in found else "changes"
    change = f"{verb} the log loss from {told['before']:.4f} to {told['after']:.4f} (95 % interval of the change {ends})"
    return f"Out of fold, on rows that it was not fitted on, it {change}."


def _reading(found: Mapping[str, Any], positive: str | None) -> str:
    """Return how true the probabilities are on the scored rows."""
    whose = f"the probability of “{positive}”" if found["of"] == "positive" else "the probability of the predicted class"
    far = f"{whose} is off by {found['error']:.3f} on average over the ranges (expected calibration error)"
    if found["error"] <= 1.5 * found["by_chance"]:
        return f"On the scored rows {far}; true probabilities would be off by about {found['by_chance']:.3f} by chance, so no fault shows."
    return f"On the scored rows {far}; true probabilities would be off by about {found['by_chance']:.3f} by chance: read them with this in mind."
