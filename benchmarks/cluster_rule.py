"""Learns the rule that picks a partition, and says how it does on kinds of tables it was not learned on. Writes nothing unless told.

    python benchmarks/cluster_rule.py [--seeds 0 1 2 3 4 5] [--cache DIR] [--write]

The tables are those of cluster_tables.py; seeds from 1000 up are kept for benchmarks/clustering.py. Labels of candidates are kept in
the cache folder; their evidence is worked out anew.
"""

import argparse
import json
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from cluster_tables import GROUPS, KINDS, table

from automl.search.clusters.agreement import adjusted_rand
from automl.search.clusters.evidence import SCORES, candidates_of, features, scores_of
from automl.search.clusters.ladder import ladder, most_clusters
from automl.search.clusters.rule import WEIGHTS, Rule, learn
from automl.search.clusters.views import View
from automl.search.fits import Fit, Inline

VARIED = ("moons", "crescents", "measures", "bridged", "worlds", "uneven_worlds", "noisy_worlds")


def tried(kind: str, seed: int, cache: Path | None) -> dict[str, Any]:
    """Return the steps of the ladder on a table, the labels of each and their scores, None for one group; kept in the cache."""
    path = cache / f"{kind}_{seed}.pkl" if cache else None
    out = pickle.loads(path.read_bytes()) if path and path.exists() else {}
    if "alone" in out and all(v is None or set(v) == set(SCORES) for v in out["scores"]):
        return out
    x, _ = table(kind, seed)
    view = View.of(x)
    if "labels" not in out:
        pool = Inline("clustering")
        for name, matrix in view.matrices().items():
            pool.put(name, matrix)
        steps = ladder(len(x), x.shape[1], 2, most_clusters(len(x)))
        for step in steps:
            pool.submit(Fit(step.family, step.params, 0, step.data))
        ended = [(step, pool.results(0)[0]) for step in steps]
        out = {"steps": [s for s, f in ended if f.output is not None], "labels": [f.output.astype(np.int16) for _, f in ended if f.output is not None]}
    scores: dict[bytes, dict[str, float]] = {}
    for labels in out["labels"]:
        if labels.max() > 0 and labels.tobytes() not in scores:
            scores[labels.tobytes()] = scores_of(view.geometry, labels.astype(np.int64))
    out |= {"scores": [scores.get(labels.tobytes()) for labels in out["labels"]], "alone": view.alone, "columns": view.columns}
    if path:
        path.write_bytes(pickle.dumps(out))
    return out


def known(kind: str, seed: int, cache: Path | None) -> dict[str, Any]:
    """Return what is known of the candidates of a table, how near each is to the truth, and the best of all."""
    truth, found = table(kind, seed)[1], tried(kind, seed, cache)
    measured = [(s, own.astype(np.int64), v, 0.0) for s, own, v in zip(found["steps"], found["labels"], found["scores"], strict=True) if v is not None]
    candidates = candidates_of(measured)
    of = features(candidates, found["alone"], found["columns"])
    scored = truth >= 0
    near = np.array([adjusted_rand(truth[scored], c.labels[scored]) for c in of.candidates])
    best = max(adjusted_rand(truth[scored], c.labels[scored]) for c in candidates)
    return {"kind": kind, "known": of.values, "agreement": of.agreement, "near": near, "best": best, "names": of.names}


def picked(rule: Rule, entry: dict[str, Any]) -> float:
    return float(entry["near"][rule.expected(entry["known"], entry["agreement"]).argmax()])


def left_out(entries: list[dict[str, Any]], parts: dict[str, tuple[str, ...]], word: str) -> None:
    """Print how the rule does on each part of the kinds when it was learned on the others."""
    got: dict[int, float] = {}
    for kinds in parts.values():
        rule = learn([(e["known"], e["near"]) for e in entries if e["kind"] not in kinds], entries[0]["names"])
        got |= {i: picked(rule, e) for i, e in enumerate(entries) if e["kind"] in kinds}
    best, mean = np.mean([e["best"] for e in entries]), np.mean(list(got.values()))
    print(
        f"leaving out one {word}: mean {mean:.3f}, of the best {mean / best:.3f}, least {min(got.values()):.3f}, below 0.6 {sum(v < 0.6 for v in got.values())}"
    )
    for name, kinds in parts.items():
        inside = [i for i in got if entries[i]["kind"] in kinds]
        print(f"  {name:18s} {np.mean([got[i] for i in inside]):.3f} of {np.mean([entries[i]['best'] for i in inside]):.3f}")


def main() -> None:
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4, 5])
    parser.add_argument("--more", type=int, nargs="*", default=[], help="further seeds of the kinds that differ most from table to table")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--write", action="store_true", help="the weights that the engine ships with")
    options = parser.parse_args()
    if options.cache:
        options.cache.mkdir(parents=True, exist_ok=True)
    wanted = [(kind, seed) for seed in options.seeds for kind in KINDS] + [(kind, seed) for seed in options.more for kind in VARIED]
    entries = [known(kind, seed, options.cache) for kind, seed in wanted]
    left_out(entries, {kind: (kind,) for kind in KINDS}, "kind")
    left_out(entries, GROUPS, "group of kinds")
    if options.write:
        rule = learn([(e["known"], e["near"]) for e in entries], entries[0]["names"])
        WEIGHTS.write_text(json.dumps(rule.record()) + "\n")


if __name__ == "__main__":
    main()
