"""Several runs side by side: what is told of each, as rows for a terminal and as the view of a page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from automl.report.contents import contents
from automl.report.words import signed, visible, words
from automl.spec.units import human_bytes, human_seconds
from automl.versions import engine_version

Run = Mapping[str, Any]
ORDER = ("compared", "beside", "scored", "asked", "found")
SCORED_ON = {"holdout": "rows kept apart", "out_of_fold": "rows out of fold", "training": "training rows"}
VERDICTS = {"better": "better", "worse": "worse", "none": "no difference that can be shown", "same": "the same answers", "undefined": "cannot be scored"}
CELL = 300  # characters


def told(runs: Sequence[Run]) -> list[tuple[str, Callable[[Run], str]]]:
    """Return what is told of each run: a label, and how it is told; `teller` keeps it from failing on what a run does not know."""
    metric = runs[0]["metric"] if len({run["metric"] for run in runs}) == 1 else ""
    return [
        (metric or "score", lambda r: f"{r['score']:.4f}" + ("" if metric else f" {r['metric']}")),
        ("  95 % interval", lambda r: "{:.4f} to {:.4f}".format(*r["interval"])),
        ("  scored on", lambda r: f"{r['n_scored']:,} {SCORED_ON[r['score_rows']]}"),
        ("winner", lambda r: r["family"] + (f" of {len(r['members'])}" if len(r["members"]) > 1 else "")),
        ("  trial", lambda r: "none" if r["trial"] is None else str(r["trial"])),
        ("decides by", lambda r: _rule(r["decision"])),
        ("artifact", lambda r: f"{r['precision']}, {human_bytes(r['size_bytes'])}"),
        ("rows per second", lambda r: f"{r['rows_per_second']:,.0f}"),
        ("one row", lambda r: f"{r['row_p50_ms']:.2f} ms (p95 {r['row_p95_ms']:.2f})"),
        ("trials", lambda r: ", ".join(f"{n:,} {what}" for what, n in r["trials"].items() if n or what == "complete")),
        ("time", lambda r: f"{human_seconds(r['budget']['used_seconds'])} of {_budget(r['budget']['asked_seconds'])}"),
        ("seed", lambda r: str(r["seed"])),
        ("finished, UTC", lambda r: r["finished"].removesuffix(" UTC")),
    ]  # fmt: skip


def teller(tell: Callable[[Run], str], run: Run) -> str:
    """Return a fact, a dash where the run does not know it: an older one, or one without a model."""
    try:
        return tell(run)
    except (TypeError, KeyError):
        return "–"


def _rule(rule: Mapping[str, Any]) -> str:
    """Return how classes are decided from probabilities, in words."""
    if rule["kind"] == "threshold":
        return f"a threshold of {rule['threshold']:.3g}"
    return {"argmax": "the most probable", "weights": "weighted classes", "costs": "the least cost"}.get(str(rule["kind"]), str(rule["kind"]))


def _budget(seconds: float | None) -> str:
    return "no limit" if seconds is None else human_seconds(seconds)


def comparison_view(facts: Mapping[str, Any], links: Mapping[str, str]) -> dict[str, Any]:
    """Return the page of a comparison as JSON values; `facts` as `automl compare --json` has them, `links` from a run's letter to its report."""
    runs = facts["runs"]
    rows = [{"label": label.strip(), "cells": [visible(teller(tell, run), CELL) for run in runs]} for label, tell in told(runs)]
    rows.append({"label": "model", "cells": [visible(_made(run), CELL) for run in runs]})
    view = {
        "schema_version": 1, "state": "compared", "theme": "auto", "title": f"{runs[0]['letter']} beside {', '.join(run['letter'] for run in runs[1:])}",
        "runs": [{"letter": r["letter"], "name": visible(r["name"]), "path": visible(r["path"], CELL), "link": links.get(r["letter"], "")} for r in runs],
        "rows": rows, "strips": _strips(runs), "tests": [_test(t) for t in facts["tests"]], "notes": [visible(n, CELL) for n in facts["notes"]],
        "refused": [{**r, "why": visible(r["why"].splitlines()[0], CELL), "fix": visible(r["fix"], CELL)} for r in facts["refused"]],
        "pairs": [_pair(p, [t for t in facts["tests"] if t["run"] == p["run"]]) for p in facts["pairs"]],
        "spec": [{"key": d["key"], "cells": [visible(f"{v['value']} ({v['from']})", CELL) if v else "–" for v in d["values"]]} for d in facts["spec"]],
        "findings": [
            {"key": f"{d['check']} {visible(d['column'])}".strip(), "cells": [visible(v) if v else "–" for v in d["done"]]} for d in facts["findings"]
        ],
        "made_with": {"automl": engine_version()},
    }  # fmt: skip
    empty = [part for part, key in (("scored", "pairs"), ("asked", "spec"), ("found", "findings")) if not view[key]]
    return {**view, "sections": contents(ORDER, empty)}


def _made(run: Run) -> str:
    if len(run["members"]) > 1:
        return ", ".join(f"{words(m['family'])} {m['weight']:.0%}" for m in run["members"])
    return ", ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in run["params"].items()) or "the defaults"


def _strips(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return scores with their intervals as places in percent of one line; empty where the metrics differ or a score is missing."""
    ends = [v for r in runs for v in (r["score"], *r["interval"])]
    if len({r["metric"] for r in runs}) > 1 or any(v is None for v in ends):
        return []
    low, high = min(ends), max(ends)
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return float(round(3 + 94 * (value - low) / width, 2))

    return [
        {"letter": r["letter"], "left": place(r["interval"][0]), "width": round(place(r["interval"][1]) - place(r["interval"][0]), 2), "dot": place(r["score"]),
         "words": f"{r['score']:.4f} ({r['interval'][0]:.4f} to {r['interval'][1]:.4f})"}
        for r in runs
    ]  # fmt: skip


def _test(t: Mapping[str, Any]) -> dict[str, Any]:
    known = t["better_by"] is not None and t["low"] is not None and t["high"] is not None
    return {
        "words": visible(t["words"], CELL), "run": t["run"], "against": t["against"], "metric": words(t["metric"]),
        "verdict": VERDICTS.get(t["verdict"], t["verdict"]),
        "tone": {"better": "green", "worse": "red"}.get(t["verdict"], "amber"), "better_by": signed(t["better_by"], 4) if known else "–",
        "interval": f"{signed(t['low'], 4)} to {signed(t['high'], 4)}" if known else "–", "p": "–" if t["p_corrected"] is None else f"{t['p_corrected']:.3f}",
        "rows": t["rows"],
    }  # fmt: skip


def _pair(pair: Mapping[str, Any], tests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return two runs on the rows that both scored."""
    first, second = pair["beside"]["against"], pair["beside"]["run"]
    rows = [(words(t["metric"]), t["score_against"], t["score"]) for t in tests]
    named = {"log_loss": "log_loss", "brier_score": "brier_score", "calibration error": "calibration_error", "share right": "share_right"}
    rows += [(words(label), first[key], second[key]) for label, key in named.items() if label not in {t["metric"] for t in tests}]
    groups = f" in {pair['units']:,} groups" if pair["units"] is not None else ""
    return {
        "against": pair["against"], "run": pair["run"], "rows": f"{pair['rows']:,} rows{groups}",
        "scores": [{"label": label, "cells": ["–" if v is None else f"{v:.4f}" for v in (a, b)]} for label, a, b in rows],
        "words": f"Decided alike: {pair['agree']:,} rows. Both right: {pair['both_right']:,}; only {pair['against']}: {pair['only_against_right']:,}; "
        f"only {pair['run']}: {pair['only_run_right']:,}; neither: {pair['none_right']:,}.",
    }  # fmt: skip
