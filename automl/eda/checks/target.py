"""Checks of the target: what tells it alone, classes that are rare or missing, rows whose class looks wrong."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from automl.eda.finding import Change, Effect
from automl.eda.look import Draft, Look
from automl.eda.probe import LEVELS, Piece, compare
from automl.vocabulary import Mode

TELLS_ALL = 0.98  # ROC AUC of one column alone
FALL = 0.05  # of the score without it, from which it is taken for a leak
LEAST_MINORITY, LEAST_ROWS = 0.10, 50
DOUBTFUL = 0.1  # share that the probe gives to a row's own class, below which the row is looked at
LEAST_DOUBTFUL = 0.012  # of the rows; sound tables of uncertain classes have up to one in a hundred
LISTED = 20


def target_leakage(look: Look) -> Iterator[Draft]:
    """Find columns that tell the target alone; a leak is one without which the score falls.

    Texts are left out: many words may tell a class rightly. Suspects that tell each other are judged together, as leaving
    one of two copies out changes nothing.
    """
    if not look.has_target:
        return
    alone = {n: max(_mean(look.probe.scores([n])), 0.5 + look.association.get(n, 0.0)) for n in look.told if look.fields[n].kind != "text"}
    suspects = [n for n, score in sorted(alone.items(), key=lambda item: -item[1]) if score >= TELLS_ALL]
    for name in suspects:
        together = [name, *(m for m in suspects if m != name and _tells(look, name, m))]
        effect = _without_all(look, together)
        fall = -effect.change if effect is not None else 0.0
        leak = fall > FALL
        words = f"tells the target alone (ROC AUC {alone[name]:.3f} out of fold)"
        if effect is not None:
            others = f" and the {len(together) - 1} column(s) that say the same" if len(together) > 1 else ""
            words += f"; without it{others} the score is {effect.after:.3f} in place of {effect.before:.3f}"
        advice = "is it known when a prediction is made? If not, leave it out" if leak else "stays: the others tell nearly as much"
        yield Draft((name,), words, "left out", advice, own=Mode.FAIL if leak else Mode.WARN, change=Change(drop=(name,)),
                    evidence={"roc_auc_alone": alone[name], "judged_with": together[1:]}, effect=effect, keeps_promise=True)  # fmt: skip


def _without_all(look: Look, names: list[str]) -> Effect | None:
    """Return the effect of leaving columns out; one with more levels than the probe has columns for counts by its class shares."""
    many = {n: Piece(look.column(n), "shares") for n in names if look.fields[n].kind == "category" and look.columns[n]["distinct"] > LEVELS}
    if not many:
        return look.without(names)
    rest = [n for n in look.told if n not in names]
    before = look.probe.scores([n for n in look.told if n not in many], many)
    return compare(before, look.probe.scores(rest), look.folds)


def _mean(scores: list[float]) -> float:
    known = [s for s in scores if s == s]
    return float(np.mean(known)) if known else 0.0


def _tells(look: Look, name: str, other: str) -> bool:
    """Return whether two suspects are nearly one: the same split of the sampled rows by their ten bins."""
    a, b = _bins(look, name), _bins(look, other)
    joint = np.zeros((int(a.max()) + 1, int(b.max()) + 1))
    np.add.at(joint, (a, b), 1)
    p = joint / joint.sum()
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mutual = np.nansum(p * np.log(p / np.outer(rows, columns)))
        entropy = min(-np.nansum(rows * np.log(rows)), -np.nansum(columns * np.log(columns)))
    return bool(mutual > 0.9 * entropy) if entropy > 0 else False


def _bins(look: Look, name: str) -> NDArray[np.int64]:
    column = look.column(name)
    if column.kind == "coded":
        return column.values.astype(np.int64) + 1
    known = np.isfinite(column.values)
    edges = np.unique(np.quantile(column.values[known], np.linspace(0, 1, 11)[1:-1])) if known.any() else np.zeros(0)
    return np.where(known, np.searchsorted(edges, np.where(known, column.values, 0.0), "left") + 1, 0).astype(np.int64)


def missing_target(look: Look) -> Iterator[Draft]:
    """Find rows without a target."""
    count = look.dataset.unlabelled
    if count:
        share = count / (count + len(look.dataset.y))
        yield Draft((look.dataset.target,), f"{count} rows ({share:.1%}) have no target", "left out", "left out all the same: nothing can be learned from them",
                    evidence={"rows": count, "share": share})  # fmt: skip


def imbalance(look: Look) -> Iterator[Draft]:
    """Find a rarest class below a tenth of the rows, or below fifty rows."""
    if not look.has_target:
        return
    counts = np.bincount(look.y, minlength=len(look.dataset.classes))
    rarest, total = int(counts.argmin()), int(counts.sum())
    share = counts[rarest] / total
    if share >= LEAST_MINORITY and counts[rarest] >= LEAST_ROWS:
        return
    if share >= 0.5 / len(counts) and share >= LEAST_MINORITY:
        return  # even classes in a small table
    name = look.dataset.classes[rarest]
    yield Draft((look.dataset.target,), f"class `{name[:60]}` has {counts[rarest]} of {total} rows ({share:.1%})",
                *(("none: a split by time takes the classes as they come",) * 2 if look.dataset.time is not None else ("every split is stratified",) * 2),
                evidence={"class": name[:60], "rows": int(counts[rarest]), "share": float(share)})  # fmt: skip


def rare_class(look: Look) -> Iterator[Draft]:
    """Find classes with fewer rows than two per fold."""
    if not look.has_target:
        return
    folds = len(look.split.folds)
    counts = np.bincount(look.y, minlength=len(look.dataset.classes))
    rare = [(look.dataset.classes[i], int(n)) for i, n in enumerate(counts) if n < 2 * folds]
    if not rare:
        return
    listed = ", ".join(f"`{name[:40]}` ({n})" for name, n in rare[:5])
    fewer = next((f"{folds} fold(s): {d.because}" for d in look.split.decisions if d.key == "validation.folds"), f"{folds} fold(s)")
    yield Draft((look.dataset.target,), f"{len(rare)} class(es) with fewer rows than two per fold: {listed}", fewer, "some folds may lack a class",
                evidence={"classes": [name[:60] for name, _ in rare[:20]], "folds": folds})  # fmt: skip


def _once(rows: NDArray[np.int64], shares: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return each scored row once, with the mean of its shares."""
    every, place, counts = np.unique(rows, return_inverse=True, return_counts=True)
    total = np.zeros((len(every), shares.shape[1]), np.float32)
    np.add.at(total, place, shares)
    return every, np.asarray(total / counts[:, None], np.float32)


def label_noise(look: Look) -> Iterator[Draft]:
    """Find rows whose class a model that did not see them gives next to nothing, while another class gets its usual share.

    This is confident learning (Northcutt, Jiang and Chuang 2021, section 3.1) with a stricter first condition: a row must
    give its own class less than a tenth. Rare but right rows look the same, so the number is an upper bound.
    """
    if not look.has_target or len(look.told) == 0:
        return
    rows, shares = _once(*look.probe.out_of_fold())
    own = look.probe.own[rows]
    rows, shares, own = rows[own >= 0], shares[own >= 0], own[own >= 0]
    if not len(rows):
        return
    usual = np.array([shares[own == i, i].mean() if (own == i).any() else 1.0 for i in range(shares.shape[1])])
    other = shares >= usual
    other[np.arange(len(own)), own] = False
    doubtful = (shares[np.arange(len(own)), own] < DOUBTFUL) & other.any(axis=1)
    share = float(doubtful.mean())
    if share < LEAST_DOUBTFUL:
        return
    worst = np.flatnonzero(doubtful)[np.argsort(shares[doubtful, own[doubtful]])[:LISTED]]
    numbers = look.dataset.row_numbers[look.split.train[look.sample[rows[worst]]]].tolist()
    shown = ", ".join(str(n) for n in numbers[:5])
    yield Draft((look.dataset.target,), f"{int(doubtful.sum())} of {len(own)} rows ({share:.1%}) look like another class to a model that did not see them; "
                f"look at the rows {shown}. Some of them may be rare and right", "none", own=Mode.WARN,
                evidence={"rows": numbers, "share_at_most": share, "looked_at": len(own)})  # fmt: skip
