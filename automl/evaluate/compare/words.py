"""What a comparison of runs says in sentences: the verdict of a test, and what a reader must know to trust it."""

from typing import Any

ROUGH_UNITS = 10  # below, an interval over units is a guess


def number(value: float, like: float) -> str:
    """Return a number with two digits that matter of `like`, and no fewer than three after the point."""
    digits = 3
    while digits < 6 and abs(like) < 10 ** (1 - digits):
        digits += 1
    return f"{value:.{digits}f}".replace("-", "−")


def sentence(test: dict[str, Any], n_tests: int) -> str:
    """Return the verdict of one test in words."""
    run, against, verdict, gain = test["run"], test["against"], test["verdict"], test["better_by"]
    metric = test["metric"] + (f" (as {test['asked_by'][0]} has it)" if test["metric"] == "cost" and len(test["asked_by"]) == 1 else "")
    rows = f"{test['rows']:,} rows" + (f" ({test['units']:,} groups)" if test["units"] is not None else "")
    if verdict == "same":
        return f"{run} and {against} give the same answers on all {rows}: no difference in {metric}"
    if verdict == "undefined":
        return f"{metric} is not defined on these {rows}, or too rarely: no test of {run} against {against}"
    like = (test["high"] - test["low"]) / 2
    if verdict in ("better", "worse"):
        least, most = sorted((abs(test["low"]), abs(test["high"])))
        return f"run {run} is {verdict} than {against} by {number(abs(gain), like)} in {metric} ({number(least, like)} to {number(most, like)}), on {rows}"
    if test["low"] > 0 or test["high"] < 0:
        return (
            f"no difference between {run} and {against} in {metric} that holds among {n_tests} tests: "
            f"alone it would (p {test['p']:.3f}), corrected for their number it does not (p {test['p_corrected']:.3f})"
        )
    unseen = f"; a difference below {number(test['smallest_seen'], test['smallest_seen'])} could well go unseen" if test["smallest_seen"] else ""
    span = f"{run} is between {number(-test['low'], like)} worse and {number(test['high'], like)} better"
    return f"no difference between {run} and {against} in {metric} that these {rows} can show: {span}{unseen}"


def notes_of(facts: dict[str, Any]) -> list[str]:
    """Return what a reader must know before the verdicts are believed."""
    runs = {run["letter"]: run for run in facts["runs"]}
    notes = []
    inside = [letter for letter, run in runs.items() if run["score_rows"] == "out_of_fold"]
    if inside and facts["tests"]:
        whose = "of all runs" if len(inside) == len(runs) else f"of {_and(inside)}"
        notes.append(f"the scores {whose} are out of fold: the rows also chose the winner, so they look a little better than they are")
    for pair in facts["pairs"]:
        a, b = runs[pair["against"]], runs[pair["run"]]
        both = f"{a['letter']} and {b['letter']}"
        fewest = min(pair["beside"][side]["rows_scored"] for side in ("against", "run"))
        if pair["same_folder"]:
            notes.append(f"{both} are the same run")
        if pair["rows"] < fewest / 2:
            notes.append(f"{both} share only {pair['rows']:,} of their scored rows; with the same `seed` and `validation` they would share all")
        if a["data"]["sha256"] != b["data"]["sha256"]:
            notes.append(f"{both} read different files; their rows were matched by number, as --same-rows says, and have the same targets")
        if pair["units"] is not None and pair["units"] < ROUGH_UNITS:
            notes.append(f"the rows of {both} fall into {pair['units']} groups only: the interval is a rough guess")
        if a["positive_class"] != b["positive_class"]:
            notes.append(
                f"the positive class is {a['positive_class']} in {a['letter']} and {b['positive_class']} in {b['letter']}; {pair['positive_class']} counts here"
            )
        for letter, extra in ((a["letter"], pair["only_in_against"]), (b["letter"], pair["only_in_run"])):
            if extra:
                notes.append(f"only {letter} knows the class {', '.join(extra)}; the other gives it a probability of 0")
    for pair in (t for t in facts["tests"] if t["rows_resampled"] < t["rows"]):
        notes.append(
            f"the interval of {pair['run']} in {pair['metric']} was found on {pair['rows_resampled']:,} of {pair['rows']:,} rows "
            f"({pair['replicates']} resamples) and narrowed to all of them; the scores are of all"
        )
    for run in runs.values():
        if run["by_user"] or run["ended"] != "complete":
            notes.append(f"{run['letter']} was ended before its time: {run['by_user'] or run['ended']}")
    if len({(run["hardware"].get("processor"), run["hardware"].get("cores")) for run in runs.values()}) > 1:
        notes.append("the runs were made on different machines: seconds and rows per second do not compare")
    return list(dict.fromkeys(notes))


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
