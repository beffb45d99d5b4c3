"""Runs the checks: what each found gets its mode, and a fix that the folds show to lose score is not done."""

import json
from dataclasses import replace

from automl.eda.checks import CHECKS
from automl.eda.finding import Effect, Finding, merged, shows_loss
from automl.eda.look import Draft, Look
from automl.spec.sections.checks import CheckException, Checks, mode_of, own_mode
from automl.vocabulary import Mode

GAIN = 0.02  # of the probe's score, that a fix with no other reason must bring; smaller ones did not hold on test rows (mammography)
LISTED = 200  # findings of one check that are listed one by one; nobody reads thousands


def find(look: Look, checks: Checks) -> tuple[Finding, ...]:
    """Return the findings of all checks that are not off: what stops a run first, then by the effect on the score."""
    found: list[Finding] = []
    for check, run in CHECKS.items():
        if getattr(checks, check) == "off" and not checks.except_:
            continue
        if look.clock.left() <= 0 and check in COSTLY:
            found += _not_looked_at(checks, check)
            continue
        with look.clock.share(check):
            found += _listed([f for d in run(look) if (f := _decided(look, checks, check, d)) is not None])
    order = list(Mode)
    return tuple(sorted(_agreed(found), key=lambda f: (order.index(f.mode), -abs(f.effect.change) if f.effect is not None else 0.0)))


def _agreed(found: list[Finding]) -> list[Finding]:
    """Return the findings without those that another one makes void: what goes is not recoded, what is a number has no levels,
    and a column cannot stand for others once it is gone itself.
    """
    changes = [f.change for f in found if f.change is not None]
    gone = {name for change in changes for name in change.drop}
    numbers = {name for change in changes for name in change.lenient}

    def void(f: Finding) -> bool:
        if f.check in OF_CATEGORIES and (gone | numbers) & set(f.columns):
            return True
        if f.change is None or not f.change.recipe:
            return False
        return f.evidence.get("kept", f.evidence.get("same_as", "")) in gone or set(f.change.recipe) <= gone

    return [f for f in found if not void(f)]


def _listed(found: list[Finding]) -> list[Finding]:
    """Return the findings of one check, those beyond the first two hundred as one of each mode: all of it is done."""
    out = found[:LISTED]
    for mode in Mode:
        rest = [f for f in found[LISTED:] if f.mode == mode]
        if rest:
            names = tuple(dict.fromkeys(name for f in rest for name in f.columns))
            change = merged([f.change for f in rest if f.change is not None])
            out.append(
                replace(
                    rest[0], columns=names, message=f"{len(rest)} more of this check, as above", evidence={"findings": len(rest)}, effect=None, change=change
                )
            )
    return out


def _decided(look: Look, checks: Checks, check: str, draft: Draft) -> Finding | None:
    """Return the finding with its mode and what is done, or None where the check is off."""
    draft, asked = _asked(checks, check, draft)
    mode = Mode(asked) if asked != "auto" else draft.own or Mode(own_mode(check))
    if mode == Mode.OFF:
        return None
    effect, measured = draft.effect, True
    if effect is None and draft.measure is not None and draft.change is not None:
        measured = look.clock.left() > 0
        effect = draft.measure(look) if measured else None
    action, change = (draft.fix, draft.change) if mode == Mode.FIX else (draft.leave, None)
    if mode == Mode.FIX and asked == "auto" and (why := _against(draft, effect)):
        mode, change, action = Mode.WARN, None, f"not done: {why}"
    if not measured:
        action += "; its effect was not measured, the time for the look at the data was out"
    column = draft.columns[0] if len(draft.columns) == 1 else ""
    exception = next((e for e in checks.except_ if e.check == check and e.column == column), None)
    reason = exception.reason if exception is not None else ""
    return Finding(check, draft.columns, mode, draft.message, action, _override(check, mode, exception), draft.evidence, effect, change, reason)


def _asked(checks: Checks, check: str, draft: Draft) -> tuple[Draft, str]:
    """Return what is asked of a finding, and the finding without the columns that an exception takes out of it."""
    if len(draft.columns) < 2:
        return draft, mode_of(checks, check, draft.columns[0] if draft.columns else "")
    own = {e.column for e in checks.except_ if e.check == check and e.mode in ("off", "warn")} & set(draft.columns)
    left = tuple(name for name in draft.columns if name not in own)
    if not left:
        return draft, "off"
    change = draft.change
    if own and change is not None:
        change = replace(change, drop=tuple(n for n in change.drop if n not in own), recipe={n: o for n, o in change.recipe.items() if n not in own})
    return replace(draft, columns=left, change=change), mode_of(checks, check)


def _against(draft: Draft, effect: Effect | None) -> str:
    """Return why a fix is better not done, or nothing."""
    if draft.keeps_promise:
        return ""
    if effect is None:
        return "its effect on the score is not known" if draft.needs_gain else ""
    if shows_loss(effect):
        return f"on the folds it loses {-effect.change:.4f} ({effect.low:+.4f} to {effect.high:+.4f})"
    if draft.needs_gain and (effect.low <= 0 or effect.change < GAIN):
        return f"the folds show no clear gain ({effect.change:+.4f}, {effect.low:+.4f} to {effect.high:+.4f})"
    return ""


def _override(check: str, mode: Mode, exception: CheckException | None) -> str:
    """Return the line that changes what was done: leave it, or act, or look away."""
    other = {Mode.FAIL: Mode.WARN, Mode.FIX: Mode.WARN, Mode.WARN: Mode.FIX if own_mode(check) == Mode.FIX or check in ACTS else Mode.OFF}[mode]
    if exception is not None:  # a mode by name would not reach this column
        return "checks: " + json.dumps({"except": [{**exception.model_dump(), "mode": str(other)}]}, ensure_ascii=False)
    return f"checks: {{{check}: {other}}}"


def _not_looked_at(checks: Checks, check: str) -> list[Finding]:
    """Return the finding that a check was left out for want of time; nothing where it is off anyway."""
    if mode_of(checks, check) == Mode.OFF:
        return []
    return [Finding(check, (), Mode.WARN, "not looked at: the time for the look at the data was out", "none", f"checks: {{{check}: off}}")]


COSTLY = ("label_noise", "drift", "split_overlap", "conflicting_labels", "duplicate_columns", "time_leak", "group_leak")
"""Checks that are left out when the time is out: what they take grows with the rows or the columns. Leaks are always looked for."""

OF_CATEGORIES = ("high_cardinality", "category_variants", "unseen_categories")

ACTS = ("target_leakage", "disguised_missing", "drift", "time_leak", "group_leak", "split_overlap")
"""Checks that do not act by themselves, and can."""
