"""Checks of what stands in texts and dates, and of data about persons."""

from collections.abc import Iterator
from typing import Any

from automl.eda.finding import Change
from automl.eda.look import Draft, Look
from automl.eda.personal import kind_of_column
from automl.vocabulary import Mode

NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}
MASKED = "masked in every report; the words stay for the models"
EMPTY = 0.05  # share of the texts
GAP = 10.0  # usual steps between two days
SHIFT = 0.1  # Cramér's V of period and class


def text(look: Look) -> Iterator[Draft]:
    """Describe columns of words, and say what is odd about them."""
    for found in (look.stats.get("text") or {}).get("columns", []):
        if "vocabulary" not in found:
            continue
        guess = (found.get("language") or {}).get("guess", "unknown")
        words = [f"{found['vocabulary']} different words, {found['words_mean']:.0f} in a text on average"]
        words += [f"the language looks like {NAMES.get(guess, guess)}"] if guess != "unknown" else []
        if found["of"] and found["empty"] > EMPTY * found["of"]:
            words.append(f"{found['empty'] / found['of']:.0%} are empty")
        if found.get("boilerplate"):
            words.append(f"{found['boilerplate'][0]['share']:.0%} share a line")
        yield Draft((found["column"],), "; ".join(words), "weights of words (TF-IDF), and lengths", "the same: no model takes text as it is",
                    evidence={"vocabulary": found["vocabulary"], "language": guess, "empty": found["empty"]})  # fmt: skip


def datetime(look: Look) -> Iterator[Draft]:
    """Describe dates, and say what is odd about them."""
    for found in (look.stats.get("dates") or {}).get("columns", []):
        if not found.get("rows"):
            continue
        yield Draft((found["column"],), "; ".join(_oddities(found)), "its parts, year to hour, are learned from", "the same: no model takes a date as it is",
                    evidence={k: found.get(k) for k in ("granularity", "future", "duplicates_share", "step_median", "gap_largest", "order")})  # fmt: skip


def _oddities(found: dict[str, Any]) -> list[str]:
    words = [f"{found['min']} to {found['max']}, to the {found['granularity']}"]
    if found.get("future"):
        words.append(f"{found['future']} lie in the future")
    if found.get("step_median") and found["gap_largest"] > GAP * found["step_median"]:
        words.append(f"the largest gap is {found['gap_largest'] / found['step_median']:.0f} times the usual step ({found['gap_from']} to {found['gap_to']})")
    if found.get("order") in ("ascending", "descending"):
        words.append(f"the rows stand in its {found['order']} order")
    if ((found.get("drift") or {}).get("v") or 0.0) > SHIFT:
        words.append("the shares of the classes move with it; consider `data.columns.time`")
    return words


def personal_data(look: Look) -> Iterator[Draft]:
    """Find columns of e-mail addresses, phone or card numbers and names; running text that holds some is masked and stays."""
    for name, field in look.fields.items():
        found = kind_of_column(name, look.column(name), field.kind)
        if found is None:
            continue
        what, whole, share = found
        if whole:
            yield Draft(
                (name,), f"holds {what} ({share:.0%} of the values looked at)", "left out, and masked in every report",
                "learned from, and masked in every report", change=Change(drop=(name,)), evidence={"kind": what, "share": share, "whole": True},
                measure=lambda look, name=name: look.without([name]), keeps_promise=True,
            )  # fmt: skip
        else:
            yield Draft((name,), f"{share:.0%} of the texts looked at hold {what}", MASKED, MASKED, own=Mode.WARN,
                        evidence={"kind": what, "share": share, "whole": False})  # fmt: skip
