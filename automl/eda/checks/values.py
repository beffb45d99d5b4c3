"""Checks of the values in a column: missing ones, disguised or mixed ones, variants, tails, and columns that go together."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from automl.eda.columns import LEAST_NAMED
from automl.eda.finding import Change, shows_loss
from automl.eda.look import Draft, Look
from automl.eda.probe import Piece
from automl.inference.table import Column, numbers_of, spelling
from automl.vocabulary import Mode

SENTINELS = (0.0, -1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0)
PLACEHOLDERS = frozenset({
    "?", "-", "--", "---", ".", "n/a", "na", "n.a.", "nil", "null", "none", "unknown", "unk", "missing", "not available", "not known", "not given",
    "undefined", "tbd", "no data", "#n/a", "k.a.", "unbekannt",
})  # fmt: skip
MOST_LEVELS = 20_000  # beyond, levels are no categories: their spelling and their words are not looked at one by one
LOOKED_AT = 200
FAR = 5.0  # standard deviations of the other values between them and a value that stands for a missing one
STEPS = 5.0  # of the other values' own steps between them and a zero that stands for a missing one
SPIKE = 5  # rows that a placeholder number must have, and values that the others must have
MOST_SPIKE = 0.5  # share of the rows, beyond which a number is the usual one
SKEW = 2.0
READS = 0.9  # share of the rows that must read as numbers for the words among them to be slips
TELLS = 0.6  # ROC AUC from which the place of the missing values tells the target


def missing_values(look: Look) -> Iterator[Draft]:
    """Find missing values, and whether their place tells the target."""
    for name, c in look.columns.items():
        missing = c["missing"] - c.get("infinite", 0)  # what is infinite has a check of its own
        if not missing or not c["distinct"]:
            continue
        tells, share = _place_tells(look, name), missing / max(1, len(look.split.train))
        message = f"{missing} values missing ({share:.1%})"
        if tells is not None and tells >= TELLS:
            message += f"; where they are missing tells the target (ROC AUC {tells:.2f})"
        forward = _forward_filled(look, name)
        if forward is not None:
            effect = look.replaced({name: forward}, line=True)
            if effect is None or not shows_loss(effect):
                yield Draft((name,), message, "the last value known before, in time, with an indicator; trees take numbers as they are",
                            "the median of the training rows, with an indicator", change=Change(recipe={name: {"impute": "forward"}}),
                            evidence={"missing": missing, "share": share, "roc_auc_of_place": tells}, effect=effect)  # fmt: skip
                continue
        yield Draft((name,), message, "numbers imputed inside folds with an indicator, categories given a column; trees take numbers as they are",
                    "the same: no model takes a missing value as it is",
                    evidence={"missing": missing, "share": share, "roc_auc_of_place": tells})  # fmt: skip


def _forward_filled(look: Look, name: str) -> Piece | None:
    """Return a number with each gap filled by the last value known before it in time; None where no time orders the rows."""
    if look.dataset.time is None or look.fields[name].kind != "number":
        return None
    values, order = look.train(name).values, np.argsort(look.dataset.time[look.split.train], kind="stable")
    known = np.where(np.isfinite(values[order]), np.arange(len(order)), -1)
    last = np.maximum.accumulate(known)
    filled = np.empty(len(values))
    filled[order] = np.where(last >= 0, values[order][last], np.nan)
    return Piece(Column("number", filled[look.sample]), "line")


def _place_tells(look: Look, name: str) -> float | None:
    """Return the ROC AUC of the indicator alone, one class against the rest, weighted by the share of the class."""
    if not look.has_target:
        return None
    gone = look.train(name).missing()
    n = np.bincount(look.y, minlength=len(look.dataset.classes)).astype(np.float64)
    inside = np.bincount(look.y, weights=gone, minlength=len(n))
    rest = (gone.sum() - inside) / np.maximum(len(gone) - n, 1)
    area = 0.5 + 0.5 * np.abs(inside / np.maximum(n, 1) - rest)
    return float((area * n).sum() / n.sum())


def disguised_missing(look: Look) -> Iterator[Draft]:
    """Find values that stand for a missing one: -999 far from all others, or a word such as unknown."""
    for name, field in look.fields.items():
        if field.kind == "text" or (look.columns[name]["distinct"] > MOST_LEVELS and field.kind == "category"):
            continue
        column = look.train(name)
        if column.kind == "coded":
            found, own = _placeholders(column), Mode.WARN
            words = ", ".join(f"`{t}`" for t in found)
        elif field.kind == "number":
            ends = {look.columns[name].get("min"), look.columns[name].get("max")}
            value, far = _sentinel(column.values) if ends & set(SENTINELS) else (None, False)
            found, own = ([] if value is None else [f"{value:g}"]), Mode.FIX if far else Mode.WARN
            words = f"{found[0]}, {'far from' if far else 'at the edge of'} the other values" if found else ""
        else:
            found, own = _epochs(column), Mode.WARN
            words = ", ".join(found)
        if not found:
            continue
        rows = int(_is_one_of(column, found).sum())
        yield Draft(
            (name,), f"{rows} rows hold {words}", "read as missing", "read as it stands", own=own, change=Change(absent={name: tuple(found)}),
            evidence={"values": found, "rows": rows}, measure=lambda look, name=name, found=found: look.replaced({name: _emptied(look, name, found)}),
        )  # fmt: skip


def _placeholders(column: Column) -> list[str]:
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    found = [t for t, n in zip(column.levels, counts, strict=True) if n and t.strip().casefold() in PLACEHOLDERS]
    return found if 0 < len(found) < int((counts > 0).sum()) else []


def _sentinel(values: NDArray[np.float64]) -> tuple[float | None, bool]:
    """Return a number that stands for a missing one, if there is one at either end, and whether it lies far from the others."""
    known = values[np.isfinite(values)]
    for value in SENTINELS:
        here = known == value
        count = int(here.sum())
        others = known[~here]
        if count < SPIKE or len(np.unique(others)) < SPIKE or count > MOST_SPIKE * len(known) or not (value < others.min() or value > others.max()):
            continue
        gap = float(min(abs(others.min() - value), abs(value - others.max())))
        spread = float(others.std())
        if gap > FAR * spread and gap > 0 and abs(value) >= 9:  # zero and minus one are values too often to be taken for none unasked
            return value, True
        if (abs(value) >= 99 or value == -1) and gap > spread:
            return value, False
        if value == 0 and gap > spread and gap >= STEPS * float(np.diff(np.unique(others)).min(initial=gap)):
            return value, False  # no body weighs nothing; but counts begin at zero
    return None, False


def _epochs(column: Column) -> list[str]:
    """Return days that stand for a missing date: the first of an era in more than a hundredth of the rows, and not among others."""
    found = []
    for text in ("1900-01-01", "1970-01-01", "9999-12-31"):
        day = float(np.datetime64(text, "s").astype(np.int64))
        share = float(np.mean(column.values == day))
        others = column.values[np.isfinite(column.values) & (column.values != day)]
        if share > 0.01 and len(others) and (day < others.min() - 86400 or day > others.max() + 86400):
            found.append(text)
    return found


def _is_one_of(column: Column, found: list[str]) -> NDArray[np.bool_]:
    if column.kind == "coded":
        return np.asarray(np.isin(column.values, [i for i, t in enumerate(column.levels) if t in set(found)]))
    if column.kind == "date":
        return np.asarray(np.isin(column.values, [np.datetime64(t, "s").astype(np.int64) for t in found]))
    return np.asarray(np.isin(column.values, [float(t) for t in found]))


def _emptied(look: Look, name: str, found: list[str]) -> Piece:
    piece = look.piece(name)
    hit = _is_one_of(piece.column, found)
    empty = np.where(hit, -1, piece.column.values).astype(np.int32) if piece.column.kind == "coded" else np.where(hit, np.nan, piece.column.values)
    return Piece(Column(piece.column.kind, empty, piece.column.levels), piece.kind)


def infinite(look: Look) -> Iterator[Draft]:
    """Find infinite numbers."""
    for name, field in look.fields.items():
        count = look.columns[name].get("infinite", 0) if field.kind == "number" else 0
        if count:
            yield Draft(
                (name,), f"{count} values are infinite", "read as missing", "read as missing all the same: no model takes them", evidence={"rows": count}
            )


def mixed_types(look: Look) -> Iterator[Draft]:
    """Find numbers that were taken for categories because a few words stand among them."""
    for name, field in look.fields.items():
        if field.kind != "category" or not mostly_numbers(look, name):
            continue
        column = look.train(name)
        counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
        words = ~np.isfinite(numbers_of(column.levels, field.decimal)) & (counts > 0)
        rows = int(counts[words].sum())
        yield Draft(
            (name,), f"numbers, but {rows} rows hold {int(words.sum())} other text(s)", "read as numbers, the words as missing", "read as categories",
            change=Change(lenient=(name,)), evidence={"rows": rows, "texts": int(words.sum())},
            measure=lambda look, name=name: look.replaced({name: _as_numbers(look, name)}),
        )  # fmt: skip


def mostly_numbers(look: Look, name: str) -> bool:
    """Return whether a column of texts is numbers with a few words among them."""
    field, whole = look.fields[name], look.dataset.table.columns[name]
    if field.numeric_levels or whole.kind != "coded" or len(whole.levels) < 5:
        return False
    if np.isfinite(numbers_of(whole.levels[:LOOKED_AT], field.decimal)).mean() < 0.5:
        return False  # most of the first texts are no numbers, so words are no slips among them
    column = look.train(name)
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    numbers = np.isfinite(numbers_of(column.levels, field.decimal))
    reads, words = numbers & (counts > 0), ~numbers & (counts > 0)
    return bool(words.any() and counts[reads].sum() >= READS * counts.sum() and reads.sum() >= 5 and words.sum() <= 0.5 * reads.sum())


def _as_numbers(look: Look, name: str) -> Piece:
    column = look.column(name)
    by_level = np.append(numbers_of(column.levels, look.fields[name].decimal), np.nan)
    return Piece(Column("number", by_level[column.values]), "number")


def category_variants(look: Look) -> Iterator[Draft]:
    """Find levels that are equal but for case, spaces or accents; among classes too, which only the user can merge."""
    if look.has_target:
        yield from _class_variants(look)
    for name, field in look.fields.items():
        if field.kind != "category" or field.numeric_levels or look.columns[name]["distinct"] > MOST_LEVELS:
            continue
        aliases = variants(look.train(name))
        if not aliases:
            continue
        yield Draft(
            (name,), f"levels spelled in more than one way: {len(aliases)}", "merged into the most frequent spelling",
            change=Change(aliases={name: aliases}), evidence={"levels": len(aliases)},
            measure=lambda look, name=name, aliases=aliases: look.replaced({name: _merged(look, name, aliases)}),
        )  # fmt: skip


def _class_variants(look: Look) -> Iterator[Draft]:
    spellings: dict[str, list[str]] = defaultdict(list)
    for label in look.dataset.classes:
        number = numbers_of([label])[0]
        spellings[spelling(label) if np.isnan(number) else str(float(number))].append(label)
    same = [members for members in spellings.values() if len(members) > 1]
    if same:
        listed = "; ".join(", ".join(repr(label[:40]) for label in members[:4]) for members in same[:3])
        yield Draft((look.dataset.target,), f"classes that spell one another: {listed}", "none: which class is right is for you to say", own=Mode.WARN,
                    evidence={"groups": len(same)})  # fmt: skip


def variants(column: Column) -> dict[str, str]:
    """Return, for what levels of several spellings have in common, the most frequent of them.

    The pairs become part of the artifact: no spelling stands there that fewer than five rows have.
    """
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    spellings: dict[str, list[int]] = defaultdict(list)
    for i, level in enumerate(column.levels):
        if counts[i]:
            spellings[spelling(level)].append(i)
    out: dict[str, str] = {}
    for common, members in spellings.items():
        best = max(members, key=lambda i: (counts[i], column.levels[i]))
        if len(members) > 1 and counts[best] >= LEAST_NAMED:
            out[common] = column.levels[best]
    return out


def _merged(look: Look, name: str, aliases: dict[str, str]) -> Piece:
    column = look.column(name)
    place = {level: i for i, level in enumerate(column.levels)}
    mapping = np.array([place.get(aliases.get(spelling(level), level), i) for i, level in enumerate(column.levels)] + [-1], np.int32)
    return Piece(Column("coded", mapping[column.values], column.levels), "category")


def skew_outliers(look: Look) -> Iterator[Draft]:
    """Find numbers with long tails; their ranks may serve linear models and networks better."""
    names = []
    for name, field in look.fields.items():
        c = look.columns[name]
        if field.kind == "number" and c["distinct"] > 10 and abs(c.get("skewness") or 0.0) > SKEW:
            names.append(name)
    far = ((look.stats.get("outliers") or {}).get("lof") or {}).get("share")
    for name in names:
        skew = look.columns[name]["skewness"]
        yield Draft(
            (name,), f"a long tail (skewness {skew:.1f})", "ranks in place of values, for linear models and networks; trees see the values",
            "clipped at eight scales for linear models and networks", change=Change(recipe={name: {"outliers": "rank"}}),
            evidence={"skew": skew, "rows_far_from_all_others": far},
            measure=lambda look, name=name: look.replaced({name: _ranked(look, name)}, line=True), needs_gain=True,
        )  # fmt: skip


def _ranked(look: Look, name: str) -> Piece:
    """Return a number by its rank among the sampled rows: inputs only, and monotone, so nothing of the target is seen."""
    values = look.column(name).values
    known = np.isfinite(values)
    out = np.full(len(values), np.nan)
    order = np.sort(values[known])
    out[known] = (np.searchsorted(order, values[known], "left") + np.searchsorted(order, values[known], "right")) / (2 * max(1, len(order)))
    return Piece(Column("number", out), "line")


def correlated_groups(look: Look) -> Iterator[Draft]:
    """Find groups of numbers that rise and fall together."""
    relations = look.stats.get("relations") or {}
    for group in (g["columns"] for g in relations.get("groups", [])):
        kept = max(group, key=lambda n: (look.association.get(n, 0.0), -look.columns[n]["missing"]))
        rest = tuple(n for n in group if n != kept)
        if not rest:
            continue
        yield Draft(
            tuple(group), f"{len(group)} columns go together (rank correlation beyond 0.9)",
            f"linear models and networks see `{kept}` alone; trees see all", "all stay for every model",
            change=Change(recipe={n: {"linear": False} for n in rest}), evidence={"kept": kept},
            measure=lambda look, rest=rest: look.without_lines(rest), needs_gain=True,
        )  # fmt: skip
