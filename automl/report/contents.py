"""The order of a report, by task: the sections of the page, in the order of a reader's questions."""

from collections.abc import Collection

TITLES = {
    "verdict": "Verdict", "new-rows": "Can I trust it?", "detail": "How good, in detail", "uses": "Why", "alternatives": "Alternatives", "data": "Your data",
    "search": "What was searched", "use": "Use it", "reproduce": "Reproduce it", "card": "Model card", "now": "So far", "leaders": "Leaderboard",
    "compared": "Verdict", "beside": "Side by side", "scored": "On the rows that both scored", "asked": "What was asked differently",
    "found": "What was found in the data",
}  # fmt: skip
ORDER = {"classification": ("verdict", "new-rows", "detail", "uses", "alternatives", "data", "search", "use", "reproduce", "card")}
ORDER_WHILE_RUNNING = ("now", "leaders", "search", "data")


def contents(order: Collection[str], missing: Collection[str] = ()) -> list[dict[str, str]]:
    """Return the sections of a page, each `id` and `title`, without those that have nothing to say."""
    return [{"id": part, "title": TITLES[part]} for part in order if part not in missing]
