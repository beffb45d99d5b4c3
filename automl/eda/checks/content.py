"""Checks of what stands in texts and dates, and of data about persons."""

from collections.abc import Iterator
from typing import Any

from automl.eda.finding import Change
from automl.eda.look import Draft, Look
from automl.eda.personal import kind_of_column
from automl.vocabulary import Mode

EMPTY, BOILERPLATE, GAP = 0.05, 0.2, 10.0


def text(look: Look) -> Iterator[Draft]:
    """Describe columns of words, and say what is odd about them."""
    for found in look.stats.get("text") or []:
        name = found["column"]
        if name not in look.fields or "skipped" in found:
            continue
        words = [f"{found['vocabulary']} different words", f"language {found['language']}" if found.get("language") != "unknown" else ""]
        if found.get("empty_share", 0.0) > EMPTY:
            words.append(f"{found['empty_share']:.0%} empty")
        if found.get("boilerplate_share", 0.0) > BOILERPLATE:
            words.append(f"{found['boilerplate_share']:.0%} share a line")
        yield Draft((name,), "; ".join(w for w in words if w), "weights of words (TF-IDF), and lengths", "the same: no model takes text as it is",
                    evidence={k: found.get(k) for k in ("vocabulary", "language", "empty_share", "boilerplate_share")})  # fmt: skip


def datetime(look: Look) -> Iterator[Draft]:
    """Describe dates, and say what is odd about them."""
    for found in look.stats.get("dates") or []:
        name = found["column"]
        if name not in look.fields or "skipped" in found:
            continue
        yield Draft((name,), "; ".join(_oddities(found)), "its parts, year to hour, are learned from", "the same: no model takes a date as it is",
                    evidence={k: found.get(k) for k in ("granularity", "future", "duplicates_share", "largest_gap_ratio", "sorted")})  # fmt: skip


def _oddities(found: dict[str, Any]) -> list[str]:
    words = [f"{found['min']} to {found['max']}, by the {found['granularity']}"]
    if found.get("future"):
        words.append(f"{found['future']} dates lie in the future")
    if found.get("largest_gap_ratio", 0.0) > GAP:
        words.append(f"the largest gap is {found['largest_gap_ratio']:.0f} times the usual step")
    if found.get("sorted"):
        words.append("the rows are in its order")
    if found.get("target_shift", 0.0) > 0.1:
        words.append("the shares of the classes move with it; consider data.columns.time")
    return words


def personal_data(look: Look) -> Iterator[Draft]:
    """Find columns of e-mail addresses, phone or card numbers and names; running text that holds some is masked and stays."""
    for name, field in look.fields.items():
        found = kind_of_column(name, look.train(name), field.kind)
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
            yield Draft((name,), f"{share:.0%} of the texts looked at hold {what}", "masked in every report; the words stay for the models", own=Mode.WARN,
                        evidence={"kind": what, "share": share, "whole": False})  # fmt: skip
