"""Columns of texts as a page shows them: frequent words and runs of words, the words that mark a class, the cloud."""

from collections.abc import Mapping
from typing import Any

from automl.report.eda_geometry import GREY
from automl.report.words import figure, percent, plural, visible

SHOWN = 12  # bars of one list
MARKS = 10  # words of a class
MOST_TEXTS = 20
OTHERS = 0.05  # share of the texts in another language, from which it is named
MOST_CLASSES = 6
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}
LISTS = (("1", "words"), ("2", "pairs of words"), ("3", "runs of three words"))


def text_part(profile: Mapping[str, Any], colours: Mapping[str, int]) -> dict[str, Any]:
    """Return what is shown of each text column."""
    part = profile.get("text") or {}
    texts = part.get("columns") or []
    if not texts:
        return {"note": f"The texts were not looked at: {part['skipped']}." if part.get("skipped") else "", "columns": []}
    return {"note": "", "columns": [_text(t, colours) for t in texts[:MOST_TEXTS]], "more": max(0, len(texts) - MOST_TEXTS)}


def _text(t: Mapping[str, Any], colours: Mapping[str, int]) -> dict[str, Any]:
    name = visible(t["column"], 60)
    if "skipped" in t or not t.get("texts"):
        return {"name": name, "note": f"{t.get('skipped', 'there is no text in it')}."}
    ngrams = t.get("ngrams") or {}
    cloud = t.get("cloud") or []
    telling = {"1": [[c["word"], c["rows"], c["rows"]] for c in cloud]}  # the cloud leaves out the words that only carry grammar
    lists = [{"title": title, "bars": bars} for length, title in LISTS if (bars := _bars(telling.get(length) or ngrams.get(length) or [], t["texts"]))]
    return {
        "name": name, "note": "", "facts": _facts(t), "sentence": _sentence(t), "lists": lists, "marks": _marks(t.get("by_class") or [], colours),
        "cloud": [{"word": visible(c["word"], 40), "x": c["x"], "y": c["y"], "size": c["size"], "width": _width(c)} for c in cloud],
        "boilerplate": [{"line": visible(b["line"], 80), "share": percent(b["share"])} for b in (t.get("boilerplate") or [])[:5]],
        "masked": bool(t.get("masked")),
    }  # fmt: skip


def _width(c: Mapping[str, Any]) -> float:
    """Return how wide a word of the cloud is drawn, at most as its box, whatever face the reader has."""
    letters = sum(0.34 if x in "fijlrtI.,'-" else 0.88 if x in "mwMW" else 0.6 for x in c["word"])
    return round(float(c["size"]) * min(letters, 0.56 * len(c["word"])), 1)


def _bars(items: list[list[Any]], texts: int) -> list[dict[str, Any]]:
    """Return bars of the texts that hold an item; items are [words, count, texts]."""
    ranked = sorted(items, key=lambda item: -item[2])[:SHOWN]
    top = max((item[2] for item in ranked), default=0)
    return [{"word": visible(word, 40), "share": percent(rows / texts), "width": round(100 * rows / top, 1)} for word, _, rows in ranked]


def _facts(t: Mapping[str, Any]) -> list[dict[str, str]]:
    language = t.get("language") or {}
    guess = str(language.get("guess", "unknown"))
    out = [
        ("texts", figure(t["texts"])), ("words each", f"{t['words_mean']:.0f}"), ("longest", f"{t['words_max']:,} words"),
        ("different words", figure(t["vocabulary"])), ("language", LANGUAGES.get(guess, guess) if guess != "unknown" else "not told"),
    ]  # fmt: skip
    if t.get("auc") is not None:
        out.append(("words alone reach", f"ROC AUC {t['auc']:.2f}"))
    return [{"label": label, "value": value} for label, value in out]


def _sentence(t: Mapping[str, Any]) -> str:
    words = []
    if t["texts"] < t["of"]:
        words.append(f"Counted in {t['texts']:,} of {t['of']:,} texts.")
    if t.get("empty"):
        words.append(f"{plural(t['empty'], 'text is', 'texts are')} empty.")
    if t.get("without_words"):
        words.append(f"{plural(t['without_words'], 'text holds', 'texts hold')} no word at all.")
    others = {
        k: n for k, n in ((t.get("language") or {}).get("texts") or {}).items() if n >= OTHERS * t["texts"] and k not in ("unknown", t["language"]["guess"])
    }
    if others:
        words.append("Judged one by one, some are " + ", ".join(f"{LANGUAGES.get(k, k)} ({n:,})" for k, n in list(others.items())[:3]) + ".")
    return " ".join(words)


def _marks(by_class: list[Mapping[str, Any]], colours: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the words that mark each class. Two classes stand back to back, as what marks one marks the other less."""
    found = [b for b in by_class if b["words"]][:MOST_CLASSES]
    if not found:
        return None
    top = max(float(b["words"][0][1]) for b in found)
    sides = [
        {
            "class": visible(b["class"], 40), "colour": colours.get(str(b["class"]), GREY),
            "words": [
                {"word": visible(word, 40), "z": f"{z:.1f}", "width": round(100 * z / top, 1), "inside": f"{inside:,}", "outside": f"{outside:,}"}
                for word, z, inside, outside in b["words"][:MARKS]
            ],
        }
        for b in found
    ]  # fmt: skip
    return {"sides": sides, "back_to_back": len(sides) == 2, "more": max(0, len([b for b in by_class if b["words"]]) - MOST_CLASSES)}
