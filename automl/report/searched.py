"""What was searched, as the report shows it: how the time was spent, how the score rose, families, optimizers, and why trials failed."""

from collections.abc import Mapping, Sequence
from typing import Any

from automl.report.charts import WIDTH, Axis, chart, dot, line, linear, rect
from automl.report.devices import laid_out
from automl.report.words import plural, visible, words
from automl.spec.units import human_seconds

PALETTE = 8  # colours the style sheet defines for families
KINDS = ("", " open", " edge")  # further families have the colours again: hollow, then with an edge
LANE, BAR = 20, 16  # height of a worker's lane and of the bars in it
WIDE = 880
DRAWN = 600  # trials in a picture: the best and the latest; a run may have thousands
FAR = 4.0  # times the span of the better half, beyond which a score is drawn at the edge
UNFAILED = ("ok", "pruned", "cancelled")
CAUSE = 120
PHASES = {
    "search": "searching", "fitting the winner on all training rows": "fitting the winner", "quantizing and measuring": "quantizing and measuring",
    "explaining the model": "explaining", "writing the report": "writing the report",
}  # fmt: skip


def best_of(scores: Sequence[float | None], greater: bool) -> float | None:
    """Return the best of the scores that there are, None of none."""
    known = [score for score in scores if score is not None]
    return (max(known) if greater else min(known)) if known else None


def took(trial: Mapping[str, Any]) -> float:
    """Return the seconds of a trial; of one that trained beside others, its share of them."""
    return float((trial.get("batch") or trial)["seconds"])


def families(trials: Sequence[Mapping[str, Any]], greater: bool) -> list[dict[str, Any]]:
    """Return a row per family: trials, failures, seconds, the best score."""
    out = []
    for family in dict.fromkeys(t["family"] for t in trials):
        own = [t for t in trials if t["family"] == family]
        out.append({
            "family": family, "trials": len(own), "failed": sum(t["state"] not in UNFAILED for t in own), "seconds": sum(took(t) for t in own),
            "best": best_of([t["score"] for t in own if t["state"] == "ok"], greater), "device": own[0]["device"],
        })  # fmt: skip
    return out


def optimizers(trials: Sequence[Mapping[str, Any]], greater: bool) -> list[dict[str, Any]]:
    """Return the optimizers that networks were trained with: how often, the best score, the seconds to reach it."""
    out = []
    with_one = [t for t in trials if "optimizer" in t["params"]]
    for name in dict.fromkeys(t["params"]["optimizer"] for t in with_one):
        own = [t for t in with_one if t["params"]["optimizer"] == name]
        done = [t for t in own if t["state"] == "ok" and t["score"] is not None]
        best = (max if greater else min)(done, key=lambda t: t["score"]) if done else None
        out.append({
            "optimizer": name, "trials": len(own), "best": best["score"] if best else None,
            "seconds": took(best) if best else None, "rate": best["params"].get(f"optimizer.{name}.lr") if best else None,
        })  # fmt: skip
    return sorted(out, key=lambda o: (o["best"] is None, -(o["best"] or 0) if greater else (o["best"] or 0)))


def failures(trials: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the trials that failed by state and cause, the most frequent first; a cause without its numbers is one cause."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for t in trials:
        if t["state"] not in UNFAILED:
            found.setdefault((t["state"], visible(t["cause"] or "no cause was told", CAUSE)), []).append(t)
    rows = []
    for (state, cause), own in found.items():
        names = ", ".join(dict.fromkeys(words(t["family"]) for t in own))
        rows.append({"state": state, "cause": cause, "trials": len(own), "families": names, "seconds": sum(t["seconds"] for t in own)})
    return sorted(rows, key=lambda r: -r["trials"])


def colours(trials: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the look of each family, in the order they came: 24 that are told apart."""
    return {family: f"c{i % PALETTE}{KINDS[i // PALETTE % len(KINDS)]}" for i, family in enumerate(dict.fromkeys(t["family"] for t in trials))}


def drawn(trials: Sequence[Mapping[str, Any]], greater: bool) -> list[Mapping[str, Any]]:
    """Return the trials that a picture holds, in the order they began: half of them the best, half the latest, where there are very many."""
    ran = [t for t in trials if t["seconds"] > 0]
    if len(ran) > DRAWN:
        ranked = sorted(ran, key=lambda t: (t["score"] is None, (-1 if greater else 1) * (t["score"] or 0.0)))
        kept = {t["number"] for t in ranked[: DRAWN // 2]} | {t["number"] for t in sorted(ran, key=lambda t: t["started"])[-DRAWN // 2 :]}
        ran = [t for t in ran if t["number"] in kept]
    return sorted(ran, key=lambda t: t["started"])


def timeline(trials: Sequence[Mapping[str, Any]], used: float) -> dict[str, Any] | None:
    """Return the trials as bars over the seconds of the run, a lane per worker; None where none ran."""
    if not trials:
        return None
    looks, trials = colours(trials), laid_out(trials)
    ends: list[float] = []
    marks, rows = [], []
    x = Axis(0.0, max(used, max(t["started"] + t["seconds"] for t in trials)), WIDE)
    for trial in trials:
        lane = next((i for i, end in enumerate(ends) if end <= trial["started"] + 0.05), len(ends))
        if lane == len(ends):
            ends.append(0.0)
        end = ends[lane] = trial["started"] + trial["seconds"]
        left, failed = x.at(trial["started"]), trial["state"] not in UNFAILED
        tip = f"trial {trial['number']}, {words(trial['family'])}: {_outcome(trial)}, {human_seconds(trial['seconds'])}"
        marks.append(rect(left, LANE * lane + (LANE - BAR) / 2, max(1.5, x.at(end) - left), BAR, looks[trial["family"]] + (" failed" if failed else ""), tip))
        rows.append((str(trial["number"]), words(trial["family"]), trial["state"], f"{trial['started']:.1f}", f"{trial['seconds']:.1f}"))
    height = LANE * len(ends)
    legend = [(words(family), look) for family, look in looks.items()]
    return chart(
        "timeline", f"Timeline of {plural(len(trials), 'trial')} on {plural(len(ends), 'worker')} over {human_seconds(x.high)}", x, None, marks,
        ("trial", "family", "state", "began, s", "took, s"), rows, x_title="seconds since the start", legend=legend, look="wide", height=height,
        caption="One lane per worker; a pale box with a broken edge failed.",
    )  # fmt: skip


def _outcome(trial: Mapping[str, Any]) -> str:
    return f"{trial['score']:.4f}" if trial["state"] == "ok" and trial["score"] is not None else str(trial["state"])


def history(trials: Sequence[Mapping[str, Any]], metric: str, greater: bool, used: float) -> dict[str, Any] | None:
    """Return the score of each trial when it ended, and the best so far as a line; None where none is complete."""
    done = sorted((t for t in trials if t["state"] == "ok" and t["score"] is not None), key=lambda t: t["started"] + t["seconds"])
    if not done:
        return None
    x = Axis(0.0, max(used, done[-1]["started"] + done[-1]["seconds"]), WIDTH)
    low, high = within([t["score"] for t in done], greater)
    y = linear([low, high], 220, flipped=True)
    looks, best = colours(trials), None
    marks, rows, steps = [], [], []
    for t in done:
        ended, score = t["started"] + t["seconds"], t["score"]
        far = not low <= score <= high
        tip = f"trial {t['number']}, {words(t['family'])}: {score:.4f}, after {human_seconds(ended)}" + (", beyond the picture" if far else "")
        marks.append(dot(x.at(ended), y.at(score), looks[t["family"]] + (" far" if far else ""), tip))
        if best is None or (score > best if greater else score < best):
            if best is not None:
                steps.append((x.at(ended), y.at(best)))
            best = score
            steps.append((x.at(ended), y.at(best)))
            rows.append((f"{ended:.1f}", str(t["number"]), words(t["family"]), f"{score:.4f}"))
    steps.append((WIDTH, steps[-1][1]))
    legend = [("best so far", "ink"), *((words(f), look) for f, look in looks.items() if any(t["family"] == f for t in done))]
    return chart(
        "history", f"The best {metric} {'rose' if greater else 'fell'} in {plural(len(rows), 'step')} to {best:.4f}",
        x, y, [line(steps, "ink step"), *marks], ("seconds", "trial", "family", f"{metric}, the best so far"), rows, x_title="seconds since the start",
        legend=legend, caption=f"{metric[:1].upper() + metric[1:]} of each complete trial, over its folds. Pale dots at the edge lie beyond the picture.",
    )  # fmt: skip


def within(scores: Sequence[float], greater: bool) -> tuple[float, float]:
    """Return the span of scores to draw: all, or down to a few times the span of the better half where some are far off."""
    ranked = sorted(scores, reverse=greater)
    middle = ranked[len(ranked) // 2]
    reach = FAR * max(abs(ranked[0] - middle), 1e-3 * abs(ranked[0]), 1e-6)
    worst = max(ranked[-1], ranked[0] - reach) if greater else min(ranked[-1], ranked[0] + reach)
    return min(ranked[0], worst), max(ranked[0], worst)


def phases(events: Sequence[Mapping[str, Any]], used: float) -> list[dict[str, Any]]:
    """Return how the seconds of the last start were spent: name, seconds, share in percent, colour."""
    starts = [i for i, e in enumerate(events) if e.get("event") == "start"]
    told = [(float(e["seconds_used"]), str(e["phase"])) for e in events[starts[-1] if starts else 0 :] if e.get("event") == "phase" and "seconds_used" in e]
    if not told:
        return []
    first = float(events[starts[-1]]["seconds_used"]) if starts and len(starts) > 1 else 0.0
    marks = [(first, "reading and looking at the data"), *((at, PHASES.get(name, name)) for at, name in told)]
    ends = [at for at, _ in marks[1:]] + [max(used, told[-1][0])]
    whole = max(ends[-1] - first, 1e-9)
    return [
        {"name": name, "seconds": round(max(0.0, end - at), 3), "share": round(100 * max(0.0, end - at) / whole, 2), "look": f"c{i % PALETTE}"}
        for i, ((at, name), end) in enumerate(zip(marks, ends, strict=True))
    ]  # fmt: skip
